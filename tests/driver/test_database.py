"""Where a study is kept: whatever happens to its file or its server is said, and nothing is lost or changed."""

import contextlib
import logging
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import sqlalchemy.exc
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import Damaged, IntegrityError, StorageError, UsageError
from nas.space import Space
from nas.trial import Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]
Altered = Callable[[str], Path]

# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["a b.db", "100%?#.db", "{x}.db", "µ.db", "file:x.db", os.fsdecode(b"\xe4.db")])
def test_any_file_name(file: str, tmp_path: Path, space: Space, opened: Opened, trials: Trials) -> None:
    with opened(tmp_path / file) as study:
        study.append(trials(1)[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, f"{file}.lock"])
    assert len(read_study(tmp_path / file, name="s", space=space).trials) == 1


def test_storage_by_url(copied: Path, monkeypatch: pytest.MonkeyPatch, space: Space, opened: Opened) -> None:
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
        read_study(copied.parent / "missing.db", name="s", space=space)
    assert not (copied.parent / "missing.db").exists()


def test_sqlite_is_safe_against_power_cuts(stored: Path) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_optuna_says_nothing_and_keeps_its_settings(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, opened: Opened, trials: Trials
) -> None:
    monkeypatch.setattr(logging.getLogger("optuna"), "propagate", True)
    level = optuna.logging.get_verbosity()
    with opened(tmp_path / "quiet.db") as study:
        study.append(trials(1)[0])
    assert optuna.logging.get_verbosity() == level
    assert capfd.readouterr() == ("", "")


# --- damage -----------------------------------------------------------------------------------------------------------


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
    "an id": lambda data: re.sub(rb'architecture"[0-9a-f]{16}', b'architecture"0123456789abcdef', data),
    "no JSON": flip_text(b'"val_latency_ms": ', b'"val_latency_ms"; '),
    "no text": flip_text(b"val_latency_ms", b"val_\xff\xfeatency_ms"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_and_left_alone(damage: str, copied: Path, space: Space, opened: Opened) -> None:
    data = DAMAGE[damage](copied.read_bytes())
    assert data != copied.read_bytes()
    copied.write_bytes(data)
    with pytest.raises(IntegrityError, match=r"study\.db"), opened(copied):
        pass
    with pytest.raises(IntegrityError, match=r"study\.db"):
        read_study(copied, name="s", space=space)
    assert copied.read_bytes() == data


def test_random_damage_is_found_or_harmless(stored: Path, tmp_path: Path, space: Space, trials: Trials) -> None:
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
            assert list(read_study(path, name="s", space=space).trials) == expected
        except IntegrityError:
            found += 1
        assert path.read_bytes() == damaged
    assert found


def test_tables_of_another_version(space: Space, altered: Altered, opened: Opened) -> None:
    path = altered("UPDATE alembic_version SET version_num = 'v9.9.9'")
    before = path.read_bytes()
    with pytest.raises(IntegrityError, match="no longer compatible"), opened(path):
        pass
    with pytest.raises(IntegrityError, match="no longer compatible"):
        read_study(path, name="s", space=space)
    assert path.read_bytes() == before


# --- a storage that fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", ["database or disk is full", "attempt to write a readonly database", "disk I/O error"]
)
def test_a_disk_that_fails(
    reason: str, copied: Path, monkeypatch: pytest.MonkeyPatch, space: Space, opened: Opened, trials: Trials
) -> None:
    expected = trials(9)
    error = sqlalchemy.exc.OperationalError("INSERT", {}, sqlite3.OperationalError(reason))

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    with opened(copied) as study:
        for failing in ("do_execute", "do_executemany", "do_commit"):
            with monkeypatch.context() as patch:
                patch.setattr(SQLiteDialect, failing, fail)
                with pytest.raises(StorageError, match=rf"study\.db cannot be read or written: {reason}"):
                    study.append(expected[8])
        study.append(expected[8])
    assert read_study(copied, name="s", space=space).trials == tuple(expected)


def test_a_full_database(
    copied: Path, monkeypatch: pytest.MonkeyPatch, space: Space, opened: Opened, trials: Trials
) -> None:
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
        assert read_study(copied, name="s", space=space).trials == tuple(expected[:8])
        study.append(big)
    assert read_study(copied, name="s", space=space).trials[8] == big


def test_a_folder_that_is_not_there(tmp_path: Path, space: Space, opened: Opened) -> None:
    with pytest.raises(StorageError, match="there is no folder"), opened(tmp_path / "missing" / "study.db"):
        pass
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(Damaged, match=r"folder\.db is no file"):
        read_study(tmp_path / "folder.db", name="s", space=space)


def test_a_server_that_is_not_there(opened: Opened) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    with (
        pytest.raises((UsageError, StorageError), match=r"127\.0\.0\.1") as caught,
        opened(url),
    ):  # Usage: no driver for it
        pass
    assert "secret" not in str(caught.value)


def test_postgresql(postgresql: str, space: Space, identity: Mapping[str, Any], opened: Opened, trials: Trials) -> None:
    url, expected = postgresql, trials(9)
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
        assert list(map(repr, study)) == list(map(repr, expected[:8]))  # every bit, which `==` does not tell
        for _ in range(2):
            assert study.begin(expected[8].proposal) is None
        study.append(expected[8])
    assert read_study(url, name="s", space=space).trials == tuple(expected)
    with pytest.raises(IntegrityError, match="seed: 0 -> 1"), opened(url, identity={**identity, "seed": 1}):
        pass
