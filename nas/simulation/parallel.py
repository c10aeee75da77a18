"""Work distributed over processes.

Processes are spawned, not forked: a fork copies the state of locks held by threads of torch and of the progress bar,
and CUDA does not support it. The work must therefore be picklable, and a script that compares with several processes
needs `if __name__ == "__main__":`. A process that dies is an error; `multiprocessing.Pool` would wait for its result
forever.
"""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import ForkingPickler
from typing import TypeVar, cast

from nas.errors import StorageError, UsageError
from nas.interrupt import Stopped, stop_if_asked, stoppable

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 0.2
"""Seconds between two checks for signals while waiting for other processes."""


GRACE = 5.0
"""Seconds that a process has to end in good order."""


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with the result of `work`, in the order of completion; with one job, in this process and in order.

    The processes end with the iterator, whether it is exhausted, closed or fails.

    Raises:
        UsageError: the work cannot be pickled.
        StorageError: a process died, for instance for lack of memory.
        Exception: raised by `work`.
    """
    items = list(items)
    if jobs <= 1 or len(items) <= 1:
        for item in items:
            yield item, work(item)
        return
    try:
        ForkingPickler.dumps(work)
    except Exception as error:
        raise UsageError(
            f"this cannot be sent to another process: {error}; define it in a module, or use one job"
        ) from error
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        busy: dict[Connection, Item] = {}
        waiting = iter(items)
        for _ in range(min(jobs, len(items))):
            ours, theirs = context.Pipe()
            stack.callback(ours.close)
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _interrupts_kept_from_children():
                process.start()
            theirs.close()  # else the end of the process is not the end of the file
            stack.callback(_end, process)
            busy[ours] = next(waiting)
            _send(ours, busy[ours])
        while busy:
            stop_if_asked()
            for ready in wait(list(busy), timeout=PATIENCE):
                connection = cast(Connection, ready)
                item = busy.pop(connection)
                try:
                    result, failure = connection.recv()
                except (EOFError, ConnectionError) as gone:
                    stop_if_asked()  # the signal that ended it may be for this process too
                    raise StorageError("a process of the comparison died before its runs were finished") from gone
                if failure is not None:
                    raise failure
                following = next(waiting, None)
                if following is not None:
                    busy[connection] = following
                    _send(connection, following)
                yield item, result


def _end(process: SpawnProcess) -> None:
    """Asks a process to end, which takes back the note of what it evaluates; kills it if it does not."""
    process.terminate()
    process.join(GRACE)
    process.kill()
    process.join()


def _send(connection: Connection, item: object) -> None:
    try:
        connection.send(item)
    except (BrokenPipeError, ConnectionError) as gone:
        raise StorageError("a process of the comparison died before its runs were finished") from gone


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal, but only this one handles it: processes that start in this context
    never receive it, not even while they import. A signal that arrives meanwhile is delivered here at the end."""
    resource_tracker.ensure_running()  # it unblocks interrupts when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, work: Callable[[Item], Result]) -> None:
    """Answers items until the other end is closed, or the process is asked to end."""
    with suppress(Stopped), stoppable():
        _serve_all(connection, work)


def _serve_all(connection: Connection, work: Callable[[Item], Result]) -> None:
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            answer: tuple[Result | None, Exception | None] = work(item), None
        except Exception as error:  # noqa: BLE001  the parent raises it again
            error.add_note("in another process:\n" + "".join(traceback.format_tb(error.__traceback__)))
            answer = None, _sendable(error)
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionError):
            return


def _sendable(error: Exception) -> Exception:
    """The error, or its text if it cannot be pickled."""
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:  # noqa: BLE001  anything that its methods raise
        return RuntimeError("".join(traceback.format_exception_only(error)))
    return error
