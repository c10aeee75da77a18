"""The server of workers refuses what no worker could use, before the first trial."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.executors.executor import Job
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.server import serve
from nas.driver.executors.wire import Sources, pickled
from nas.driver.executors.workers import Workers
from nas.errors import UsageError
from nas.space import Architecture
from nas.trial import Metrics
from tests.driver.executors.faulty import Faulty
from tests.driver.executors.finishing import finish

Jobs = Callable[..., Job]


def test_a_limit_below_an_idle_worker_is_an_error(job: Jobs, tmp_path: Path) -> None:
    with (
        Workers(Faulty(tmp_path), 1, limits=EvaluationLimits(memory_gib=0.001)) as workers,
        pytest.raises(UsageError, match=r"limits.memory_gib is 0.001, and a worker uses 0\.\d+ GiB before its first"),
    ):
        finish(workers, job(0))


class Unreadable:
    """Can be pickled, and not read."""

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("never evaluated")

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return int, ("no number",)


def test_an_evaluator_that_cannot_be_read_in_a_worker_is_an_error(job: Jobs) -> None:
    with Workers(Unreadable(), 1) as workers, pytest.raises(UsageError, match=r"cannot be sent .*: invalid literal"):
        finish(workers, job(0))


def test_a_driver_that_is_gone_before_the_server_is_ready_is_no_error(tmp_path: Path) -> None:
    """It may have been killed while the server imported torch: nothing is written to the terminal of its user."""
    driver, own = socket.socketpair()
    for content in ((Sources(), EvaluationLimits(), 1, None), Faulty(tmp_path)):
        driver.sendall(pickled(content))
    driver.close()
    serve(own.detach())
