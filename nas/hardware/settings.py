"""The metrics of hardware, and how they are measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from nas.arguments import Positive, Threads, checked
from nas.errors import UsageError
from nas.settings.forms import Named
from nas.trial import Objective

HARDWARE_METRICS: Mapping[str, str] = MappingProxyType(
    {
        "latency_ms": "median milliseconds of the inference of one sample",
        "latency_spread_ms": "the interquartile range of the same measurements",
        "latency_batch_ms": "median milliseconds of the inference of a batch",
        "latency_batch_spread_ms": "the interquartile range of the same measurements",
        "peak_memory_mib": "the most memory that the inference of a batch needs at a time, weights included",
        "energy_mj": "millijoules of the inference of one sample",
    }
)
"""The metrics of hardware, and what they are. Lower is better for all of them."""

SINGLE = ("latency_ms", "latency_spread_ms")
BATCH = ("latency_batch_ms", "latency_batch_spread_ms")


@checked
@dataclass(frozen=True)
class Hardware:
    """How networks are measured on this machine.

    Attributes:
        metrics: metrics of hardware to measure besides those that are objectives.
        batch: number of samples in a batch, for `latency_batch_ms` and `peak_memory_mib`.
        threads: number of CPU threads of torch while a network is measured.
        operators: a table of latencies of layers, as `nas latency` writes it: `latency_ms` is then not measured but
            estimated, as their sum. `null`: it is measured.
    """

    metrics: tuple[Annotated[str, Named(tuple(HARDWARE_METRICS))], ...] = ()
    batch: Positive = 32
    threads: Threads = 1
    operators: Path | None = None


DEFAULT_HARDWARE = Hardware()


def show_machine(metric: str, machine: Mapping[str, object]) -> str:
    """What a metric was measured on: `one sample, cpu (1 thread), AMD EPYC`; empty for a metric of something else.

    Args:
        metric: its name.
        machine: as `nas.hardware.measure.machine` describes it.
    """
    if metric not in HARDWARE_METRICS:
        return ""
    samples = f"a batch of {machine['batch']}" if metric in (*BATCH, "peak_memory_mib") else "one sample"
    if metric == "latency_ms" and machine.get("operators"):
        return f"{samples}, estimated from {machine['operators']}"
    if metric == "peak_memory_mib" and str(machine["device"]).startswith("cpu"):
        return samples  # counted, so that it is the same on every machine
    return f"{samples}, {machine['device']}, {machine['processor']}"


def asked_of_hardware(
    objectives: Iterable[Objective], hardware: Hardware = DEFAULT_HARDWARE, reported: Sequence[str] = ()
) -> tuple[str, ...]:
    """The metrics of hardware that are asked for, in the order of the table.

    Args:
        objectives: the objectives of a search.
        hardware: names further metrics.
        reported: the metrics that the evaluator reports by itself, which are not measured.

    Raises:
        UsageError: the spread of measured latencies is asked for, and latencies are estimated.
    """
    asked = {*hardware.metrics, *(one.metric for one in objectives)} - set(reported)
    if hardware.operators is not None and "latency_spread_ms" in asked:
        raise UsageError("latency_spread_ms is a spread of measurements, and hardware.operators estimates latency_ms")
    return tuple(name for name in HARDWARE_METRICS if name in asked)
