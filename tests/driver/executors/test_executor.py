"""One evaluation: what it gives, what it may raise, and what is kept of that."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from nas.driver.executors.executor import Failed, Job, evaluate, reported_seconds
from nas.errors import EvaluationFailed, FailureKind, MetricsError, StorageError
from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture
from nas.trial import Metrics

Jobs = Callable[..., Job]


def answering(answer: Any) -> Evaluator:
    """Returns this, or raises it."""

    def evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if isinstance(answer, BaseException):
            raise answer
        found: Metrics = answer
        return found

    return evaluator


def test_an_evaluator_is_given_the_job(job: Jobs) -> None:
    seen = []

    def evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        seen.append((arch, epochs, seed))
        return {"val_acc": 1}

    one = job(3, epochs=2)
    outcome, seconds = evaluate(evaluator, one)
    assert seen == [(one.proposal.architecture, 2, 3)]
    assert outcome == {"val_acc": 1.0}
    assert 0 < seconds < 60


def test_what_is_known_is_not_evaluated(job: Jobs) -> None:
    assert evaluate(answering(AssertionError("evaluated")), job(0, answer={"val_acc": 0.5})) == ({"val_acc": 0.5}, 0.0)


@pytest.mark.parametrize(
    ("raised", "failed"),
    [
        (EvaluationFailed(FailureKind.NONFINITE, "val_loss is nan"), Failed(FailureKind.NONFINITE, "val_loss is nan")),
        (MemoryError(), Failed(FailureKind.OOM_HOST, "out of memory")),
        (ValueError("a shape"), Failed(FailureKind.CRASH, "a shape")),
        ({"val_acc": None}, Failed(None, "the metric 'val_acc' is None, expected a number")),
    ],
)
def test_what_a_candidate_raises_is_an_outcome(raised: Any, failed: Failed, job: Jobs) -> None:
    outcome, _ = evaluate(answering(raised), job(0))
    assert outcome == failed
    error = failed.error()
    assert isinstance(error, MetricsError if failed.kind is None else EvaluationFailed)
    assert Failed.of(error) == failed


@pytest.mark.parametrize("error", [StorageError("the disk is full"), KeyboardInterrupt()])
def test_errors_of_the_run_pass(error: BaseException, job: Jobs) -> None:
    with pytest.raises(type(error)):
        evaluate(answering(error), job(0))


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        ({"seconds": 2}, 2.0),
        ({"seconds": 0.0}, 0.0),
        ({}, None),
        ({"seconds": -1.0}, None),
        ({"seconds": math.nan}, None),
        ({"seconds": math.inf}, None),
        ({"seconds": (1.0,)}, None),
        (Failed(FailureKind.CRASH, "seconds"), None),
    ],
)
def test_seconds_that_can_be_used(outcome: Any, seconds: float | None) -> None:
    assert reported_seconds(outcome) == seconds
