"""Trials come back exactly as they went in, whatever happens in between."""

import contextlib
import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from nas.controllers import RegularizedEvolution
from nas.driver.loop import search
from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import IntegrityError, StorageError, UsageError
from nas.space import Architecture, Space, parse_space
from nas.trial import Metrics, Objective, Proposal, Trial

SPACE_TEXT = """
name: small
input: [1, 8, 8]
classes: 10
layers:
  - name: body
    repeat: {choice: [0, 1, 2]}
    of:
      - conv: {width: {choice: [4, 8]}, kernel: {choice: [1, 3]}}
      - name: activation
        choice: [relu, identity]
      - dropout: {p: {choice: [0.0, 0.1, 0.30000000000000004]}}
  - flatten
  - linear: {units: classes}
"""
SPACE = parse_space(SPACE_TEXT)
OBJECTIVES = (Objective(),)
IDENTITY = {"space": SPACE.fingerprint, "seed": 0, "controller": {"name": "regularized_evolution", "population": 4}}


def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    """A free evaluator; some architectures fail."""
    rng = np.random.default_rng(seed)
    curve = tuple(map(float, rng.random(3)))
    bad = arch.params % 5 == 0
    return {
        "val_acc": float("nan") if bad else curve[-1],
        "val_acc_curve": curve,
        "val_latency_ms": 3.5,
        "seconds": 0.25,
    }


def trials(count: int, *, space: Space = SPACE, objectives: tuple[Objective, ...] = OBJECTIVES) -> list[Trial]:
    controller = RegularizedEvolution(space, population=4, tournament=2)
    return list(search(controller, evaluate, trials=count, objectives=objectives))


