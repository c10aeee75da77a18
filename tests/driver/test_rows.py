"""The rows of a trial are those that Optuna writes, and Optuna's storage reads them as its own."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from nas.driver import rows
from nas.driver.optuna_study import OptunaStudy, read_study
from nas.driver.rows import TrialWriter
from nas.driver.stored_trial import StoredTrial, options_of
from nas.errors import IntegrityError
from nas.space import Space
from nas.trial import Objective, Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]

INF, NAN = float("inf"), float("nan")


def contents(path: Path) -> Mapping[str, Sequence[Any]]:
    """All rows of all tables, in the order of their keys."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}


def frozen(place: int, **settings: Any) -> FrozenTrial:
    """A trial of Optuna with what ours may have: infinite curves, options of several types, any text."""
    content: dict[str, Any] = {
        "number": place,
        "trial_id": -1,
        "state": TrialState.COMPLETE,
        "value": 0.1 + 0.2,
        "datetime_start": datetime(2026, 7, 1, 12, 30, 0, 5),
        "datetime_complete": datetime(2026, 12, 1, 12, 30),
        "params": {"b": 1, "a": None, "c": 0.30000000000000004, "µ": "two 'words'"},
        "distributions": {
            "b": CategoricalDistribution((3, 1)),
            "a": CategoricalDistribution(("x", None)),
            "c": CategoricalDistribution((0.1, 0.30000000000000004)),
            "µ": CategoricalDistribution((False, "two 'words'")),
        },
        "user_attrs": {"seconds": 0.25, "metrics": {"loss": "nan"}, "error": None, "text": 'ä"\n%s :x ?'},
        "system_attrs": {},
        "intermediate_values": {1: 0.5, 2: NAN, 3: INF, 4: -INF, 7: 1e-300},
    }
    return FrozenTrial(**{**content, **settings})


KINDS: Mapping[str, tuple[int, Mapping[str, Any]]] = {
    "complete": (1, {}),
    "failed": (1, {"state": TrialState.FAIL, "value": None}),
    "two objectives": (2, {"value": None, "values": [-0.5, 1e300]}),
    "no decisions": (1, {"params": {}, "distributions": {}}),
    "no curve": (1, {"intermediate_values": {}}),
    "no time": (1, {"datetime_start": None}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_that_optuna_writes(kind: str, tmp_path: Path) -> None:
    objectives, settings = KINDS[kind]
    theirs, ours = tmp_path / "theirs.db", tmp_path / "ours.db"
    storage = RDBStorage(f"sqlite:///{theirs}")
    for name in ("other", "s"):
        optuna.create_study(storage=storage, study_name=name, directions=["maximize"] * objectives)
    storage.create_new_trial(1)  # so that a trial's id is not its number
    shutil.copy(theirs, ours)
    trials = [frozen(place, **settings) for place in range(3)]
    for trial in trials:
        storage.create_new_trial(2, template_trial=trial)
    written = RDBStorage(f"sqlite:///{ours}")
    writer = TrialWriter.of("ours.db", written, 2, "s")
    assert writer.known
    writer.append(trials)
    assert contents(ours) == contents(theirs)
    assert repr(written.get_all_trials(2)) == repr(storage.get_all_trials(2))
    for one in (storage, written):
        one.engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_postgresql_has_the_same_trials(kind: str, postgresql: str) -> None:
    """Its types are stricter than those of SQLite: a state, for one, is no text."""
    objectives, settings = KINDS[kind]
    storage = RDBStorage(postgresql)
    trials, found = [frozen(place, **settings) for place in range(3)], []
    for name in (f"{kind}, theirs", f"{kind}, ours"):
        optuna.create_study(storage=storage, study_name=name, directions=["maximize"] * objectives)
        study_id = storage.get_study_id_from_name(name)
        replace(TrialWriter.of("server", storage, study_id, name), known=name.endswith("ours")).append(trials)
        found.append(storage.get_all_trials(study_id))
    columns = (
        *("number", "state", "values", "datetime_start", "datetime_complete"),
        *("params", "distributions", "user_attrs", "intermediate_values"),
    )
    theirs, ours = ([[getattr(trial, column) for column in columns] for trial in study] for study in found)
    assert repr(ours) == repr(theirs)
    storage.engine.dispose()


def test_trials_of_a_search_are_those_that_optuna_writes(
    tmp_path: Path, space: Space, opened: Opened, trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the version of the tables is not known, and Optuna writes them."""
    noon = datetime(2026, 12, 1, 12)
    original = StoredTrial.freeze

    def freeze(trial: StoredTrial, objectives: Sequence[Objective]) -> FrozenTrial:
        made = original(trial, objectives)
        made.datetime_start = made.datetime_complete = noon
        return made

    monkeypatch.setattr(StoredTrial, "freeze", freeze)
    paths = {"ours": tmp_path / "ours.db", "theirs": tmp_path / "theirs.db"}
    made = trials(8)
    for which, path in paths.items():
        monkeypatch.setattr(rows, "SCHEMA", rows.SCHEMA if which == "ours" else (5, "another"))
        with opened(path) as study:
            for trial in made:
                study.append(trial)
    assert contents(paths["ours"]) == contents(paths["theirs"])
    for path in paths.values():
        assert list(read_study(path, name="s", space=space).trials) == made


def test_notes_are_those_that_optuna_writes(copied: Path) -> None:
    ours = copied.with_name("ours.db")
    shutil.copy(copied, ours)
    for path in (copied, ours):
        storage = RDBStorage(f"sqlite:///{path}")
        writer = replace(TrialWriter.of(path.name, storage, 1, "s"), known=path == ours)
        for value in ({"a": 1}, {"a": "ä"}, {}):
            writer.note("new", value)
            assert storage.get_study_system_attrs(1)["new"] == value
        writer.note("study:metric_names", {"a": 2})  # one that is there
        storage.engine.dispose()
    assert contents(ours) == contents(copied)


def test_a_trial_is_written_whole_or_not_at_all(copied: Path, trials: Trials, space: Space) -> None:
    storage = RDBStorage(f"sqlite:///{copied}")
    before = contents(copied)
    good = StoredTrial.of(trials(9)[8], 8, options_of(space))
    bad = replace(good, place=9).freeze([Objective("val_acc")])
    bad.user_attrs["number"] = {1, 2}  # JSON has no sets
    writer = TrialWriter.of("study.db", storage, storage.get_study_id_from_name("s"), "s")
    with pytest.raises(TypeError):
        writer.append([good.freeze([Objective("val_acc")]), bad])
    assert contents(copied) == before


@pytest.mark.parametrize(
    ("schema", "place"), [(rows.SCHEMA, 0), (rows.SCHEMA, 7), (rows.SCHEMA, 9), ((5, "another"), 7)]
)
def test_a_place_that_is_not_the_next_one(
    schema: object, place: int, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SCHEMA", schema)
    storage = RDBStorage(f"sqlite:///{copied}")
    before = contents(copied)
    writer = TrialWriter.of("study.db", storage, storage.get_study_id_from_name("s"), "s")
    with pytest.raises(
        IntegrityError, match=rf"^study\.db: another program writes to study 's': it has a trial {place}$"
    ):
        writer.append([frozen(place)])
    assert not writer.known or contents(copied) == before
