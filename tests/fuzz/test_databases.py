"""Damaged and hostile logs: read as they were, or refused; what can be saved of them is right."""

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.controllers import RandomSearch
from nas.driver.log import read_log
from nas.driver.optuna_study import OptunaStudy, read_study
from nas.driver.salvage import salvage
from nas.driver.search import search
from nas.errors import Damaged
from nas.space import Architecture, parse_space
from nas.trial import Metrics, Objective
from tests.fuzz.harness import Target, fuzz, mutate_bytes

SPACE = parse_space("""
name: small
input: [4]
outputs: 2
layers:
  - {name: act, choice: [relu, gelu, tanh]}
  - {name: fc, linear: {units: {choice: [4, 8, 16]}}}
  - {linear: {units: outputs}}
""")
OPENED: dict[str, Any] = {"name": "s", "space": SPACE, "objectives": (Objective("val_acc"),), "identity": {"seed": 0}}
COLUMNS = (
    *(("trials", column) for column in ("trial_id", "number", "study_id", "state")),
    *(("trial_params", column) for column in ("trial_id", "param_name", "param_value", "distribution_json")),
    *(("trial_user_attributes", column) for column in ("trial_id", "key", "value_json")),
    *(("studies", column) for column in ("study_id", "study_name")),
    *(("study_user_attributes", column) for column in ("key", "value_json")),
    *(("study_directions", column) for column in ("direction", "objective")),
    *(("study_system_attributes", column) for column in ("key", "value_json")),
    *(("version_info", column) for column in ("schema_version", "library_version")),
    ("alembic_version", "version_num"),
)
VALUES = (
    *(None, -1, 0, 1, 2**62, 1e308, float("inf"), "", "x", "é", "x" * 300_000, b"\xff\xfe", b"", "COMPLETE", "RUNNING"),
    *("[" * 20_000, '{"a":' * 5000, "9" * 5000, "1e999", "NaN", "null", "true", "[]", "{}", '"\\ud800"', "[1, [2]]"),
    *("-1", '{"attributes": {"choices": []}}', '{"attributes": {"choices": [[1]]}}', '{"attributes": null}'),
)  # fmt: skip
STATEMENTS = (
    "DROP TABLE trials",
    "DELETE FROM trials WHERE number = 1",
    "INSERT INTO trials (number, study_id, state) VALUES (9, 1, 'COMPLETE')",
    "DROP TABLE trial_values; "
    "CREATE VIEW trial_values AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i AS trial_value_id, i AS trial_id, 0 AS objective, 1.0 AS value, '' AS value_type FROM n",
    "ALTER TABLE trial_user_attributes ADD COLUMN more TEXT AS (hex(zeroblob(40000000)))",
    "CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
    "CREATE INDEX i ON trials (hex(zeroblob(10000000)))",
    "ALTER TABLE trials RENAME COLUMN number TO numbers",
    "INSERT INTO studies (study_name) VALUES ('other')",
    "PRAGMA application_id = 7",
    "VACUUM",
)  # fmt: skip


def _evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
    return {"val_acc": seed / 2**32, "val_acc_curve": (0.5, seed / 2**32), "seconds": 0.25}


@cache
def _valid() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.db")
        with OptunaStudy.open(path, **OPENED) as study:
            search(RandomSearch(SPACE), _evaluate, study, trials=6)
        return [path.read_bytes()]


def _mutate(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    kind = rng.random()
    if kind < 0.2:
        return mutate_bytes(data, others, rng)
    if kind < 0.4:
        used = np.flatnonzero(np.frombuffer(data, np.uint8))
        found = bytearray(data)
        found[int(rng.choice(used))] ^= 1 << int(rng.integers(8))
        return bytes(found)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.db")
        path.write_bytes(data)
        with contextlib.closing(sqlite3.connect(path)) as connection, contextlib.suppress(sqlite3.Error, MemoryError):
            if kind < 0.5:
                connection.executescript(STATEMENTS[int(rng.integers(len(STATEMENTS)))])
            elif kind < 0.8:
                table, column = COLUMNS[int(rng.integers(len(COLUMNS)))]
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE rowid >= ?",
                    (VALUES[int(rng.integers(len(VALUES)))], int(rng.integers(1, 4))),
                )
            else:
                _seal_anew(path, connection, rng)
            connection.commit()
        return path.read_bytes()


def _seal_anew(path: Path, connection: sqlite3.Connection, rng: np.random.Generator) -> None:
    """A trial with a value that it cannot have, and a checksum that fits."""
    trial = read_log(path).trials[int(rng.integers(6))]
    key = list(trial.record)[int(rng.integers(len(trial.record)))]
    values: tuple[Any, ...] = (
        None,
        -1,
        2**70,
        "x",
        [],
        {},
        [[1]],
        {"val_acc": "x"},
        {"val_acc": [["nan"]]},
        1e308,
        True,
    )
    changed = replace(trial, record={**trial.record, key: values[int(rng.integers(len(values)))]})
    for name, value in ((key, changed.record[key]), ("checksum", changed.checksum())):
        connection.execute(
            "UPDATE trial_user_attributes SET value_json = ? WHERE key = ? AND trial_id = "
            "(SELECT trial_id FROM trials WHERE number = ?)",
            (json.dumps(value), name, trial.place),
        )


def _read(data: bytes) -> None:
    """Each way to read it; what is saved of a damaged one is what was written, whatever else was."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "study.db")
        path.write_bytes(data)
        saved = salvage(path)
        assert path.read_bytes() == data
        try:
            found = read_log(path)
            assert len(saved.trials) >= len(found.trials)
        except Damaged:
            pass
        read_study(path, name="s", space=SPACE)
        with OptunaStudy.open(path, alone=True, **OPENED) as study:
            search(RandomSearch(SPACE), _evaluate, study, trials=7)


LOGS = Target(_valid, _read, _mutate)


@pytest.mark.slow
def test_logs() -> None:
    fuzz(f"{__name__}:LOGS", cases=25)
