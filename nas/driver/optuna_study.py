"""A study in an Optuna storage: what it belongs to, and its trials. optuna-dashboard reads it as it is.

Only finished trials are written, each in one transaction, so a driver that is killed loses at most the trial in
flight. What it is kept in is `database.py`, and how a trial is stored there `stored_trial.py`; no other module imports
Optuna.
"""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import RDBStorage
from optuna.study import StudyDirection

from nas.arguments import checked
from nas.driver.database import Database, connect_file, decoding, new_file, quiet, translating
from nas.driver.deaths import Begun, FaultLog, fault_log
from nas.driver.stored_trial import StoredTrial, count_trials, load_stored, load_trials, options_of
from nas.errors import Damaged, IntegrityError, UsageError, nearest
from nas.files import sealed, unsealed
from nas.objectives import Objectives, objectives_of
from nas.settings import changes
from nas.space import Space
from nas.trial import Objective, Proposal, Trial

IDENTITY = "identity"
"""The study's user attribute that says what it belongs to."""

_BEGUN = "archwright:begun"
"""The study's system attribute that says which trial was begun last."""


@dataclass(frozen=True)
class StoredStudy:
    """What a study held when it was read.

    Attributes:
        name: the study's name.
        objectives: what it searches for, first the one that controllers of one objective follow.
        identity: what it was begun with, in plain data.
        trials: all of them, in the order of their numbers.
    """

    name: str
    objectives: tuple[Objective, ...]
    identity: Mapping[str, Any]
    trials: tuple[Trial, ...]


@checked
def read_study(storage: str | Path, *, name: str, space: Space) -> StoredStudy:
    """Reads a study, for reports: without the lock, also while a search is writing to it, and changes nothing.

    Args:
        storage: path of an SQLite file, or the URL of a database.
        name: the study's name.
        space: what its architectures are members of.

    Raises:
        UsageError: there is no such file or study.
        StorageError: it cannot be read.
        IntegrityError: it is corrupt, or its trials are no members of the space.
    """
    database = Database.at(storage)
    if database.path is not None and not database.path.exists():
        raise UsageError(f"there is no study file {database.path}")
    with database.storage() as optuna_storage, decoding(database.label):
        study_id = _find(optuna_storage, name)
        if study_id is None:
            names = [study.study_name for study in optuna_storage.get_all_studies()]
            guess = nearest(name, names)
            hint = f"; did you mean {guess!r}?" if guess else f"; it holds {', '.join(map(repr, names)) or 'none'}"
            raise UsageError(f"{database.label} has no study {name!r}{hint}")
        identity = _identity(database.label, optuna_storage, study_id, name)
        objectives = _objectives(database.label, identity)
        return StoredStudy(name, objectives, identity, tuple(load_trials(database, study_id, space)))


