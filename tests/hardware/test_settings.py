"""What is asked of hardware."""

from pathlib import Path

import pytest

from nas.errors import UsageError
from nas.hardware import HARDWARE_METRICS, Hardware, asked_of_hardware
from nas.trial import Objective


def test_objectives_and_further_metrics_are_asked_for_in_the_order_of_the_table() -> None:
    objectives = [Objective("val_acc"), Objective("peak_memory_mib", "minimize"), Objective("latency_ms", "minimize")]
    assert asked_of_hardware(objectives) == ("latency_ms", "peak_memory_mib")
    further = Hardware(metrics=("energy_mj", "latency_ms"))
    assert asked_of_hardware(objectives[:1], further) == ("latency_ms", "energy_mj")
    assert asked_of_hardware(objectives, further, ["latency_ms"]) == ("peak_memory_mib", "energy_mj")
    assert asked_of_hardware(objectives[:1]) == ()


def test_estimates_have_no_spread() -> None:
    table = Hardware(metrics=("latency_spread_ms",), operators=Path("table.json"))
    with pytest.raises(UsageError, match=r"latency_spread_ms is a spread of measurements, and hardware\.operators"):
        asked_of_hardware([], table)


def test_metrics_are_those_of_the_table() -> None:
    assert all(HARDWARE_METRICS.values())
    with pytest.raises(UsageError, match="metrics"):
        Hardware(metrics=("latency",))
