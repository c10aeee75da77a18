"""Work spread over processes.

Processes are spawned, not forked: a fork copies the locks of torch's threads and of the progress bar's as they are at
that moment, and CUDA does not survive it. So what is sent must be picklable, and a script that compares with several
processes needs `if __name__ == "__main__":`. A process that dies is an error, where `multiprocessing.Pool` would wait
for its result for ever.
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
"""Seconds after which somebody who waits for the other processes looks whether there is a signal."""


GRACE = 5.0
"""Seconds that a process has to end in good order."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with what `work` makes of it, as they are finished; with one job in this process, and in order.

    Processes end with the iterator, whether it is used up, closed or fails.

    Raises:
        UsageError: the work cannot be sent to another process.
        StorageError: a process was ended from outside, for want of memory for instance.
        Exception: whatever `work` raises.
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
            f"this cannot be sent to another process: {error}; name what is defined in a module, or use one job"
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
            theirs.close()  # so that the end of the process is the end of the file
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
                    stop_if_asked()  # a signal to all of us has ended it
                    raise StorageError("a process that ran a part of the comparison ended before it was done") from gone
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
        raise StorageError("a process that ran a part of the comparison ended before it was done") from gone


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal, and is for this one alone: those that begin here never see it, not
    even while they are importing. What comes meanwhile arrives here at the end."""
    resource_tracker.ensure_running()  # it lets interrupts through again when it begins
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, work: Callable[[Item], Result]) -> None:
    """Does what is sent, until the other end is closed or the process is asked to end."""
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
        except Exception as error:  # noqa: BLE001  it is raised again on the other side
            error.add_note("in another process:\n" + "".join(traceback.format_tb(error.__traceback__)))
            answer = None, _sendable(error)
        try:
            connection.send(answer)
        except (BrokenPipeError, ConnectionError):
            return


def _sendable(error: Exception) -> Exception:
    """The error, or its text where it does not survive the journey."""
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:  # noqa: BLE001  whatever its own methods raise
        return RuntimeError("".join(traceback.format_exception_only(error)))
    return error
