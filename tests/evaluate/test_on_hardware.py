"""Evaluators whose networks are measured on hardware as well."""

from pathlib import Path

import pytest

import nas
from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, SpecError
from nas.evaluate import OnHardware, Train
from nas.evaluate.evaluator import known_to
from nas.hardware import Hardware
from nas.space import Architecture, Space
from nas.training import Recipe
from nas.trial import Metrics, Objective
from tests.tiny_run import write_run

LATENCY = Objective("latency_ms", "minimize")


@pytest.fixture(autouse=True)
def _briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.hardware.latency.SECONDS", 0.005)
    monkeypatch.setattr("nas.hardware.latency.WARM_UP_SECONDS", (0.0, 0.005))


class Counted:
    """Counts its evaluations, and says what it reports."""

    metrics = ("val_acc",)

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        self.calls += 1
        return {"val_acc": 0.5}


class Silent(Counted):
    """Does not say that it reports a latency."""

    metrics = None  # type: ignore[assignment]

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {**super().__call__(arch, epochs=epochs, seed=seed), "latency_ms": 7.0}


def test_what_objectives_ask_for_is_measured_before_the_rest(space: Space, corners: Dataset) -> None:
    arch, counted = next(iter(space)), Counted()
    wide = OnHardware(counted, corners, objectives=[Objective("val_acc"), LATENCY], device="cpu")
    assert wide.metrics == ("val_acc", "latency_ms")
    found = wide(arch, seed=0)
    assert found["val_acc"] == 0.5
    assert isinstance(found["latency_ms"], float)
    tight = OnHardware(counted, corners, objectives=[Objective("latency_ms", "minimize", limit=1e-9)], device="cpu")
    with pytest.raises(EvaluationFailed, match=r"latency_ms is .*, the limit is 1e-09") as caught:
        tight(arch, seed=0)
    assert caught.value.kind is FailureKind.OVER_LIMIT
    assert counted.calls == 1, "a network that is over the limit is not trained"


def test_what_an_evaluator_reports_itself_is_not_replaced(space: Space, corners: Dataset) -> None:
    arch = next(iter(space))
    further = Hardware(metrics=("peak_memory_mib",), batch=4)
    silent = OnHardware(Silent(), corners, hardware=further, objectives=[LATENCY], device="cpu")
    found = silent(arch, seed=0)
    assert list(found) == ["val_acc", "latency_ms", "peak_memory_mib"]
    assert found["latency_ms"] == 7.0
    assert silent.metrics == ()


def test_it_passes_on_what_the_evaluator_says_of_itself(corners: Dataset) -> None:
    wrapped = OnHardware(Train(corners, Recipe(epochs=3)), corners, objectives=[LATENCY], device="cpu")
    assert known_to(wrapped, "full_epochs") == 3
    assert known_to(wrapped, "objective") == Objective("val_acc")


def test_a_run_by_latency_and_memory(tmp_path: Path) -> None:
    file = write_run(tmp_path)
    text = file.read_text().replace("q_learning: {replay: 5}", "random: {}")
    text += "objectives: {val_acc: maximize, latency_ms: {direction: minimize, limit: 1000}}\n"
    file.write_text(text + "hardware: {metrics: [peak_memory_mib], batch: 7}\n")
    result = nas.run(file, out=tmp_path / "run")
    (header, *rows) = (tmp_path / "run" / "trials.csv").read_text().splitlines()
    assert {"latency_ms", "peak_memory_mib"} <= set(header.split(","))
    assert len(rows) == result.trials == 6
    assert result.final.chosen.metrics["latency_ms"] > 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert "one sample, cpu (1 thread), " in page, "what the latency of the selected network was measured on"
    file.write_text(text + "hardware: {metrics: [latency]}\n")
    with pytest.raises(SpecError, match=r"hardware\.metrics"):
        nas.load_config(file)
