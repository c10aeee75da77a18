"""An architecture measured."""

import pytest
import torch

from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.hardware import HARDWARE_METRICS, Hardware
from nas.hardware.measure import inputs_of, machine, measure_hardware
from nas.space import Space, parse_space
from nas.stillness import still_by
from nas.testing.random_states import global_random_untouched

CPU = torch.device("cpu")


def test_what_is_asked_for_is_measured_in_quiet(
    space: Space, corners: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nas.hardware.latency.SECONDS", 0.01)
    arch, times, threads = next(iter(space)), list[str](), torch.get_num_threads()

    class Once:
        def __enter__(self) -> None:
            times.append(str(torch.get_num_threads()))

        def __exit__(self, *_: object) -> None:
            times.append("ended")

    asked = tuple(name for name in HARDWARE_METRICS if name != "energy_mj")
    with still_by(Once), global_random_untouched("measuring"):
        found = measure_hardware(arch, corners, asked, hardware=Hardware(batch=500, threads=2), device="cpu")
    assert tuple(found) == asked
    assert times == ["2", "ended"] * 2, "once for a sample and once for a batch; memory is counted"
    assert torch.get_num_threads() == threads
    assert found["latency_ms"] > 0
    assert found["latency_batch_ms"] > 0
    again = measure_hardware(arch, corners, ["peak_memory_mib"], hardware=Hardware(batch=500), device="cpu")
    assert again == {"peak_memory_mib": found["peak_memory_mib"]}


def test_inputs_are_samples_repeated_where_there_are_fewer(corners: Dataset) -> None:
    found = inputs_of(corners, 700, CPU)
    assert torch.equal(found[:300], torch.from_numpy(corners.train.inputs[:300]))
    assert torch.equal(found[300:600], found[:300])


def test_a_network_that_fails_is_a_failure(corners: Dataset) -> None:
    wide = next(iter(parse_space("input: [2]\nlayers: [{linear: {units: 1000000000000}}, {linear: {units: 4}}]")))
    with pytest.raises(EvaluationFailed) as caught:
        measure_hardware(wide, corners, device="cpu")
    assert caught.value.kind is FailureKind.OOM_HOST


def test_energy_needs_a_counter(space: Space, corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(device: torch.device) -> None:
        raise UsageError("no counter")

    monkeypatch.setattr("nas.hardware.measure.meter_of", refuse)
    with pytest.raises(UsageError, match="no counter"):
        measure_hardware(next(iter(space)), corners, ["energy_mj"], device="cpu")


def test_the_machine_is_described() -> None:
    found = machine(Hardware(batch=8, threads=1), "cpu")
    assert found["device"] == "cpu (1 thread)"
    assert (found["threads"], found["batch"]) == (1, 8)
    assert found["processor"]
