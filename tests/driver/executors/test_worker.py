"""What a worker process answers: progress, failures within its limits, and errors of the run."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.executors.executor import Job
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.workers import Workers
from nas.errors import DeviceWarning, FailureKind, StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.events import EpochEnded, Epochs, Event, Events, Notice
from nas.space import Architecture
from nas.trial import Metrics
from tests.driver.executors.faulty import Faulty, Reporting
from tests.driver.executors.finishing import failure, finish

Jobs = Callable[..., Job]


def test_epochs_are_progress_and_reach_the_queue_of_the_driver(job: Jobs) -> None:
    """Three epochs of 0.3 seconds are longer together than the limit."""
    queue, events = Events(), list[Event]()
    queue.readers.append(events.append)
    with Workers(Reporting(Epochs(queue)), 1, limits=EvaluationLimits(seconds=0.8), on_event=queue.post) as workers:
        found = finish(workers, job(5))
    assert found[5].outcome == {"val_acc": 1.0}
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert [(event.number, event.epoch) for event in epochs] == [(5, 1), (5, 2), (5, 3)]
    assert [dict(event.metrics) for event in epochs] == [
        {"val_acc": n / 3, "val_loss": float("inf")} for n in (1, 2, 3)
    ]
    assert sorted(event.at for event in events) == [event.at for event in events]


class Cautious:
    """Warns of its device, and of something else."""

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        warnings.warn("a step runs another way", DeviceWarning, stacklevel=1)
        warnings.simplefilter("ignore")
        warnings.warn("hear, hear", UserWarning, stacklevel=1)
        return {"val_acc": 0.5}


def test_what_a_device_does_otherwise_is_a_notice(job: Jobs) -> None:
    events = list[Event]()
    with Workers(Cautious(), 1, on_event=events.append) as workers:
        assert finish(workers, job(0))[0].outcome == {"val_acc": 0.5}
    assert [event.text for event in events if isinstance(event, Notice)] == ["a step runs another way"]


def test_a_limit_on_memory_fails_the_trial_and_not_the_worker(job: Jobs, tmp_path: Path) -> None:
    with Workers(Faulty(tmp_path, {1: "allocate"}), 1, limits=EvaluationLimits(memory_gib=1)) as workers:
        found = finish(workers, job(0), job(1), job(2))
    assert failure(found[1])[0] is FailureKind.OOM_HOST
    assert found[0].outcome["pid"] == found[2].outcome["pid"]  # type: ignore[index]


class Careless:
    """Raises what concerns the whole search."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise self.error


@pytest.mark.parametrize("error", [UsageError("no such device"), StorageError("disk full")])
def test_errors_of_the_run_end_the_search(job: Jobs, error: Exception) -> None:
    evaluator: Evaluator = Careless(error)
    with Workers(evaluator, 1) as workers, pytest.raises(type(error), match=str(error)):
        finish(workers, job(0))