@dataclass(frozen=True)
class Log:
    """A study as it is stored, without the space that its trials are members of.

    Attributes:
        name: the study's name; None: there is none, or it could not be read.
        identity: what the study belongs to; None likewise.
        trials: its trials, in the order of their numbers, up to the first that is damaged.
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
        identity = _identity(database.label, storage, study_id, names[0])
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
        objectives = _objectives(str(path), log.identity)
        study_id = _find_or_create(storage, log.name, objectives, log.identity)
        for trial in log.trials:
            storage.create_new_trial(study_id, template_trial=trial.freeze(objectives))


class OptunaStudy:
    """A `Study` that is kept in a database; made by `OptunaStudy.open`.

    All trials are also in memory: iterating does not touch the database. They are in the order of their numbers: it
    takes no trial before those of lower numbers.

    Attributes:
        name: the study's name.
        objectives: what its trials are scored by.
        identity: what the study belongs to, in plain data, as it is stored now.
    """

    def __init__(
        self,
        database: Database,
        storage: RDBStorage,
        study_id: int,
        name: str,
        space: Space,
        objectives: Sequence[Objective],
        identity: Mapping[str, Any],
        trials: Iterable[Trial],
    ) -> None:
        self.name = name
        self.identity = identity
        self._database = database
        self._storage: RDBStorage | None = storage
        self._study_id = study_id
        self.objectives = tuple(objectives)
        self.space = space
        self._options = options_of(space)
        self._trials = list(trials)
        self._fault_log: FaultLog | None = None
        with decoding(database.label):
            self._begun = Begun.of(storage.get_study_system_attrs(study_id).get(_BEGUN))

    @classmethod
    @contextlib.contextmanager
    @checked
    def open(
        cls,
        storage: str | Path,
        *,
        name: str,
        space: Space,
        objectives: Objectives,
        identity: Mapping[str, Any],
        accept_changes: bool = False,
        alone: bool = False,
    ) -> Iterator["OptunaStudy"]:
        """Opens a study for one search at a time, and makes it if it is not there.

        The study is locked while the context lasts: an SQLite file by `PATH.lock`, PostgreSQL by an advisory lock. On
        other servers a second writer is noticed when its trial gets a number that is not its own.

        Args:
            storage: path of an SQLite file, or the URL of a database.
            name: the study's name; a database may hold several.
            space: what the architectures are members of.
            objectives: what is searched for; stored with the identity.
            identity: what the study belongs to, in plain JSON data: the space's and the data's fingerprints, the
                controller, the evaluator, the seed, versions.
            accept_changes: where the stored identity differs, put this one in its place instead of refusing. The
                metrics, the directions and the options of the space's choices cannot change even so.
            alone: the database is this study's alone: one that has trials of another study is refused.

        Raises:
            UsageError: the storage's name cannot be used, or the identity is not plain data.
            StorageError: it is open elsewhere, or cannot be read or written.
            Damaged: it is not what was written.
            IntegrityError: it belongs to something else (each difference is named), or holds trials that another
                program wrote.
        """
        database = Database.at(storage)
        objectives = objectives_of(objectives)
        now = plain_identity(identity, objectives)
        with contextlib.ExitStack() as stack:
            stack.enter_context(database.exclusive(name))
            if database.path is not None and not database.path.exists():
                with new_file(database.path) as made:
                    _find_or_create(made, name, objectives, now)
            connected = stack.enter_context(database.storage(create=database.path is None))
            with decoding(database.label):
                if alone:
                    _refuse_others(database.label, connected, name)
                study_id = _find_or_create(connected, name, objectives, now)
                _compare(database.label, connected, study_id, name, now, accept_changes)
                trials = load_trials(database, study_id, space)
            study = cls(database, connected, study_id, name, space, objectives, now, trials)
            stack.callback(study._close)
            if database.path is not None:
                study._heed(stack.enter_context(fault_log(database.path.with_name(f"{database.path.name}.fault"))))
            yield study

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    def append(self, trial: Trial) -> None:
        """Adds the next trial, in one transaction; when this returns, it will not be lost.

        Raises:
            UsageError: the study is closed, the trial's number is not the next one, or its content cannot be stored
                (a number that is not finite, an architecture of another space).
            StorageError: the database cannot be written; all trials before this one are safe.
            IntegrityError: another program has written to the study.
        """
        storage = self._open
        if trial.number != len(self):
            raise UsageError(f"the next trial of {self.name!r} is number {len(self)}, got {trial.number}")
        try:
            frozen = StoredTrial.of(trial, self._options).freeze(self.objectives)
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise UsageError(f"trial {trial.number} cannot be stored: {error}") from error
        with translating(self._database.label):
            trial_id = storage.create_new_trial(self._study_id, template_trial=frozen)
            stored_id = storage.get_trial_id_from_study_id_trial_number(self._study_id, trial.number)
        if stored_id != trial_id:
            raise IntegrityError(
                f"{self._database.label}: another program writes to study {self.name!r}: it has a trial {trial.number}"
            )
        self._trials.append(trial)

    def begin(self, proposal: Proposal) -> str | None:
        """Notes in the database that the next trial is being evaluated.

        Where it has cost a process its life already, as `Begun.reason` has it, the answer says so.

        Raises:
            UsageError: the study is closed.
            StorageError: the database cannot be written.
        """
        if self._storage is not None and self._fault_log is not None:
            self._fault_log.clear()
        self._note(self._begun.again(len(self), proposal.architecture.id))
        return self._begun.reason

    def withdraw(self) -> None:
        """Takes the note back. Raises what `begin` raises."""
        self._note(replace(self._begun, times=self._begun.times - 1))

    def _heed(self, log: FaultLog) -> None:
        """Adds what the last process died of to the note of the trial that it had begun."""
        self._fault_log = log
        if log.earlier:
            if self._begun.number == len(self):
                self._note(replace(self._begun, fault=log.earlier))
            log.clear()

    def _note(self, begun: Begun) -> None:
        with translating(self._database.label):
            self._open.set_study_system_attr(self._study_id, _BEGUN, begun.stored())
        self._begun = begun

    @property
    def _open(self) -> RDBStorage:
        if self._storage is None:
            raise UsageError(f"the study {self.name!r} is closed")
        return self._storage

    def _close(self) -> None:
        self._storage = None


def _find(storage: RDBStorage, name: str) -> int | None:
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return None


def _find_or_create(
    storage: RDBStorage, name: str, objectives: Sequence[Objective], identity: Mapping[str, Any]
) -> int:
    """The study's id. One without trials belongs to nothing yet: it was begun and refused, or only half made."""
    study_id = _find(storage, name)
    if study_id is not None and not count_trials(storage, study_id):
        if storage.get_study_user_attrs(study_id).get(IDENTITY) == sealed(identity):
            return study_id
        storage.delete_study(study_id)
        study_id = None
    if study_id is None:
        with quiet():
            directions = [objective.direction for objective in objectives]
            study = optuna.create_study(storage=storage, study_name=name, directions=directions, load_if_exists=True)
            study.set_metric_names([objective.metric for objective in objectives])
        study_id = storage.get_study_id_from_name(name)
        storage.set_study_user_attr(study_id, IDENTITY, sealed(identity))
    return study_id


