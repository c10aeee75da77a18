"""A study in an Optuna storage: what it belongs to, and its trials. optuna-dashboard reads it as it is.

Only finished trials are written, each in one transaction, so a driver that is killed loses at most the trial in
flight. The order of the log is that in which trials were told: the number of a trial in Optuna is its place in the log,
and the number under which it was asked for is one of its attributes.

`database.py` is what it is kept in, `identity.py` what it belongs to, `stored_trial.py` how a trial is stored, and
`rows.py` writes it.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optuna.storages import RDBStorage

from nas.arguments import checked
from nas.driver.database import Database, decoding, translating
from nas.driver.deaths import Begun, FaultLog, fault_log
from nas.driver.identity import (
    check_identity,
    find_or_create,
    find_study,
    identity_in,
    objectives_in,
    plain_identity,
    refuse_others,
)
from nas.driver.new_file import new_file
from nas.driver.rows import TrialWriter
from nas.driver.stored_trial import StoredTrial, load_trials, options_of
from nas.errors import ArgumentError, UsageError, nearest
from nas.objectives import Objectives, objectives_of
from nas.space import Space
from nas.trial import Objective, Proposal, Trial

_BEGUN = "archwright:begun"
"""The study's system attribute that says which trial was begun last."""


@dataclass(frozen=True)
class StoredStudy:
    """What a study held when it was read.

    Attributes:
        name: the study's name.
        objectives: what it searches for, first the one that controllers of one objective follow.
        identity: what it was begun with, in plain data.
        trials: all of them, in the order in which they were told.
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
        study_id = find_study(optuna_storage, name)
        if study_id is None:
            names = [study.study_name for study in optuna_storage.get_all_studies()]
            guess = nearest(name, names)
            hint = f"; did you mean {guess!r}?" if guess else f"; it holds {', '.join(map(repr, names)) or 'none'}"
            raise UsageError(f"{database.label} has no study {name!r}{hint}")
        identity = identity_in(database.label, optuna_storage, study_id, name)
        objectives = objectives_in(database.label, identity)
        return StoredStudy(name, objectives, identity, tuple(load_trials(database, study_id, space)))


class OptunaStudy:
    """A `Study` that is kept in a database; made by `OptunaStudy.open`.

    All trials are also in memory: iterating does not touch the database. They are in the order in which they were
    appended.

    Attributes:
        name: the study's name.
        objectives: what its trials are scored by.
        identity: what the study belongs to, in plain data, as it is stored now.
    """

    def __init__(self, *_arguments: object, **_settings: object) -> None:
        """Raises ArgumentError: a study is opened, so that it is locked and closed."""
        needed = "storage, name=..., space=..., objectives=..., identity=..."
        raise ArgumentError(f"OptunaStudy: use `with OptunaStudy.open({needed}) as study:`")

    def _start(
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
        self.objectives = tuple(objectives)
        self.space = space
        self._options = options_of(space)
        self._trials = list(trials)
        self._numbers = {trial.number for trial in self._trials}
        self._fault_log: FaultLog | None = None
        with decoding(database.label):
            self._writer: TrialWriter | None = TrialWriter.of(database.label, storage, study_id, name)
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
                    find_or_create(made, name, objectives, now)
            connected = stack.enter_context(database.storage(create=database.path is None))
            with decoding(database.label):
                if alone:
                    refuse_others(database.label, connected, name)
                study_id = find_or_create(connected, name, objectives, now)
                check_identity(database.label, connected, study_id, name, now, accept_changes)
                trials = load_trials(database, study_id, space)
            study = cls.__new__(cls)
            study._start(database, connected, study_id, name, space, objectives, now, trials)
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
            UsageError: the study is closed, has a trial of this number, or the trial's content cannot be stored (a
                number that is not finite, an architecture of another space).
            StorageError: the database cannot be written; all trials before this one are safe.
            IntegrityError: another program has written to the study.
        """
        writer, place = self._open, len(self)
        if trial.number in self._numbers:
            raise UsageError(f"the study {self.name!r} has a trial {trial.number} already")
        try:
            frozen = StoredTrial.of(trial, place, self._options).freeze(self.objectives)
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise UsageError(f"trial {trial.number} cannot be stored: {error}") from error
        with translating(self._database.label):
            writer.append([frozen])
        self._trials.append(trial)
        self._numbers.add(trial.number)

    def begin(self, proposal: Proposal) -> str | None:
        """Notes in the database that the next trial is being evaluated.

        Where it has cost a process its life already, as `Begun.reason` has it, the answer says so.

        Raises:
            UsageError: the study is closed.
            StorageError: the database cannot be written.
        """
        if self._writer is not None and self._fault_log is not None:
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
            if self._begun.place == len(self):
                self._note(replace(self._begun, fault=log.earlier))
            log.clear()

    def _note(self, begun: Begun) -> None:
        with translating(self._database.label):
            self._open.note(_BEGUN, begun.stored())
        self._begun = begun

    @property
    def _open(self) -> TrialWriter:
        if self._writer is None:
            raise UsageError(f"the study {self.name!r} is closed")
        return self._writer

    def _close(self) -> None:
        self._writer = None
