"""How workers share the devices of a machine."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import torch

from nas.driver.executors import devices, server
from nas.driver.executors.devices import CONTEXT, LEAST, Sharing, count_devices
from nas.driver.executors.executor import Job
from nas.driver.executors.workers import Workers
from nas.space import Architecture
from nas.trial import Metrics
from tests.driver.executors.finishing import finish

Jobs = Callable[..., Job]


class Computing:
    """An evaluator with a device."""

    def __init__(self, device: str) -> None:
        self.device = device

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {}


class Wrapping(Computing):
    """Wraps another."""

    def __init__(self, evaluator: Computing) -> None:
        self.evaluator = evaluator


@pytest.mark.parametrize(
    ("evaluator", "asked", "per_device", "expected"),
    [
        (Computing("cuda"), 16, 4, Sharing(8, 2)),
        (Wrapping(Computing("auto")), 16, 4, Sharing(8, 2)),
        (Computing("cuda"), 5, 4, Sharing(5, 2)),
        (Computing("cuda"), 16, None, Sharing(16, 2)),
        (Computing("cpu"), 16, 4, Sharing(16, 0)),
        (object(), 16, 4, Sharing(16, 0)),
    ],
)
def test_how_many_workers_there_are(
    evaluator: Any, asked: int, per_device: int | None, expected: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "count_devices", lambda: 2)
    assert Sharing.of(evaluator, asked, per_device) == expected


def test_a_new_worker_takes_the_device_with_the_fewest() -> None:
    sharing = Sharing(6, 3)
    assert sharing.device([]) == 0
    assert sharing.device([0, 1]) == 2
    assert sharing.device([0, 2, 1, 2, 1]) == 0


def test_the_memory_of_a_device_is_shared_out() -> None:
    memory = 24 * 2.0**30
    assert Sharing(2, 2).fraction(memory) == 1.0
    for workers, together in ((2, 2), (3, 3), (4, 4)):
        fraction = Sharing(workers, 1).fraction(memory)
        assert together * (fraction * memory + CONTEXT) == pytest.approx(memory)
    assert Sharing(3, 2).fraction(memory) == Sharing(2, 1).fraction(memory)
    assert Sharing(40, 1).fraction(memory) == LEAST


def test_devices_are_counted_without_touching_them() -> None:
    count = count_devices()
    assert not torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    assert count == (torch.cuda.device_count() if torch.cuda.is_available() else 0)


@pytest.mark.parametrize("ending", ["raises", "dies", "counts"])
def test_a_device_that_cannot_be_counted_is_none(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def count() -> int:
        if ending == "raises":
            raise RuntimeError("driver too old")
        if ending == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        return 3

    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", count)
    assert count_devices() == (3 if ending == "counts" else 0)


class Somewhere(Computing):
    """Reports the device and the fraction of memory of its process, on a machine with two devices."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

        def use_device(device: int, sharing: Sharing) -> None:
            os.environ["USED"] = f"{device} {sharing.workers}"

        devices.count_devices = lambda: 2
        server.use_device = use_device  # type: ignore[attr-defined]

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        device, workers = map(int, os.environ["USED"].split())
        return {"device": device, "workers": workers, "pid": os.getpid()}


def test_workers_are_on_their_devices(job: Jobs) -> None:
    with Workers(Somewhere("cuda"), 16, per_device=1) as workers:
        found = [outcome for finished in finish(workers, *map(job, range(6))).values() if (outcome := finished.outcome)]
    assert {outcome["workers"] for outcome in found} == {2}  # type: ignore[index]
    assert len({outcome["pid"] for outcome in found}) == len({outcome["device"] for outcome in found}) <= 2  # type: ignore[index]
