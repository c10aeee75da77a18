"""Stillness goes to one worker at a time, and what it stops is as if no time had passed."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nas.driver.executors.executor import Failed, Job
from nas.driver.executors.resources import EvaluationLimits
from nas.driver.executors.stillness import LONGEST, Stillness
from nas.driver.executors.workers import Workers
from nas.space import Architecture
from nas.stillness import still
from nas.trial import Metrics
from tests.driver.executors.finishing import finish

Jobs = Callable[..., Job]


def test_one_at_a_time_in_the_order_of_asking() -> None:
    stopped: list[int | None] = []
    stillness = Stillness(stopped.append)
    stillness.ask(1, 10.0)
    stillness.ask(2, 11.0)
    stillness.ask(3, 11.5)
    assert stopped == [1]
    assert stillness.end(3, 11.7) == 0, "it ended while it waited"
    assert stillness.end(1, 12.0) == 2.0
    assert stopped == [1, None, 2]
    assert (stillness.owner, stillness.since) == (2, 12.0)
    assert not stillness.expired(12.0 + LONGEST)
    assert stillness.expired(12.5 + LONGEST)
    assert stillness.end(1, 13.0) == 0, "it has it no longer"
    assert stillness.end(2, 13.0) == 1.0
    assert stopped == [1, None, 2, None]
    assert stillness.owner is None
    assert not stillness.expired(1000.0)


@dataclass(frozen=True)
class Timed:
    """Seed 1 times something once seed 0 works; seed 0 works until then, and notes when it does.

    Attributes:
        folder: where they leave notes.
        times: how often something is timed, for 0.8 seconds each.
        dies: whether its first worker is killed while it times.
    """

    folder: Path
    times: int = 1
    dies: bool = False

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        working, timed, died = (self.folder / name for name in ("working", "timed", "died"))
        if seed == 0:
            ticks = [time.monotonic()]
            while not timed.exists():
                working.touch()
                ticks.append(time.monotonic())
            return {"val_acc": 0.0, "ticks_curve": (*ticks, time.monotonic())}
        while not working.exists():
            time.sleep(0.001)
        spans = []
        for _ in range(self.times):
            with still():
                begin = time.monotonic()
                if self.dies and not died.exists():
                    died.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(0.8)
                spans += [begin, time.monotonic()]
        timed.touch()
        return {"val_acc": 1.0, "spans_curve": tuple(spans)}


def finished(workers: Workers, job: Jobs) -> tuple[Sequence[float], Sequence[float]]:
    """When the first worked, and when the second began and ended to time."""
    found = finish(workers, job(0), job(1))
    outcomes = [found[number].outcome for number in (0, 1)]
    assert not any(isinstance(one, Failed) for one in outcomes), outcomes
    return outcomes[0]["ticks_curve"], outcomes[1]["spans_curve"]  # type: ignore[index,return-value]


def test_others_are_stopped_and_their_limit_does_not_run_on(job: Jobs, tmp_path: Path) -> None:
    """The first is stopped for 2.4 seconds in all, and may take 2."""
    with Workers(Timed(tmp_path, times=3), 2, limits=EvaluationLimits(seconds=2)) as workers:
        ticks, spans = finished(workers, job)
    assert len(spans) == 6
    for begin, end in pairs(spans):
        assert not any(begin < tick < end for tick in ticks)
    assert ticks[0] < spans[0] < spans[-1] < ticks[-1]


def test_when_the_one_that_times_dies_the_others_go_on(job: Jobs, tmp_path: Path) -> None:
    with Workers(Timed(tmp_path, dies=True), 2) as workers:
        ticks, spans = finished(workers, job)
    assert (tmp_path / "died").exists()
    assert ticks[0] < spans[0] < spans[-1] < ticks[-1]


def pairs(spans: Sequence[float]) -> Sequence[tuple[float, float]]:
    """Pairs of numbers."""
    return list(zip(spans[::2], spans[1::2], strict=True))
