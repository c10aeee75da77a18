"""Evaluations in the driver's process: in order, each when it is waited for, and contained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from nas.driver.executors.executor import Failed, Job
from nas.driver.executors.serial import Serial
from nas.errors import EvaluationFailed, FailureKind
from nas.space import Architecture
from nas.trial import Metrics

Jobs = Callable[..., Job]


def test_jobs_are_evaluated_in_order_when_they_are_waited_for(job: Jobs) -> None:
    seeds: list[int] = []

    def evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        seeds.append(seed)
        np.seterr(all="raise")
        return {"val_acc": 0.5, **({"seconds": 7.0} if seed else {})}

    before = np.geterr()
    executor = Serial(evaluator)
    executor.submit(job(0))
    executor.submit(job(1))
    assert executor.slots == 1
    assert seeds == []
    (first,) = executor.next()
    assert seeds == [0]
    (second,) = executor.next()
    assert (first.job, second.job) == (job(0), job(1))
    assert 0 < first.seconds < first.at <= second.at <= executor.clock
    assert second.seconds == 7.0
    assert np.geterr() == before


def test_each_is_evaluated_in_a_context(job: Jobs) -> None:
    events: list[str] = []

    @contextmanager
    def around(job: Job) -> Iterator[None]:
        if job.proposal.epochs == 9:
            raise EvaluationFailed(FailureKind.CRASH, "the process died in it")
        events.append("begin")
        yield
        events.append("end")

    def evaluator(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        events.append("evaluate")
        return {"val_acc": 0.5}

    executor = Serial(evaluator, around=around)
    for one in (job(0), job(1, epochs=9)):
        executor.submit(one)
    assert executor.next()[0].outcome == {"val_acc": 0.5}
    assert events == ["begin", "evaluate", "end"]
    (refused,) = executor.next()
    assert (refused.outcome, refused.seconds) == (Failed(FailureKind.CRASH, "the process died in it"), 0.0)
    assert len(events) == 3
