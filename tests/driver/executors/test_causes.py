"""What a worker died of."""

import signal

import pytest

from nas.driver.executors.causes import cause_of, ended_for_memory
from nas.driver.executors.executor import Failed
from nas.errors import FailureKind

CRASH, OOM = FailureKind.CRASH, FailureKind.OOM_HOST


@pytest.mark.parametrize(
    ("status", "report", "out_of_memory", "expected"),
    [
        (3, "", False, ("exit code 3", Failed(CRASH, "the process ended with exit code 3"))),
        (-signal.SIGSEGV, "Segmentation fault (conv.py:12)", False, ("SIGSEGV", "Segmentation fault (conv.py:12)")),
        (-signal.SIGKILL, "", False, ("SIGKILL", None)),
        (-signal.SIGTERM, "", True, ("SIGTERM", None)),
        (-signal.SIGABRT, "", False, ("SIGABRT", Failed(CRASH, "the process died of SIGABRT"))),
        (-63, "", False, ("signal 63", Failed(CRASH, "the process died of signal 63"))),
    ],
)
def test_causes(status: int, report: str, out_of_memory: bool, expected: tuple[str, Failed | str | None]) -> None:
    death, failed = expected
    if isinstance(failed, str):
        failed = Failed(CRASH, f"the process died of {death}: {failed}")
    assert cause_of(status, report, out_of_memory=out_of_memory) == (death, failed)


def test_a_worker_that_the_kernel_ended_for_memory() -> None:
    death, failed = cause_of(-signal.SIGKILL, "", out_of_memory=True)
    assert death == "OOM_HOST"
    assert failed is not None
    assert failed.kind is OOM
    assert ended_for_memory() >= 0
