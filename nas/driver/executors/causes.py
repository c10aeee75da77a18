"""What a worker process died of, and how its job fails."""

import contextlib
import signal
from pathlib import Path

from nas.driver.deaths import MOST, told
from nas.driver.executors.executor import Failed
from nas.driver.executors.forks import Fork
from nas.errors import FailureKind

_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
"""What a worker dies of that is killed by somebody, or by the kernel when memory runs out."""


def cause_of(status: int, report: str, *, out_of_memory: bool) -> tuple[str, Failed | None]:
    """What a worker died of, and how its job fails; None: it was killed from outside.

    Args:
        status: its exit code, or the negative number of the signal that ended it.
        report: what Python reported of a fatal signal; empty: nothing.
        out_of_memory: whether the kernel has ended processes for memory since the job began.
    """
    if status >= 0:
        return f"exit code {status}", Failed(FailureKind.CRASH, f"the process ended with exit code {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = f"signal {-status}"
    if -status == signal.SIGKILL and out_of_memory:
        text = "the kernel ended the process: the memory of the machine ran out"
        return "OOM_HOST", Failed(FailureKind.OOM_HOST, text)
    if -status in _FROM_OUTSIDE and not report:
        return name, None
    return name, Failed(FailureKind.CRASH, f"the process died of {name}" + (f": {report}" if report else ""))


def reported_by(fork: Fork) -> str:
    """What Python reports of a fatal signal, as in `Segmentation fault (conv.py:12)`; empty: nothing."""
    fork.faults.seek(0)
    return told(fork.faults.read(MOST))


def ended_for_memory() -> int:
    """How many processes of the machine the kernel has ended because memory ran out; 0 where it does not say."""
    with contextlib.suppress(OSError):
        for text in Path("/proc/vmstat").read_text().splitlines():
            if text.startswith("oom_kill "):
                return int(text.split()[1])
    return 0
