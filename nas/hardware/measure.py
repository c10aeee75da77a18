"""An architecture measured on this machine: built, warmed up, and timed while nothing else of the search runs.

Networks compute as they are exported: in PyTorch, operator by operator, with 32-bit floats and in evaluation mode, in
the order in memory that is fastest for them (`nas.training.memory_format`). Their weights are initial ones; times of
dense operators do not depend on values. The inputs are training samples.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from nas.arguments import checked
from nas.containment import survivable
from nas.data import Dataset
from nas.errors import FailureKind
from nas.hardware.energy import Meter, measure_energy, meter_of
from nas.hardware.latency import measure_latency
from nas.hardware.memory import peak_memory
from nas.hardware.settings import BATCH, DEFAULT_HARDWARE, HARDWARE_METRICS, SINGLE, Hardware
from nas.model import Network
from nas.space import Architecture
from nas.stillness import still
from nas.training.device import Device, device_name, pick_device, threads
from nas.training.memory_format import memory_format
from nas.training.numerics import processor
from nas.training.seeding import seeded
from nas.training.workbench import network_of


@checked
def measure_hardware(
    arch: Architecture,
    data: Dataset,
    metrics: Sequence[str] = ("latency_ms", "latency_spread_ms", "peak_memory_mib"),
    *,
    hardware: Hardware = DEFAULT_HARDWARE,
    device: Device = "auto",
) -> Mapping[str, float]:
    """Metrics of hardware of a network, each measured in less than a second unless the network itself is slow.

    Args:
        arch: the architecture.
        data: its training part provides the inputs.
        metrics: names in `nas.hardware.HARDWARE_METRICS`.
        hardware: the size of a batch, and the number of threads.
        device: where the network computes; `auto`: CUDA, if it is available.

    Raises:
        EvaluationFailed: the network fails: BUILD_ERROR, OOM_HOST, OOM_CUDA or CRASH.
        UsageError: the energy is asked for, and this machine has no counter; CUDA is requested and not available.
    """
    place = pick_device(device)
    meter = meter_of(place) if "energy_mj" in metrics else None
    with seeded(0, place), threads(hardware.threads):
        with survivable(FailureKind.BUILD_ERROR):
            network = _built(arch, data, place)
        with survivable(FailureKind.CRASH):
            found = _measured(network, data, metrics, hardware, place, meter)
            if "peak_memory_mib" in metrics:
                del network
                found["peak_memory_mib"] = peak_memory(
                    lambda: (_built(arch, data, place), inputs_of(data, hardware.batch, place)), place
                )
    return {name: found[name] for name in HARDWARE_METRICS if name in metrics}


def _measured(
    network: Network,
    data: Dataset,
    metrics: Sequence[str],
    hardware: Hardware,
    device: torch.device,
    meter: Meter | None,
) -> dict[str, float]:
    """What has to be measured in stillness."""
    found: dict[str, float] = {}
    sample, batch = inputs_of(data, 1, device), inputs_of(data, hardware.batch, device)
    with torch.inference_mode():
        for names, inputs in ((SINGLE, sample), (BATCH, batch)):
            if any(name in metrics for name in names):
                with still():
                    latency = measure_latency(partial(network, inputs), device)
                found |= dict(zip(names, (latency.median, latency.spread), strict=True))
        if meter is not None:
            finish = partial(torch.cuda.synchronize, device) if device.type == "cuda" else _nothing
            with still():
                found["energy_mj"] = measure_energy(partial(network, sample), meter, finish)
    return found


def _nothing() -> None:
    """What there is to wait for on a CPU."""


def _built(arch: Architecture, data: Dataset, device: torch.device) -> Network:
    network = network_of(arch, data).eval().to(device)
    network.to(memory_format=memory_format(network, device))  # type: ignore[call-overload]
    return network


def inputs_of(data: Dataset, count: int, device: torch.device) -> Tensor:
    """The first samples of the training part, repeated where there are fewer."""
    return torch.from_numpy(data.train.inputs[np.arange(count) % len(data.train)]).to(device)


def machine(hardware: Hardware, device: Device) -> Mapping[str, str | int]:
    """What measurements depend on besides the network, as plain data: device, processor, threads and batch."""
    place = pick_device(device)
    with threads(hardware.threads):
        name = device_name(place)
    estimated: dict[str, str | int] = {} if hardware.operators is None else {"operators": hardware.operators.name}
    found: dict[str, str | int] = {
        "device": name,
        "processor": processor(),
        "threads": hardware.threads,
        "batch": hardware.batch,
    }
    return found | estimated
