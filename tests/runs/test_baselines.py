"""Baselines of a run: measured once, by a worker, and of no effect on the rest."""

import json
from pathlib import Path

import pytest

from nas.baselines import Baselines
from nas.errors import EvaluationFailed, FailureKind
from nas.events import Event, Notice
from nas.manifest import Manifest
from nas.runs.baselines import kept_baselines
from nas.runs.folder import BASELINES, HANDED_OVER
from nas.runs.summary import read_run
from tests.tiny_run import outcome, start


def test_they_are_measured_once_and_change_nothing(
    finished: Path, config: Path, tmp_path: Path, no_drawing: None
) -> None:
    events: list[Event] = []
    result = start(config, "baseline=auto", out=tmp_path / "run", on_event=events.append)
    assert outcome(tmp_path / "run") == outcome(finished)
    assert result.baselines is not None
    assert result.baselines.reference is not None
    reached = result.baselines.reference.metrics["test_acc"]
    assert reached > 0.95
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert sum(text.startswith("baselines: val_acc 9") for text in notices) == 1
    assert read_run(tmp_path / "run").baselines == result.baselines
    assert json.loads(json.dumps(result.to_dict()))["baselines"]["reference"]["metrics"]["test_acc"] == reached
    assert not (tmp_path / "run" / HANDED_OVER).exists()
    before = (tmp_path / "run" / BASELINES).read_bytes()
    again = start(config, "baseline=auto", out=tmp_path / "run", resume=True)
    assert again.baselines == result.baselines
    assert (tmp_path / "run" / BASELINES).read_bytes() == before
    manifest = Manifest(tmp_path / "run")
    assert kept_baselines(manifest, "other data") is None
    left_out = start(config, out=tmp_path / "run", resume=True)
    assert left_out.baselines is None


def test_a_baseline_that_cannot_be_measured_is_said(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    def failing(*_: object) -> Baselines:
        raise EvaluationFailed(FailureKind.OOM_HOST, "on purpose")

    monkeypatch.setattr("nas.runs.baselines.measure_baselines", failing)
    events: list[Event] = []
    result = start(config, "baseline=auto", out=copied, resume=True, on_event=events.append)
    assert result.baselines is None
    assert result.final.test
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert "the baselines cannot be measured: OOM_HOST: on purpose" in notices
    assert BASELINES not in Manifest(copied)
