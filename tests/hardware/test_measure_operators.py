"""Layers measured one by one."""

from pathlib import Path

import pytest

import nas
from nas.data import Dataset
from nas.errors import EvaluationFailed, UsageError
from nas.events import Event, Notice
from nas.hardware import Hardware
from nas.hardware.measure_operators import error_of, measure_operators
from nas.hardware.operators import applied
from nas.space import Space, parse_space
from nas.trial import Objective

CELL = """
input: [3, 8, 8]
outputs: 4
layers:
  - conv: {width: 4}
  - residual: [{name: act, choice: [relu, tanh]}, batch_norm]
  - global_avg_pool
  - linear: {units: outputs}
"""


@pytest.fixture(autouse=True)
def _briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.hardware.latency.SECONDS", 0.002)
    monkeypatch.setattr("nas.hardware.latency.WARM_UP_SECONDS", (0.0, 0.002))


def test_every_layer_of_a_space_has_a_latency(tmp_path: Path) -> None:
    space, events = parse_space(CELL), list[Event]()
    table = measure_operators(space, networks=2, held_out=3, device="cpu", on_event=events.append)
    texts = {one.text for arch in space for one in applied(arch)}
    assert set(table.milliseconds) == texts
    assert all(value > 0 for value in table.milliseconds.values())
    assert table.machine["threads"] == 1
    assert table.error.networks == 3
    assert [event.text for event in events if isinstance(event, Notice)] == [
        f"{len(texts)} layers and 6 networks are measured"
    ]


def test_errors_are_of_ratios_and_ranks() -> None:
    error = error_of([1.0, 2.0, 6.0], [2.0, 2.0, 4.0])
    assert (error.networks, error.bias) == (3, 1.0)
    assert error.relative == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert error.spearman == pytest.approx(0.866, abs=1e-3)
    assert error_of([1.0, 1.0], [1.0, 2.0]).spearman == 0.0


def test_too_few_networks() -> None:
    with pytest.raises(UsageError, match="held_out must be at least 3, got 2"):
        measure_operators(parse_space(CELL), held_out=2, device="cpu")


def test_an_evaluator_takes_latencies_from_a_table(space: Space, corners: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "latencies.json"
    table = measure_operators(space, networks=30, held_out=3, device="cpu")
    table.save(path)
    latency = Objective("latency_ms", "minimize")
    hardware = Hardware(operators=path)
    measured = nas.OnHardware(
        nas.ZeroCost(corners, proxies=["synflow"]), corners, hardware=hardware, objectives=[latency]
    )
    networks = list(space)
    measured.check(networks)
    assert measured(networks[0], seed=0)["latency_ms"] == table.estimate(networks[0])
    other = next(iter(parse_space("input: [2]\nlayers: [{linear: {units: 5}}]")))
    with pytest.raises(UsageError, match=r"latencies\.json lacks layers of the space, such as linear\(units=5\) on 2"):
        measured.check([other])
    with pytest.raises(EvaluationFailed, match="lacks linear"):
        measured(other, seed=0)