def opened(
    path: str | Path,
    *,
    name: str = "s",
    space: Space = SPACE,
    objectives: tuple[Objective, ...] = OBJECTIVES,
    identity: Mapping[str, Any] = IDENTITY,
    accept_changes: bool = False,
) -> contextlib.AbstractContextManager[OptunaStudy]:
    return OptunaStudy.open(
        path, name=name, space=space, objectives=objectives, identity=identity, accept_changes=accept_changes
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of eight trials; copy it before changing it."""
    path = tmp_path_factory.mktemp("stored") / "study.db"
    with opened(path) as study:
        for trial in trials(8):
            study.append(trial)
    return path


@pytest.fixture
def copied(stored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(stored, tmp_path / "study.db"))


def alter(path: Path, statement: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, values).rowcount > 0


def bits(trial: Trial) -> str:
    """Tells -0.0 from 0.0 and 1 from 1.0, which `==` does not."""
    return repr(trial)


# --- round trip ---------------------------------------------------------------------------------------------------


def test_trials_come_back_exactly(copied: Path) -> None:
    expected = trials(12)
    assert {trial.error is None for trial in expected} == {True, False}
    with opened(copied) as study:
        assert list(study) == expected[:8]
        for trial in expected[8:]:
            study.append(trial)
        assert list(study) == expected
        assert len(study) == 12
    assert list(study) == expected  # in memory, also after it was closed
    with opened(copied) as again:
        assert list(map(bits, again)) == list(map(bits, expected))
        assert [t.architecture.id for t in again] == [t.architecture.id for t in expected]
    read = read_study(copied, name="s", space=SPACE)
    assert list(read.trials) == expected
    assert (read.name, read.objectives) == ("s", OBJECTIVES)
    assert {**IDENTITY, "objectives": read.identity["objectives"]} == read.identity


FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [-0.0, 5e-324, 2.2e-308, 1.7e308, 0.1 + 0.2]
)
NUMBERS = FLOATS | st.integers() | st.integers(min_value=2**62, max_value=2**200)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metrics=st.dictionaries(st.text(), NUMBERS | st.lists(NUMBERS, max_size=3).map(tuple), max_size=4),
    scores=st.none() | st.tuples(FLOATS, FLOATS | st.integers(-(2**70), 2**70)),
    seed=st.integers(0, 2**64),
    seconds=st.floats(0, 1e300),
    error=st.none() | st.text(),
    epochs=st.none() | st.integers(0, 300),
    parent=st.none() | st.integers(0, 10),
    draw=st.integers(0, 2**32),
)
def test_any_trial_comes_back_bit_for_bit(
    metrics: Metrics,
    scores: tuple[float, ...] | None,
    seed: int,
    seconds: float,
    error: str | None,
    epochs: int | None,
    parent: int | None,
    draw: int,
    tmp_path: Path,
) -> None:
    objectives = (Objective("val_loss", "minimize"), Objective("val_acc"))
    proposal = Proposal(SPACE.sample(np.random.default_rng(draw)), epochs, parent)
    with opened(tmp_path / "any.db", objectives=objectives) as study:
        number = len(study)
        trial = Trial(number, proposal, seed, metrics, scores, seconds, error, number)
        study.append(trial)
    assert bits(read_study(tmp_path / "any.db", name="s", space=SPACE).trials[-1]) == bits(trial)


@pytest.mark.parametrize("metric", [float("nan"), float("inf"), (0.5, float("nan")), np.float32(1)])
def test_what_cannot_come_back_is_refused(metric: Any, copied: Path) -> None:
    before = copied.read_bytes()
    with opened(copied) as study:
        trial = replace(trials(9)[-1], metrics={"val_acc": 0.5, "other": metric}, scores=(0.5,), error=None)
        for wrong in (
            trial,
            replace(trial, metrics={}, scores=(0.5, 0.5)),
            replace(trial, metrics={}, scores=(10**400,)),
        ):
            with pytest.raises(UsageError, match="trial 8 cannot be stored"):
                study.append(wrong)
        assert len(study) == 8
    assert copied.read_bytes() == before


def test_trials_are_appended_in_order_while_the_study_is_open(copied: Path) -> None:
    ten = trials(10)
    with opened(copied) as study:
        for wrong in (ten[7], ten[9]):
            with pytest.raises(UsageError, match=f"next trial of 's' is number 8, got {wrong.number}"):
                study.append(wrong)
        other = parse_space("{input: [4], classes: 2, layers: [linear: {units: {choice: [1, 2]}}]}")
        arch = other.sample(np.random.default_rng(0))
        with pytest.raises(UsageError, match="trial 8 cannot be stored"):
            study.append(replace(ten[8], proposal=Proposal(arch)))
    with pytest.raises(UsageError, match="closed"):
        study.append(ten[8])


def test_several_studies_in_one_file(copied: Path) -> None:
    ten = trials(10)
    with opened(copied, name="other", identity={}) as study:
        for trial in ten:
            study.append(trial)
    assert read_study(copied, name="s", space=SPACE).trials == tuple(ten[:8])
    assert read_study(copied, name="other", space=SPACE).trials == tuple(ten)
    with pytest.raises(UsageError, match=r"no study 'othr'; did you mean 'other'\?"):
        read_study(copied, name="othr", space=SPACE)
    with pytest.raises(UsageError, match="no study 'x'; it holds 's', 'other'"):
        read_study(copied, name="x", space=SPACE)


@pytest.mark.parametrize("file", ["a b.db", "100%?#.db", "{x}.db", "µ.db", "file:x.db"])
def test_any_file_name(file: str, tmp_path: Path) -> None:
    with opened(tmp_path / file) as study:
        study.append(trials(1)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, f"{file}.lock"])
    assert len(read_study(tmp_path / file, name="s", space=SPACE).trials) == 1


def test_storage_by_url(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(f"sqlite:///{copied}") as study:
        assert len(study) == 8
    monkeypatch.chdir(copied.parent)
    with opened("sqlite:///study.db") as study:
        assert len(study) == 8
    with opened("study.db") as study:
        assert len(study) == 8
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///a.db?timeout=3", "nosuchdatabase://x/y", "://"):
        with pytest.raises(UsageError), opened(url):
            pass
    with pytest.raises(UsageError, match="there is no study file"):
        read_study(copied.parent / "missing.db", name="s", space=SPACE)
    assert not (copied.parent / "missing.db").exists()


# --- what Optuna and its dashboard see ----------------------------------------------------------------------------


def test_optuna_reads_it(stored: Path) -> None:
    expected = trials(8)
    study = optuna.load_study(study_name="s", storage=f"sqlite:///{stored}")
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert study.metric_names == ["val_acc"]
    assert study.user_attrs["identity"]["seed"] == 0
    scored = [trial for trial in expected if trial.scores]
    assert study.best_value == max(trial.scores[0] for trial in scored if trial.scores)
    for seen, trial in zip(study.trials, expected, strict=True):
        assert seen.number == trial.number
        assert seen.state == (TrialState.COMPLETE if trial.scores else TrialState.FAIL)
        assert seen.params == dict(trial.architecture.choices)
        assert seen.distributions == {
            name: optuna.distributions.CategoricalDistribution(SPACE.universe[name]) for name in seen.params
        }
        assert seen.values == (list(trial.scores) if trial.scores else None)
        curve = trial.metrics.get("val_acc_curve", ())
        assert isinstance(curve, tuple)
        assert seen.intermediate_values == dict(enumerate(curve, start=1))
        assert seen.user_attrs["architecture"] == trial.architecture.id
        assert seen.user_attrs["params"] == trial.architecture.params
        assert seen.user_attrs["macs"] == trial.architecture.macs
        assert seen.user_attrs["metrics"] == {
            name: list(value) if isinstance(value, tuple) else value for name, value in trial.metrics.items()
        }
        for key in ("seed", "seconds", "error", "asked_after"):
            assert seen.user_attrs[key] == getattr(trial, key)
        assert (seen.user_attrs["epochs"], seen.user_attrs["parent"]) == (None, None)
        assert seen.duration is not None
        assert seen.duration.total_seconds() == pytest.approx(trial.seconds, abs=1e-5)


def test_two_objectives(tmp_path: Path) -> None:
    objectives = (Objective(), Objective("val_latency_ms", "minimize", limit=10.0))
    expected = trials(3, objectives=objectives)
    scored = next(trial for trial in expected if trial.scores)
    assert scored.scores == (scored.metrics["val_acc"], -3.5)
    with opened(tmp_path / "two.db", objectives=objectives) as study:
        for trial in expected:
            study.append(trial)
    read = read_study(tmp_path / "two.db", name="s", space=SPACE)
    assert (list(read.trials), read.objectives) == (expected, objectives)
    seen = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path / 'two.db'}")
    assert seen.directions == [optuna.study.StudyDirection.MAXIMIZE, optuna.study.StudyDirection.MINIMIZE]
    assert seen.metric_names == ["val_acc", "val_latency_ms"]
    assert seen.trials[scored.number].values == [scored.metrics["val_acc"], 3.5]
    assert seen.trials[scored.number].intermediate_values == {}


def test_sqlite_is_safe_against_power_cuts(stored: Path) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_optuna_says_nothing_and_keeps_its_settings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("optuna"), "propagate", True)
    level = optuna.logging.get_verbosity()
    with opened(tmp_path / "quiet.db") as study:
        study.append(trials(1)[0])
    assert optuna.logging.get_verbosity() == level
    assert capfd.readouterr() == ("", "")


def test_the_loop_does_not_load_optuna() -> None:
    code = "import sys, nas.driver.loop; sys.exit('optuna' in sys.modules or 'torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- one driver, one identity -------------------------------------------------------------------------------------

HOLD = """
import sys
from nas.driver.optuna_study import OptunaStudy
from nas.space import parse_space
from nas.trial import Objective
space = parse_space(sys.argv[2])
with OptunaStudy.open(sys.argv[1], name="held", space=space, objectives=(Objective(),), identity={}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_study_that_is_open_elsewhere(copied: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(copied), SPACE_TEXT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        before = copied.read_bytes()
        with (
            pytest.raises(StorageError, match=rf"study\.db is in use: process {child.pid} on .* since "),
            opened(copied),
        ):
            pass
        assert copied.read_bytes() == before
        assert len(read_study(copied, name="s", space=SPACE).trials) == 8
        child.kill()
    with opened(copied) as study:
        assert len(study) == 8


def test_reading_while_trials_are_written(tmp_path: Path) -> None:
    expected = trials(10)
    path = tmp_path / "study.db"
    with opened(path) as study:
        writer = threading.Thread(target=lambda: deque(map(study.append, expected)))
        writer.start()
        while writer.is_alive():
            seen = read_study(path, name="s", space=SPACE).trials
            assert list(seen) == expected[: len(seen)]
        writer.join()
    assert read_study(path, name="s", space=SPACE).trials == tuple(expected)


def test_a_changed_identity_is_shown(copied: Path) -> None:
    changed = {"space": SPACE.fingerprint, "seed": 1, "controller": {"name": "random"}, "data": [1, 2]}
    with (
        pytest.raises(IntegrityError, match="was begun with something else") as caught,
        opened(copied, identity=changed),
    ):
        pass
    assert str(caught.value).splitlines()[1:] == [
        "  seed: 0 -> 1",
        '  controller.name: "regularized_evolution" -> "random"',
        "  controller.population: 4 -> (none)",
        "  data.0: (none) -> 1",
        "  data.1: (none) -> 2",
    ]
    for _ in range(2):
        with opened(copied, identity=changed, accept_changes=True) as study:
            assert study.identity["seed"] == 1
            assert len(study) == 8
    with opened(copied, identity=changed):
        pass
    with pytest.raises(IntegrityError, match="seed: 1 -> 0"), opened(copied):
        pass


def test_objectives_belong_to_the_identity(copied: Path) -> None:
    with (
        pytest.raises(IntegrityError, match=r"objectives\.0\.limit: null -> 0\.5"),
        opened(copied, objectives=(Objective(limit=0.5),)),
    ):
        pass
    with opened(copied, objectives=(Objective(limit=0.5),), accept_changes=True):
        pass
    for objectives in (
        (Objective("val_loss"),),
        (Objective(direction="minimize"),),
        (Objective(), Objective("val_f1")),
    ):
        with (
            pytest.raises(IntegrityError, match="need a new study"),
            opened(copied, objectives=objectives, accept_changes=True),
        ):
            pass
    with pytest.raises(UsageError, match="needs an objective"), opened(copied, objectives=()):
        pass


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_an_identity_is_plain_data(value: object, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="plain JSON"), opened(tmp_path / "a.db", identity={"key": value}):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width: {choice: [4, 8]}", "width: {choice: [4, 16]}", "the options of .*width.* are \\[4, 16\\] now"),
        ("width: {choice: [4, 8]}", "width: {choice: [4, 8, 16]}", "the options of .*width"),
        ("kernel: {choice: [1, 3]}", "kernel: 3", "the options of .*kernel.* are \\[\\] now"),
        ("classes: 10", "classes: 11", "was architecture [0-9a-f]{16}; the space makes [0-9a-f]{16} of it"),
        ("classes: 10", "classes: 10\nlimits: {params: 700}", "trial 0 is no member of the space"),
    ],
)
def test_a_changed_space(old: str, new: str, message: str, tmp_path: Path, stored: Path) -> None:
    path = Path(shutil.copy(stored, tmp_path / "study.db"))
    before = path.read_bytes()
    space = parse_space(SPACE_TEXT.replace(old, new))
    with pytest.raises(IntegrityError, match=message), opened(path, space=space):
        pass
    with pytest.raises(IntegrityError, match=message):
        read_study(path, name="s", space=space)
    assert path.read_bytes() == before


# --- damage -------------------------------------------------------------------------------------------------------


def flip(place: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


def flip_text(text: bytes, by: bytes) -> Callable[[bytes], bytes]:
    def damage(data: bytes) -> bytes:
        assert text in data
        return data.replace(text, by)

    return damage


DAMAGE: Mapping[str, Callable[[bytes], bytes]] = {
    "cut to nothing": lambda data: b"",
    "cut in the header": lambda data: data[:10],
    "cut in the first page": lambda data: data[:1000],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "cut by a byte": lambda data: data[:-1],
    "not a database": lambda data: b"These are only words.\n" * 1000,
    "magic": flip(3),
    "page size": flip(16),
    "schema": flip_text(b"CREATE TABLE trial_params", b"CREATE TABLE trial_pbrams"),
    "zeros": lambda data: data[:8192] + bytes(8192) + data[16384:],
    "no key": flip_text(b"seconds", b"sfconds"),
    "a digit": flip_text(b"0.25", b"0.35"),
    "an id": flip_text(trials(1)[0].architecture.id.encode(), b"0123456789abcdef"),
    "no JSON": flip_text(b'"val_latency_ms": ', b'"val_latency_ms"; '),
    "no text": flip_text(b"val_latency_ms", b"val_\xff\xfeatency_ms"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_and_left_alone(damage: str, copied: Path) -> None:
    data = DAMAGE[damage](copied.read_bytes())
    copied.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"study\.db"), opened(copied):
        pass
    with pytest.raises(IntegrityError, match=r"study\.db"):
        read_study(copied, name="s", space=SPACE)
    assert copied.read_bytes() == data


def test_random_damage_is_found_or_harmless(stored: Path, tmp_path: Path) -> None:
    """30 flipped bits in bytes that are used; about half of them matter, so none found by luck: below 1e-6."""
    expected, data = trials(8), stored.read_bytes()
    used = np.flatnonzero(np.frombuffer(data, np.uint8))
    rng = np.random.default_rng(0)
    path = tmp_path / "study.db"
    found = 0
    for _ in range(30):
        damaged = flip(int(rng.choice(used)))(data)
        path.write_bytes(damaged)
        try:
            assert list(read_study(path, name="s", space=SPACE).trials) == expected
        except IntegrityError:
            found += 1
        assert path.read_bytes() == damaged
    assert found


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE trials SET state = 'RUNNING' WHERE number = 3", "got trial 3, RUNNING; another program"),
        ("UPDATE trials SET state = 'WAITING' WHERE number = 7", "got trial 7, WAITING; another program"),
        ("UPDATE trials SET number = 9 WHERE number = 3", "expected trial 3, .* got trial 4"),
        ("UPDATE trials SET number = 2 WHERE number = 3", "expected trial 3, .* got trial 2"),
        ("DELETE FROM trials WHERE number = 0", "expected trial 0, .* got trial 1"),
        ("DELETE FROM trial_user_attributes WHERE key = 'checksum'", "trial 0 is damaged, or was written by another"),
        ("UPDATE trial_params SET param_value = 1 - param_value WHERE param_name LIKE '%width'", "was altered"),
        ("UPDATE trial_params SET param_value = 7 WHERE param_name LIKE '%width'", "corrupt: IndexError"),
        ("UPDATE trial_user_attributes SET value_json = '1' WHERE key = 'seed'", "trial 0 was altered"),
        ("UPDATE trial_user_attributes SET value_json = '[]' WHERE key = 'metrics'", "trial 0 was altered"),
        ("DELETE FROM study_user_attributes", "written by another program|KeyError"),
        ("UPDATE study_user_attributes SET value_json = '[1]'", "something else|corrupt: TypeError"),
        ("UPDATE study_directions SET direction = 'SIDEWAYS'", "corrupt: LookupError"),
        ("UPDATE alembic_version SET version_num = 'v9.9.9'", "no longer compatible"),
    ],
)
def test_altered_content(statement: str, message: str, copied: Path) -> None:
    alter(copied, statement)
    before = copied.read_bytes()
    identity = {"seed": 5} if "directions" in statement else IDENTITY
    with pytest.raises(IntegrityError, match=message), opened(copied, identity=identity):
        pass
    if "directions" not in statement:
        with pytest.raises(IntegrityError, match=message):
            read_study(copied, name="s", space=SPACE)
    assert copied.read_bytes() == before


def test_another_program_that_writes_meanwhile(copied: Path) -> None:
    with opened(copied) as study:
        other = RDBStorage(f"sqlite:///{copied}")
        other.create_new_trial(other.get_study_id_from_name("s"))
        other.engine.dispose()
        with pytest.raises(IntegrityError, match="another program writes to study 's': it has a trial 8"):
            study.append(trials(9)[8])
        assert len(study) == 8


# --- a storage that fails -----------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Optuna tries a write that fails five times, with about a second between."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "reason", ["database or disk is full", "attempt to write a readonly database", "disk I/O error"]
)
def test_a_disk_that_fails(reason: str, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = trials(9)
    error = sqlalchemy.exc.OperationalError("INSERT", {}, sqlite3.OperationalError(reason))

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    with opened(copied) as study:
        monkeypatch.setattr(RDBStorage, "create_new_trial", fail)
        with pytest.raises(StorageError, match=rf"study\.db cannot be read or written: {reason}"):
            study.append(expected[8])
        monkeypatch.undo()
        study.append(expected[8])
    assert read_study(copied, name="s", space=SPACE).trials == tuple(expected)


@pytest.mark.usefixtures("impatient")
def test_a_full_database(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself refuses to grow; nothing of the trial stays behind."""
    expected = trials(9)
    connect = sqlite3.dbapi2.connect

    def small(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the size that it has for it
        return connection

    with opened(copied) as study:
        big = replace(expected[8], metrics={"val_acc": 0.5, "noise_curve": (0.5,) * 20_000}, scores=(0.5,), error=None)
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3.dbapi2, "connect", small)
            with pytest.raises(StorageError, match=r"study\.db cannot be read or written: database or disk is full"):
                study.append(big)
        assert read_study(copied, name="s", space=SPACE).trials == tuple(expected[:8])
        study.append(big)
    assert read_study(copied, name="s", space=SPACE).trials[8] == big


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no folder"), opened(tmp_path / "missing" / "study.db"):
        pass
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StorageError, match=r"folder\.db cannot be read or written: Is a directory"):
        read_study(tmp_path / "folder.db", name="s", space=SPACE)


def test_a_server_that_is_not_there() -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    with (
        pytest.raises((UsageError, StorageError), match=r"127\.0\.0\.1") as caught,
        opened(url),
    ):  # Usage: no driver for it
        pass
    assert "secret" not in str(caught.value)


@pytest.mark.skipif("ARCHWRIGHT_POSTGRESQL" not in os.environ, reason="ARCHWRIGHT_POSTGRESQL: URL of an empty database")
def test_postgresql() -> None:
    url, expected = os.environ["ARCHWRIGHT_POSTGRESQL"], trials(9)
    with opened(url, name="other", identity={}) as study:
        study.append(expected[0])
    with opened(url) as study:
        for trial in expected[:8]:
            study.append(trial)
        with (
            pytest.raises(StorageError, match=rf"study 's' is in use: process {os.getpid()} on .* holds it since 2"),
            opened(url),
        ):
            pass
        with opened(url, name="other", identity={}) as other:
            assert len(other) == 1
    with opened(url) as study:
        assert list(map(bits, study)) == list(map(bits, expected[:8]))
        study.append(expected[8])
    assert read_study(url, name="s", space=SPACE).trials == tuple(expected)
    with pytest.raises(IntegrityError, match="seed: 0 -> 1"), opened(url, identity={**IDENTITY, "seed": 1}):
        pass


# --- kill -9 ------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[4])
import sqlite3
import test_optuna_study as tests
from nas.driver import optuna_study
from nas.controllers import RegularizedEvolution
from nas.driver.loop import search
from optuna.storages import RDBStorage

path, point, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
calls = 0

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def patch(owner, name, before=None, after=None):
    original = getattr(owner, name)
    def patched(*args, **kwargs):
        global calls
        calls += 1
        if calls == count and before:
            before()
        result = original(*args, **kwargs)
        if calls == count and after:
            after()
        return result
    setattr(owner, name, patched)

if point == "before create_new_trial":
    patch(RDBStorage, "create_new_trial", before=die)
elif point == "after create_new_trial":
    patch(RDBStorage, "create_new_trial", after=die)
elif point == "before commit":
    import sqlalchemy.orm
    patch(sqlalchemy.orm.Session, "commit", before=die)
elif point == "parameter":
    patch(RDBStorage, "_set_trial_param_without_commit", after=die)
elif point == "before move":
    patch(optuna_study, "move_into_place", before=die)
elif point == "after move":
    patch(optuna_study, "move_into_place", after=die)
elif point == "identity":
    patch(RDBStorage, "set_study_user_attr", before=die)
else:
    raise ValueError(point)

with tests.opened(path) as study:
    search(RegularizedEvolution(tests.SPACE, population=4, tournament=2), tests.evaluate, study, trials=8)
"""


@pytest.mark.parametrize(
    ("point", "count", "left"),
    [
        ("before create_new_trial", 6, 5),
        ("after create_new_trial", 6, 6),
        ("before commit", 30, None),
        ("parameter", 18, None),
        ("before move", 1, None),
        ("after move", 1, 0),
        ("identity", 1, None),
    ],
)
def test_a_killed_search_goes_on_as_if_nothing_had_been(
    point: str, count: int, left: int | None, tmp_path: Path, stored: Path
) -> None:
    path = tmp_path / "study.db"
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), point, str(count), here], check=False, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    expected = trials(8)
    if path.exists():
        seen = read_study(path, name="s", space=SPACE).trials
        assert list(seen) == expected[: len(seen)]
        assert left is None or len(seen) == left
    else:
        assert left is None
    with opened(path) as study:
        search(RegularizedEvolution(SPACE, population=4, tournament=2), evaluate, study, trials=8)
        assert list(study) == expected
    assert read_study(path, name="s", space=SPACE) == read_study(stored, name="s", space=SPACE)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["study.db", "study.db.lock"]


def test_a_study_that_was_half_made_in_a_shared_file(copied: Path) -> None:
    storage = RDBStorage(f"sqlite:///{copied}")
    storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "new")
    storage.engine.dispose()
    with opened(copied, name="new") as study:
        study.append(trials(1)[0])
    assert len(read_study(copied, name="new", space=SPACE).trials) == 1
    seen = optuna.load_study(study_name="new", storage=f"sqlite:///{copied}")
    assert seen.metric_names == ["val_acc"]
    assert json.loads(json.dumps(seen.user_attrs["identity"])) == {
        **IDENTITY,
        "objectives": [{"metric": "val_acc", "direction": "maximize", "limit": None}],
    }
