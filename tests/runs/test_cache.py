"""Runs that share a folder of results: what one has evaluated, the next one does not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas.evaluate import Evaluator, Train
from nas.events import Event, Notice
from nas.runs import by_name
from nas.space import Architecture, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Metrics, Trial
from tests.tiny_run import rows, start

QUICK = ("controller=random", "final.top=1", "final.epochs=1", "budget.trials=4")


def told(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice) and "again" in event.text]


def test_a_second_run_evaluates_nothing(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """And has the table of the first one, which is that of a run without a cache."""
    usual = (*QUICK, "cache=shared/results")
    start(config, *QUICK, out=tmp_path / "without")
    start(config, *usual, out=tmp_path / "first")
    found = rows(tmp_path / "first", without=())
    assert rows(tmp_path / "first") == rows(tmp_path / "without")
    files = {path: path.stat().st_mtime_ns for path in (config.parent / "shared/results").iterdir()}
    assert len(files) == len({row["id"] for row in found})
    damaged = min(files)
    damaged.write_text(damaged.read_text()[:-5])
    trained = 0
    original = Train.__call__

    def counted(self: Train, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        nonlocal trained
        trained += 1
        return original(self, arch, epochs=epochs, seed=seed)

    monkeypatch.setattr(Train, "__call__", counted)
    events: list[Event] = []
    start(config, *usual, out=tmp_path / "second", on_event=events.append)
    assert [text.split(" is corrupt")[0] for text in told(events)] == [str(damaged)]
    assert rows(tmp_path / "second") == rows(tmp_path / "first")
    same = [
        new["seconds"] == old["seconds"] for new, old in zip(rows(tmp_path / "second", without=()), found, strict=True)
    ]
    assert same.count(False) <= 1, "seconds are those of the evaluation that was made"
    anew = [path for path, time in files.items() if path.stat().st_mtime_ns != time]
    assert anew == [damaged]
    assert trained == 1
    # It is no part of the identity of a run.
    more = (*QUICK[:-1], "budget.trials=5")
    assert start(config, *more, out=tmp_path / "second", resume=True).trials == 5


class Stated(MatchEvaluator):
    """States what it depends on: its target."""

    def depends_on(self) -> Mapping[str, Any]:
        return {"target": self.target.id}


def test_a_cache_in_python(tmp_path: Path) -> None:
    space = parse_space("{input: [4], layers: [{name: act, choice: [relu, gelu, silu]}]}")
    events: list[Event] = []

    def search(evaluator: Evaluator) -> list[Trial]:
        study = by_name.search(
            "random", evaluator, space=space, trials=9, cache=tmp_path / "results", on_event=events.append
        )
        return [replace(trial, seconds=0.0) for trial in study]

    expected = search(MatchEvaluator(next(iter(space))))
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert notices[0].startswith("the results of MatchEvaluator are not taken from the cache")
    assert list((tmp_path / "results").iterdir()) == []
    events.clear()
    found = [search(Stated(next(iter(space)))) for _ in range(2)]
    assert found[0] == found[1]
    assert [trial.scores for trial in found[0]] == [trial.scores for trial in expected]
    assert len(list((tmp_path / "results").iterdir())) == 3
    assert not any("cache" in event.text for event in events if isinstance(event, Notice))
