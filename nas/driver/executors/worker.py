"""What runs in a worker process: it evaluates the jobs that the driver sends, and answers in lines of JSON.

A worker has a process group of its own, so that what a candidate started can be ended with it. It lives on between
trials, and process-wide state is restored after each of them.
"""

import ctypes
import faulthandler
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from nas.containment import contained
from nas.driver.executors.answers import message_of
from nas.driver.executors.executor import Job, evaluate
from nas.driver.executors.resources import GIB, EvaluationLimits
from nas.driver.executors.wire import Readable, Sources, Unpickled, line, read_pickle, written
from nas.errors import ArchwrightError, NoticeWarning
from nas.evaluate.evaluator import Evaluator
from nas.events import EpochEnded, Event, Events, Notice, TrialBegan
from nas.stillness import still_by

_PR_SET_PDEATHSIG = 1


def prepare(limits: EvaluationLimits, faults: int) -> None:
    """Makes the process that was just forked one that can be ended at any time, and no burden to others.

    Args:
        limits: what it may use.
        faults: a descriptor that fatal signals are reported to.
    """
    parent = os.getppid()
    os.setsid()
    if sys.platform == "linux":
        # The worker ends with the server of workers, however that ends.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        # If memory runs out, the kernel ends this process rather than the driver.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
    faulthandler.enable(faults, all_threads=False)
    if limits.memory_gib is not None:
        import resource

        most = int(limits.memory_gib * GIB)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def work(connection: socket.socket, evaluator: Evaluator, events: Events, sources: Sources) -> None:
    """Evaluates jobs until the driver closes the connection.

    Args:
        connection: to the driver.
        evaluator: gives the metrics of an architecture.
        events: the queue of this process, which the evaluator posts its epochs to.
        sources: where code is that cannot be imported by its name.
    """

    def report(event: Event) -> None:
        if isinstance(event, EpochEnded | Notice):
            connection.sendall(line(**message_of(event)))

    events.readers.append(report)
    warnings.showwarning = partial(_show, events, warnings.showwarning)
    with connection.makefile("rb") as stream, still_by(partial(_still, connection, stream)):
        while (data := read_pickle(stream)) is not None:
            job: Job = Unpickled(data, events, sources).load()
            connection.sendall(_answer(job, evaluator, events))


def _show(
    events: Events,
    otherwise: Callable[..., None],
    message: Warning | str,
    category: type[Warning],
    *place: Any,
) -> None:
    """Sends what a device does otherwise than it was meant to as a notice to the driver."""
    if issubclass(category, NoticeWarning):
        events.post(Notice(str(message)))
    else:
        otherwise(message, category, *place)


@contextmanager
def _still(connection: socket.socket, stream: Readable) -> Iterator[None]:
    """All other workers are stopped within this block.

    Raises:
        ConnectionError: the driver has gone.
    """
    connection.sendall(line(still=True))
    if read_pickle(stream) is None:
        raise ConnectionError("the driver has gone")
    try:
        yield
    finally:
        connection.sendall(line(still=False))


def _answer(job: Job, evaluator: Evaluator, events: Events) -> bytes:
    events.post(TrialBegan(job.number, job.proposal))
    try:
        with contained():
            return line(**message_of(evaluate(evaluator, job)))
    except ArchwrightError as error:
        return line(**written(error))
