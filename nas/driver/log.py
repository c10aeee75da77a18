"""The log of a study as it is stored, without the space that its trials are members of: for checks and repairs."""

import contextlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

from nas.driver.database import Database, connect_file, decoding
from nas.driver.identity import find_or_create, identity_in, objectives_in
from nas.driver.new_file import new_file
from nas.driver.rows import TrialWriter
from nas.driver.stored_trial import StoredTrial, count_trials, load_stored
from nas.errors import IntegrityError


@dataclass(frozen=True)
class Log:
    """A study as it is stored, without the space that its trials are members of.

    Attributes:
        name: the study's name; None: there is none, or it could not be read.
        identity: what the study belongs to; None likewise.
        trials: its trials, in the order in which they were told, up to the first that is damaged.
        later: those behind that one that are whole.
        seen: how many trials there were, as far as that can be seen.
    """

    name: str | None = None
    identity: Mapping[str, Any] | None = None
    trials: Sequence[StoredTrial] = ()
    later: Sequence[StoredTrial] = ()
    seen: int = 0


def read_log(path: Path) -> Log:
    """The log in an SQLite file that holds one study, or none yet.

    Raises:
        StorageError: it cannot be read.
        Damaged: it is not what was written.
        IntegrityError: another program wrote it.
    """
    database = Database.file(path)
    with database.storage() as storage, decoding(database.label):
        names = optuna.get_all_study_names(storage)
        if len(names) > 1:
            raise IntegrityError(f"{path} holds {len(names)} studies: {', '.join(map(repr, names))}")
        if not names:
            return Log()
        study_id = storage.get_study_id_from_name(names[0])
        if not count_trials(storage, study_id):
            return Log(names[0])
        trials = load_stored(database, study_id)
        identity = identity_in(database.label, storage, study_id, names[0])
        return Log(names[0], identity, trials, seen=len(trials))


def may_have_trials(path: Path) -> bool:
    """Whether there is an SQLite file that has a trial, or that cannot be read well enough to say that it has none."""
    if not os.path.lexists(path):
        return False
    try:
        with contextlib.closing(connect_file(path)) as connection:
            return connection.execute("SELECT 1 FROM trials LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        return True


def write_log(path: Path, log: Log) -> None:
    """Writes a log, in the place of what is there; without a name, one that holds no study. Raises StorageError."""
    with new_file(path) as storage:
        if log.name is None or log.identity is None:
            return
        objectives = objectives_in(str(path), log.identity)
        study_id = find_or_create(storage, log.name, objectives, log.identity)
        writer = TrialWriter.of(str(path), storage, study_id, log.name)
        writer.append(trial.freeze(objectives) for trial in log.trials)
