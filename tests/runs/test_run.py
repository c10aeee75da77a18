"""A run from its file to its folder, and what it leaves there."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from nas.errors import UsageError
from nas.events import EpochEnded, Event, FinalistBegan, Notice, StageBegan
from nas.runs.run import run
from nas.runs.summary import read_run
from nas.space import Space
from nas.trial import Trial
from tests.tiny_run import (
    SPACE,
    archive,
    contents,
    outcome,
    rows,
    start,
)


def test_a_run_fills_its_folder(finished: Path) -> None:
    found = contents(finished)
    final = json.loads(found["final.json"])
    assert len(final["finalists"]) == 2
    assert {name for name in found if name.startswith("finalists/")} == {
        f"finalists/{id_}.{end}" for id_ in final["finalists"] for end in ("json", "safetensors")
    }
    assert found["space.yaml"].decode() == SPACE
    assert len(rows(finished)) == 6
    assert final["chosen"] in final["finalists"]
    assert set(final["test"]) == {"test_acc", "test_loss"}
    assert final["chosen"] in found["report.html"].decode()


def test_a_run_with_a_worker_is_the_same_run(finished: Path, config: Path, tmp_path: Path, no_drawing: None) -> None:
    events: list[Event] = []
    result = start(config, "workers=3", "baseline=auto", out=tmp_path / "run", on_event=events.append)
    assert outcome(tmp_path / "run") == outcome(finished)
    assert result.baselines is not None
    assert result.baselines.reference is not None
    began = next(place for place, event in enumerate(events) if isinstance(event, FinalistBegan))
    trained = sorted(event.number for event in events[:began] if isinstance(event, EpochEnded))
    repeated = {trial.number for trial in read_run(finished).trials if not trial.seconds}
    assert trained == [number for number in range(6) if number not in repeated], "one epoch each, told by the workers"


def test_the_result_says_what_the_folder_holds(copied: Path, config: Path, no_drawing: None) -> None:
    result = start(config, out=copied, resume=True)
    final = json.loads((copied / "final.json").read_bytes())
    assert (result.folder, result.trials, result.failed) == (copied, 6, 0)
    assert result.final.chosen.architecture.id == final["chosen"]
    assert result.final.test == final["test"]
    best = max(float(row["val_acc"]) for row in rows(copied))
    assert {trial.score for trial in result.front} == {best}
    described = result.to_dict()
    assert (described["front"][0], described["best_score"]) == (described["best_trial"], best)
    assert described["figures"] == final["figures"]
    assert json.loads(json.dumps(described)) == described
    assert described["test_acc"] == final["test"]["test_acc"]


def test_config_of_the_folder_repeats_the_run(finished: Path, tmp_path: Path, no_drawing: None) -> None:
    run(finished / "config.yaml", out=tmp_path / "again")
    assert outcome(tmp_path / "again") == outcome(finished)
    first, second = ((folder / "config.yaml").read_text() for folder in (finished, tmp_path / "again"))
    assert first == second


def test_the_winner_of_a_run_can_be_found_in_another_way(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    asked: list[str] = []

    def last(trials: Sequence[Trial], count: int, *, how: str, space: Space) -> Sequence[Trial]:
        asked.append(how)
        return [trials[-1]]

    before = rows(copied)
    start(config, "winner=posterior", out=copied, resume=True)
    monkeypatch.setattr("nas.runs.stages.winners", last)
    start(config, "winner=posterior", out=copied, resume=True)
    assert asked == ["posterior"]
    assert rows(copied) == before
    assert json.loads((copied / "final.json").read_bytes())["chosen"] == before[-1]["id"]


def test_a_folder_with_a_run_is_refused(copied: Path, config: Path) -> None:
    before = contents(copied)
    with pytest.raises(UsageError, match=r"run holds a run already"):
        start(config, out=copied)
    assert contents(copied) == before


def test_nothing_is_made_for_a_run_that_cannot_begin(config: Path, tmp_path: Path) -> None:
    for overrides in (("controller.q_learning.alpha=2",), ("data={npz: {path: none.npz}}",)):
        with pytest.raises(UsageError):
            start(config, *overrides, out=tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_nothing_is_made_without_the_device(config: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'cuda' was requested, but torch finds no CUDA device"):
        start(config, "device=cuda", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_without_test_data(config: Path, tmp_path: Path, no_drawing: None) -> None:
    archive(tmp_path / "data.npz", seed=0)
    result = start(config, "data={npz: {path: data.npz}}", out=tmp_path / "run")
    assert result.final.test is None
    assert json.loads((tmp_path / "run/final.json").read_bytes())["test"] is None
    assert "test_acc" not in result.to_dict()


def test_a_run_for_two_objectives(config: Path, tmp_path: Path, no_drawing: None) -> None:
    """All that it leaves is about both: the front, the finalists, the network that is handed over, and what is said."""
    events: list[Event] = []
    overrides = ("objectives.params=minimize", "controller=local_search", "final.epochs=1")
    result = start(config, *overrides, out=tmp_path / "run", on_event=events.append)
    assert isinstance(events[0], Notice)
    assert (
        events[0].text == "tiny: searching for the highest val_acc, the lowest params; local_search reads val_acc only"
    )
    stages = [event for event in events if isinstance(event, StageBegan)]
    assert [(stage.stage, stage.total, stage.objectives) for stage in stages] == [
        ("trial", 6, result.final.objectives), ("final", len(result.final.finalists), result.final.objectives)
    ]  # fmt: skip
    scores = [(float(row["val_acc"]), -int(row["params"])) for row in rows(tmp_path / "run")]
    on_front = [row["front"] == "true" for row in rows(tmp_path / "run")]
    for score, inside in zip(scores, on_front, strict=True):
        beaten = any(all(a >= b for a, b in zip(one, score, strict=True)) and one != score for one in scores)
        assert not (inside and beaten)
    assert {number for number, inside in enumerate(on_front) if inside} == {trial.number for trial in result.front}
    summary = read_run(tmp_path / "run")
    assert [row.trial for row in summary.finalists] == [finalist.trial for finalist in result.final.finalists]
    assert [row.metrics for row in summary.finalists] == [finalist.metrics for finalist in result.final.finalists]
    best = max(summary.finalists, key=lambda row: (row.metrics["val_acc"], -row.metrics["params"]))
    assert best.chosen
    final = json.loads((tmp_path / "run/final.json").read_bytes())
    assert [one["metric"] for one in final["objectives"]] == ["val_acc", "params"]
    assert [(one["metric"], one["data"], one["chosen_on"]) for one in final["figures"]] == [
        ("test_acc", "test", False), ("test_loss", "test", False), ("val_acc", "validation", True),
        ("params", None, False),
    ]  # fmt: skip
    # What was trained in full is taken as it was, also where only what it is compared by is another thing.
    again = start(config, *overrides, out=tmp_path / "run", resume=True)
    assert again.to_dict() == result.to_dict()