def _refuse_others(label: str, storage: RDBStorage, name: str) -> None:
    """Raises IntegrityError if there are trials of another study; removes those that have none."""
    for other in {study.study_name for study in storage.get_all_studies()} - {name}:
        study_id = storage.get_study_id_from_name(other)
        if count_trials(storage, study_id):
            raise IntegrityError(f"{label} holds the study {other!r}, and this one is {name!r}")
        storage.delete_study(study_id)


def _identity(label: str, storage: RDBStorage, study_id: int, name: str) -> dict[str, Any]:
    """What the study belongs to. Raises Damaged."""
    stored = storage.get_study_user_attrs(study_id)
    if IDENTITY not in stored:
        raise Damaged(f"{label}: the trials of study {name!r} were written by another program")
    try:
        return unsealed(stored[IDENTITY])
    except ValueError as error:
        raise Damaged(f"{label}: what study {name!r} belongs to was altered: {error}") from error


def _objectives(label: str, identity: Mapping[str, Any]) -> tuple[Objective, ...]:
    try:
        return tuple(Objective(**objective) for objective in identity["objectives"])
    except UsageError as error:
        raise Damaged(f"{label} is corrupt: {error}") from error


def _compare(
    label: str, storage: RDBStorage, study_id: int, name: str, now: Mapping[str, Any], accept_changes: bool
) -> None:
    """Holds the stored identity against this one; raises IntegrityError, or stores it if changes are accepted."""
    then = _identity(label, storage, study_id, name)
    if then == now:
        return
    lines = [f"  {line}" for line in changes(then, now)]
    asked = [StudyDirection[objective["direction"].upper()] for objective in now["objectives"]]
    fixed = storage.get_study_directions(study_id) != asked or (
        [objective["metric"] for objective in then["objectives"]]
        != [objective["metric"] for objective in now["objectives"]]
    )
    if fixed or not accept_changes:
        advice = (
            "other metrics or directions need a new study"
            if fixed
            else "--accept-changes (accept_changes=True) keeps what is there and goes on with the new settings"
        )
        raise IntegrityError("\n".join([f"{label}: study {name!r} was begun with something else:", *lines, advice]))
    storage.set_study_user_attr(study_id, IDENTITY, sealed(now))


def plain_identity(identity: Mapping[str, Any], objectives: Sequence[Objective]) -> dict[str, Any]:
    """The identity, with the objectives, as it will come back from JSON. Raises UsageError if it is no plain data."""
    if not objectives:
        raise UsageError("a study needs an objective")
    try:
        text = json.dumps({**identity, "objectives": [asdict(objective) for objective in objectives]}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the identity of a study must be plain JSON data: {error}") from error
    plain: dict[str, Any] = json.loads(text)
    return plain
