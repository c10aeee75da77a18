"""Energy counters: RAPL of processors (Linux), NVML of NVIDIA devices.

Both count the energy of a whole package or device since some moment, whatever uses it: that of other programs and of
idle parts is included. A machine that does nothing else is therefore needed, as for latencies.
"""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from nas.errors import UsageError
from nas.interrupt import stop_if_asked

POWERCAP = Path("/sys/class/powercap")
SECONDS = 0.5
"""How long something is repeated: the counters are updated every 1 ms (RAPL) to 100 ms (NVML)."""
FEWEST = 3
"""Repetitions."""


class Meter(Protocol):
    """A counter of energy."""

    def read(self) -> float:
        """Millijoules since some moment; of two readings, the later one is not lower."""


@dataclass
class Zone:
    """A package of RAPL: a counter in microjoules that begins again at its range.

    Attributes:
        folder: with the files `energy_uj` and `max_energy_range_uj`.
        last: the last reading, in microjoules.
        total: microjoules since the first reading.
    """

    folder: Path
    last: int | None = None
    total: int = 0

    def read(self) -> int:
        """Microjoules since the first reading, of which there is at least one per range. Raises OSError, ValueError."""
        now = int((self.folder / "energy_uj").read_text())
        if self.last is not None:
            self.total += now - self.last
            if now < self.last:
                self.total += int((self.folder / "max_energy_range_uj").read_text())
        self.last = now
        return self.total


class Rapl:
    """The processor packages of this machine.

    Args:
        root: the folder of the kernel's powercap framework.

    Raises:
        UsageError: there are no counters, or this user may not read them.
    """

    def __init__(self, root: Path = POWERCAP) -> None:
        # `intel-rapl:0` is a package, on processors of AMD too; `intel-rapl:0:0` is a part of one.
        self.zones = [Zone(folder) for folder in sorted(root.glob("intel-rapl:*")) if folder.name.count(":") == 1]
        if not self.zones:
            raise UsageError(
                f"energy_mj needs an energy counter, and this machine offers none: there is no {root}/intel-rapl:0 "
                "(RAPL), as in many virtual machines"
            )
        self.read()

    def read(self) -> float:
        try:
            return sum(zone.read() for zone in self.zones) / 1000
        except (OSError, ValueError) as error:
            raise UsageError(
                f"energy_mj cannot be measured: {error}. By default, only root may read energy counters: "
                "`chmod a+r` of the energy_uj files allows it to others"
            ) from error


class Nvml:
    """The NVIDIA device that torch uses, by the package `nvidia-ml-py`.

    Args:
        device: a CUDA device.

    Raises:
        UsageError: the package is not installed, or the device has no counter.
    """

    def __init__(self, device: torch.device) -> None:
        try:
            self._nvml: Any = importlib.import_module("pynvml")
        except ImportError as error:
            raise UsageError("energy_mj on CUDA needs the package nvidia-ml-py: pip install nvidia-ml-py") from error
        try:
            self._nvml.nvmlInit()
            uuid = torch.cuda.get_device_properties(device).uuid
            self._handle = self._nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
            self.read()
        except self._nvml.NVMLError as error:
            raise UsageError(f"energy_mj cannot be measured: this device has no energy counter ({error})") from error

    def read(self) -> float:
        return float(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))


def meter_of(device: torch.device) -> Meter:
    """The counter of a device. Raises UsageError if there is none."""
    return Nvml(device) if device.type == "cuda" else Rapl()


def measure_energy(
    step: Callable[[], object],
    meter: Meter,
    finish: Callable[[], object] = lambda: None,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Millijoules that `step` takes: the mean over half a second of repetitions, at least three.

    Args:
        step: what is repeated.
        meter: the counter.
        finish: waits until all repetitions are done.
        clock: the time in seconds, for tests.
    """
    step()
    finish()
    times, begin, before = 0, clock(), meter.read()
    while times < FEWEST or clock() - begin < SECONDS:
        stop_if_asked()
        step()
        times += 1
    finish()
    return (meter.read() - before) / times
