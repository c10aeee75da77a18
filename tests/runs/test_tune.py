"""A recipe that is tuned before the final trainings: what is tried, what is taken, and that a stop changes nothing."""

from pathlib import Path

import pytest

from nas.data import Dataset
from nas.events import Attempted, Event, StageBegan
from nas.manifest import Manifest
from nas.runs.summary import read_run
from nas.runs.tune import judged_by, kept_tuning
from nas.training.recipe import FULL_LENGTH
from nas.trial import Objective
from tests.tiny_run import Crash, outcome, start

TUNED = ("budget.trials=2", "controller=random", "final.top=1", "final.seeds=2")


def test_a_tuned_run_is_the_same_wherever_it_was_stopped(config: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    whole = tmp_path / "whole"
    start(config, *TUNED, "final.tune=3", out=whole, on_event=events.append)
    tried = [event for event in events if isinstance(event, Attempted)]
    assert [event.place for event in tried] == [0, 1, 2]
    assert [event.stage for event in events if isinstance(event, StageBegan)] == ["trial", "tuning", "final"]
    tuning = kept_tuning(Manifest(whole))
    assert tuning is not None
    assert tuning.metric == "val_acc"
    assert [attempt.value for attempt in tuning.attempts] == [event.value for event in tried]
    first = tuning.attempts[0].hyperparameters
    assert (first["lr"], first["weight_decay"]) == (0.01, FULL_LENGTH.weight_decay), "the recipe itself"
    assert not (whole / "handed_over").exists()

    def stop(event: Event) -> None:
        if isinstance(event, Attempted) and event.place == 1:
            raise Crash

    stopped = tmp_path / "stopped"
    with pytest.raises(Crash):
        start(config, *TUNED, "final.tune=3", out=stopped, on_event=stop)
    events.clear()
    start(config, *TUNED, "final.tune=3", out=stopped, resume=True, on_event=events.append)
    assert [event.place for event in events if isinstance(event, Attempted)] == [1, 2]
    assert kept_tuning(Manifest(stopped)) == tuning
    assert outcome(stopped) == outcome(whole)

    # The page shows what was tried; another number of trainings keeps to these.
    assert "Tuning of the recipe" in (whole / "report.html").read_text()
    assert read_run(whole).tuning == tuning
    events.clear()
    start(config, *TUNED, "final.tune=4", out=whole, resume=True, on_event=events.append)
    assert [event.place for event in events if isinstance(event, Attempted)] == [3]
    start(config, *TUNED, "final.tune=2", out=whole, resume=True, on_event=events.append)
    fewer = kept_tuning(Manifest(whole))
    assert fewer is not None
    assert list(fewer.attempts) == list(tuning.attempts[:2])


def test_finalists_are_trained_with_the_best(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.runs.tuner.Tuner.ask", lambda self: {"lr": 1e-4, "warmup": 0.5})
    monkeypatch.setattr("nas.runs.tuner.Tuner.tell", lambda self, value: None)
    folder = tmp_path / "run"
    start(config, *TUNED, "final.tune=1", out=folder)
    by_hand = tmp_path / "hand"
    start(config, *TUNED, "final.tune=0", "final.lr=0.0001", "final.warmup=0.5", out=by_hand)
    assert outcome(folder).weights == outcome(by_hand).weights


def test_a_training_is_judged_by_what_it_measures(corners: Dataset) -> None:
    """An objective that only an evaluator of the user's own reports is left out."""
    own, loss = Objective("val_own", "maximize"), Objective("val_loss", "minimize")
    assert judged_by([own, Objective("params", "minimize"), loss], corners) == loss
    assert judged_by([own], corners) == corners.task.objective
