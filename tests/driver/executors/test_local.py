"""Worker processes on this machine, as many as the resources say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.executors import resources
from nas.driver.executors.executor import Job
from nas.driver.executors.local import Local
from nas.driver.executors.resources import EvaluationLimits, Resources
from nas.driver.executors.workers import Workers
from nas.errors import FailureKind
from nas.events import Event, TrialBegan
from tests.driver.executors.faulty import Faulty
from tests.driver.executors.finishing import failure, finish


def test_the_resources_are_those_of_the_workers(job: Callable[..., Job], tmp_path: Path) -> None:
    events: list[Event] = []
    asked = Resources(4, window=2, limits=EvaluationLimits(seconds=0.5))
    with Local().open(Faulty(tmp_path, {1: "loop"}), asked, on_event=events.append) as executor:
        assert isinstance(executor, Workers)
        assert executor.slots == 2, "no more than the window"
        found = finish(executor, job(0), job(1))
        assert len(executor.processes) <= 1 + 2
    assert failure(found[1])[0] is FailureKind.TIMEOUT
    assert {event.number for event in events if isinstance(event, TrialBegan)} == {0, 1}


@pytest.mark.parametrize(("threads", "slots"), [(1, 6), (4, 1)])
def test_as_many_as_there_are_cores(threads: int, slots: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_cores", lambda: 6)
    asked = Resources("auto", window=32, threads=threads)
    with Local().open(Faulty(tmp_path), asked, on_event=lambda event: None) as executor:
        assert executor.slots == slots
