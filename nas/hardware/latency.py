"""How long something takes: a warm-up until it is stable, then the median of many repetitions and their spread.

On a CPU, each repetition is timed by the clock of the process. On a CUDA device it is timed by two events in the stream
of the device, so that neither the way to the device nor a synchronisation counts; what the device waits for the
host between them does, as it does in use.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nas.collector import paused_collector
from nas.interrupt import stop_if_asked

BLOCK = 5
"""Repetitions whose medians are compared in the warm-up."""
STABLE = 0.05
"""The warm-up ends when the medians of two blocks in a row differ by no more than this share."""
WARM_UP_SECONDS = (0.02, 0.3)
"""The least and the most that a warm-up takes, apart from the repetition in which it ends."""
SECONDS = 0.15
"""How long repetitions are timed."""
REPETITIONS = (5, 1000)
"""The fewest and the most of them."""


@dataclass(frozen=True)
class Latency:
    """Measured durations of something that was repeated.

    Attributes:
        milliseconds: of each repetition, in order.
        warm_up: the number of repetitions before them, which do not count.
        stable: whether the warm-up ended because the durations had become stable, and not because of its time.
    """

    milliseconds: tuple[float, ...]
    warm_up: int
    stable: bool

    @property
    def median(self) -> float:
        """The median, in milliseconds."""
        return float(np.median(self.milliseconds))

    @property
    def spread(self) -> float:
        """The interquartile range, in milliseconds."""
        low, high = np.quantile(self.milliseconds, [0.25, 0.75])
        return float(high - low)


def measure_latency(
    step: Callable[[], object], device: torch.device, *, clock: Callable[[], float] = time.perf_counter
) -> Latency:
    """How long `step` takes, on a device that does nothing else.

    Args:
        step: what is timed; on a CUDA device, it may return before the device is done.
        device: where it computes.
        clock: the time in seconds, for tests.
    """
    with paused_collector():
        warm_up, stable = _warm_up(step, device, clock)
        repeated = _on_cuda(step) if device.type == "cuda" else _on_cpu(step, clock)
        return Latency(tuple(repeated), warm_up, stable)


def measure_in_turn(
    steps: Sequence[Callable[[], object]], *, seconds: float = 1.0, clock: Callable[[], float] = time.perf_counter
) -> Sequence[float]:
    """The median milliseconds that each step takes on the CPU, from repetitions in turn, so that whatever else slows
    the machine for a while slows them all.

    Args:
        steps: what is timed.
        seconds: how long all repetitions take together; there are at least five and at most a thousand of each.
        clock: the time in seconds, for tests.
    """
    spent: list[list[float]] = [[] for _ in steps]
    with paused_collector():
        for step in steps:
            _warm_up(step, torch.device("cpu"), clock)
        for _ in _goes_on(clock(), clock, seconds):
            for step, times in zip(steps, spent, strict=True):
                before = clock()
                step()
                times.append(1000 * (clock() - before))
    return [float(np.median(times)) for times in spent]


def _warm_up(step: Callable[[], object], device: torch.device, clock: Callable[[], float]) -> tuple[int, bool]:
    """The number of repetitions until their durations are stable, and whether they are."""
    least, most = WARM_UP_SECONDS
    begin, spent = clock(), list[float]()
    while True:
        stop_if_asked()
        before = clock()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        spent.append(clock() - before)
        stable = _is_stable(spent)
        so_far = clock() - begin
        if so_far >= most or (so_far >= least and stable):
            return len(spent), stable


def _is_stable(spent: Sequence[float]) -> bool:
    if len(spent) < 2 * BLOCK:
        return False
    before, last = np.median(spent[-2 * BLOCK : -BLOCK]), np.median(spent[-BLOCK:])
    return bool(abs(last - before) <= STABLE * before)


def _goes_on(begin: float, clock: Callable[[], float], seconds: float = SECONDS) -> Iterator[int]:
    """Numbers of repetitions, until there are enough."""
    fewest, most = REPETITIONS
    for number in range(most):
        if number >= fewest and clock() - begin >= seconds:
            return
        stop_if_asked()
        yield number


def _on_cpu(step: Callable[[], object], clock: Callable[[], float]) -> Sequence[float]:
    found = []
    for _ in _goes_on(clock(), clock):
        before = clock()
        step()
        found.append(1000 * (clock() - before))
    return found


def _on_cuda(step: Callable[[], object]) -> Sequence[float]:
    pairs = []
    for _ in _goes_on(time.perf_counter(), time.perf_counter):
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        first.record()
        step()
        last.record()
        last.synchronize()  # so that the host does not run ahead, and a repetition does not wait for the one before
        pairs.append((first, last))
    return [first.elapsed_time(last) for first, last in pairs]
