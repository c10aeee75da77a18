"""Timing by a clock that says what it should."""

from collections.abc import Callable, Iterator

import pytest
import torch

from nas.hardware.latency import BLOCK, REPETITIONS, SECONDS, WARM_UP_SECONDS, Latency, measure_in_turn, measure_latency

CPU = torch.device("cpu")


def timed(durations: Callable[[int], float]) -> Latency:
    """The latency of a step whose n-th repetition takes so many seconds."""
    now, count = 0.0, 0

    def step() -> None:
        nonlocal now, count
        now, count = now + durations(count), count + 1

    return measure_latency(step, CPU, clock=lambda: now)


def test_the_median_and_the_quartiles() -> None:
    latency = Latency((1.0, 2.0, 3.0, 4.0, 100.0), warm_up=3, stable=True)
    assert (latency.median, latency.spread) == (3.0, 2.0)


def test_the_warm_up_goes_on_until_it_is_stable() -> None:
    """The first ten repetitions become faster and do not count."""
    found = timed(lambda number: 0.001 * (1 + max(0, 10 - number)))
    assert found.stable
    assert 10 < found.warm_up <= 10 + 2 * BLOCK
    assert {round(one, 9) for one in found.milliseconds} == {1.0}
    assert len(found.milliseconds) == pytest.approx(SECONDS / 0.001, abs=2)


def test_a_warm_up_that_never_is_stable_ends() -> None:
    found = timed(lambda number: 0.001 * (1 + number // BLOCK % 2))
    assert not found.stable
    assert found.warm_up == pytest.approx(WARM_UP_SECONDS[1] / 0.0015, rel=0.1)
    assert found.spread == pytest.approx(1.0)


def test_slow_and_fast_steps_are_bounded() -> None:
    slow, fast = timed(lambda _: 2.0), timed(lambda _: 1e-6)
    assert (slow.warm_up, len(slow.milliseconds)) == (1, REPETITIONS[0])
    assert len(fast.milliseconds) == REPETITIONS[1]


def test_steps_in_turn() -> None:
    """Each has its own median, whatever slows the machine in the second half."""
    now, order = 0.0, list[int]()

    def taking(seconds: float, number: int) -> Callable[[], None]:
        def step() -> None:
            nonlocal now
            order.append(number)
            now += seconds * (1 + 9 * (now > 0.9))

        return step

    steps = [taking(0.002, 0), taking(0.001, 1)]
    assert measure_in_turn(steps, seconds=1.0, clock=lambda: now) == pytest.approx([2.0, 1.0])
    assert order[-6:] == [0, 1, 0, 1, 0, 1]


def test_events_time_a_cuda_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that count: each repetition is between two of them, and is waited for."""
    log: list[str] = []

    class Event:
        def __init__(self, enable_timing: bool) -> None:
            assert enable_timing

        def record(self) -> None:
            log.append("record")

        def synchronize(self) -> None:
            log.append("wait")

        def elapsed_time(self, other: "Event") -> float:
            return 2.5

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: log.append("synchronize"))
    found = measure_latency(lambda: log.append("step"), torch.device("cuda"), clock=lambda: next(_ticks))
    assert set(found.milliseconds) == {2.5}
    repeated = log[2 * found.warm_up :]
    assert log[: 2 * found.warm_up] == ["step", "synchronize"] * found.warm_up
    assert repeated == ["record", "step", "record", "wait"] * (len(repeated) // 4)


def _count() -> Iterator[float]:
    now = 0.0
    while True:
        yield (now := now + 0.01)


_ticks = _count()
