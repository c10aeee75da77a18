"""Simulated time, by hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from nas.driver.executors.executor import Failed, Finished, Job
from nas.driver.executors.simulated import Simulated
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.space import Architecture
from nas.trial import Metrics, Objective

Jobs = Callable[..., Job]


def by_units(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    """Takes as many seconds an epoch as there are units; 8 units fail, and 7 report no seconds."""
    units = arch.params // 5
    if units == 8:
        raise EvaluationFailed(FailureKind.CRASH, "8 units")
    return {"val_acc": 0.5 if units < 6 else float("nan"), **({"seconds": units * (epochs or 1)} if units < 6 else {})}


def times(found: Sequence[Finished]) -> list[tuple[int, float]]:
    return [(one.job.number, one.at) for one in found]


def test_what_ends_at_one_moment_comes_together(job: Jobs) -> None:
    executor = Simulated(by_units, 3)
    for number in (4, 1, 0):
        executor.submit(job(number))
    assert times(executor.next()) == [(0, 1)]
    executor.submit(job(3))  # 1 to 5
    assert times(executor.next()) == [(1, 2)]
    assert executor.clock == 2
    assert times(executor.next()) == [(3, 5), (4, 5)]
    executor.submit(job(5, arch=0, answer={"val_acc": 0.5}))
    assert times(executor.next()) == [(5, 5)]


def test_a_driver_that_is_busy_makes_everyone_wait(job: Jobs) -> None:
    executor = Simulated(by_units, 2)
    executor.wait(0.5)
    executor.submit(job(0))
    executor.wait(0.25)
    executor.submit(job(1))
    assert executor.clock == 0.75
    assert times(executor.next()) == [(0, 1.5)]
    executor.wait(0.5)
    assert executor.clock == 2.0
    assert times(executor.next()) == [(1, 2.75)]


@pytest.mark.parametrize(("resumes", "seconds"), [(True, [1, 2, 3, 0]), (False, [1, 3, 6, 5])])
def test_a_training_that_goes_on_costs_what_is_new(resumes: bool, seconds: list[float], job: Jobs) -> None:
    executor = Simulated(by_units, resumes=resumes)
    executor.submit(job(0, epochs=1))
    executor.submit(job(1, arch=0, epochs=3, parent=0))
    executor.submit(job(2, arch=0, epochs=6, parent=1))
    executor.submit(job(3, arch=0, epochs=5, parent=2))
    found: dict[int, float] = {}
    while len(found) < 4:
        found.update((one.job.number, one.seconds) for one in executor.next())
    assert [found[number] for number in range(4)] == seconds


def test_what_was_answered_was_never_trained(job: Jobs) -> None:
    executor = Simulated(by_units)
    executor.submit(job(0, epochs=2, answer={"val_acc": 0.5}))
    executor.submit(job(1, arch=0, epochs=3, parent=0))
    assert [one.seconds for _ in range(2) for one in executor.next()] == [0, 3]


def test_evaluations_without_seconds(job: Jobs) -> None:
    executor = Simulated(by_units, objectives=(Objective("val_acc"),))
    executor.submit(job(7))
    assert executor.next()[0].seconds == 0, "nothing is known of others"
    for number in (0, 3):
        executor.submit(job(number))
        executor.next()
    for number in (6, 7):  # its score is not finite; it fails
        executor.submit(job(number))
    assert [one.seconds for one in executor.next()] == [5 / 3, 5 / 3], "as long as those before it on average"
    assert Simulated(by_units, measured=True).clock == 0
    measured = Simulated(by_units, measured=True)
    measured.submit(job(6))
    assert 0 < measured.next()[0].seconds < 60
    plain = Simulated(by_units)
    plain.submit(job(6))
    assert plain.next()[0].seconds == 0
    with pytest.raises(UsageError, match=r"^small: no seconds are recorded of .*, and several workers or a budget of"):
        Simulated(by_units, needs_seconds=True, name="small").submit(job(6))


def test_what_a_training_changes_for_the_process_is_put_back(job: Jobs) -> None:
    def rude(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        np.seterr(over="raise" if np.geterr()["over"] == "ignore" else "ignore")
        return {"val_acc": 0.5}

    before = np.geterr()
    executor = Simulated(rude, measured=True)
    executor.submit(job(0))
    executor.next()
    assert np.geterr() == before


def test_each_is_evaluated_in_a_context(job: Jobs) -> None:
    @contextmanager
    def around(job: Job) -> Iterator[None]:
        if job.number == 1:
            raise EvaluationFailed(FailureKind.CRASH, "the process died in it")
        yield

    executor = Simulated(by_units, 2, around=around)
    for number in range(2):
        executor.submit(job(number))
    first, second = sorted([*executor.next(), *executor.next()], key=lambda one: one.job.number)
    assert first.outcome == {"val_acc": 0.5, "seconds": 1}
    assert second.outcome == Failed(FailureKind.CRASH, "the process died in it")
