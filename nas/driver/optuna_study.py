"""A study in an Optuna storage: an SQLite file, or any database by its URL. optuna-dashboard reads it as it is.

Only finished trials are written, each in one transaction, so a driver that is killed loses at most the trial in
flight. Nothing but this module imports Optuna.

Writing and metadata go through Optuna's public storage class. Reading does not: its `get_all_trials` parses every
distribution of every trial and takes half a minute for 10,000 trials, so the four tables are read with plain SELECTs.
Optuna checks the version of its tables when a database is opened.
"""

import contextlib
import gc
import hashlib
import json
import os
import socket
import sqlite3
import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import optuna
import sqlalchemy
from optuna.distributions import CategoricalDistribution
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from nas.driver.lock import exclusive
from nas.errors import IntegrityError, StorageError, UsageError, nearest
from nas.files import move_into_place
from nas.space import Space, Value
from nas.trial import Objective, Proposal, Trial

IDENTITY = "identity"
"""The study's user attribute that says what it belongs to."""

ATTRIBUTES = ("architecture", "metrics", "scores", "seed", "seconds", "error", "asked_after", "epochs", "parent")
"""The user attributes that a trial is rebuilt from; `params`, `macs` and `checksum` come on top."""

_SQLITE_MAGIC = b"SQLite format 3\0"
_CORRUPT = ("malformed", "not a database", "no such table", "no such column", "decode to UTF-8")
"""What SQLite says of a file that is damaged, or that is no study; everything else is about reading and writing."""


def _table(name: str, *columns: str) -> sqlalchemy.TableClause:
    return sqlalchemy.table(name, *map(sqlalchemy.column, columns))


_TRIALS = _table("trials", "trial_id", "study_id", "number", "state")
_PARAMS = _table("trial_params", "trial_id", "param_name", "param_value", "distribution_json")
_USER_ATTRIBUTES = _table("trial_user_attributes", "trial_id", "key", "value_json")


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
    database = _Database.at(storage)
    if database.path is not None and not database.path.exists():
        raise UsageError(f"there is no study file {database.path}")
    with database.connect() as optuna_storage, _decoding(database.label):
        study_id = _find(optuna_storage, name)
        if study_id is None:
            names = [study.study_name for study in optuna_storage.get_all_studies()]
            guess = nearest(name, names)
            hint = f"; did you mean {guess!r}?" if guess else f"; it holds {', '.join(map(repr, names)) or 'none'}"
            raise UsageError(f"{database.label} has no study {name!r}{hint}")
        identity = optuna_storage.get_study_user_attrs(study_id)[IDENTITY]
        objectives = tuple(Objective(**objective) for objective in identity["objectives"])
        return StoredStudy(name, objectives, identity, tuple(_load(database, study_id, space)))


class OptunaStudy:
    """A `Study` that is kept in a database; made by `OptunaStudy.open`.

    All trials are also in memory: iterating does not touch the database.

    Attributes:
        name: the study's name.
        identity: what the study belongs to, in plain data, as it is stored now.
    """

    def __init__(
        self,
        database: "_Database",
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
        self._objectives = tuple(objectives)
        self._distributions = {name: CategoricalDistribution(options) for name, options in space.universe.items()}
        self._trials = list(trials)

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        storage: str | Path,
        *,
        name: str,
        space: Space,
        objectives: Sequence[Objective],
        identity: Mapping[str, Any],
        accept_changes: bool = False,
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

        Raises:
            UsageError: the storage's name cannot be used, or the identity is not plain data.
            StorageError: it is open elsewhere, or cannot be read or written.
            IntegrityError: it is corrupt, belongs to something else (each difference is named), or holds trials that
                another program wrote.
        """
        database = _Database.at(storage)
        now = _plain(identity, objectives)
        with contextlib.ExitStack() as stack:
            if database.path is not None:
                if not database.path.parent.is_dir():
                    raise StorageError(f"{database.path} cannot be written: there is no folder {database.path.parent}")
                stack.enter_context(exclusive(database.path))
                if not database.path.exists():
                    _create_file(database, database.path, name, objectives, now)
            elif make_url(database.url).get_backend_name() == "postgresql":
                stack.enter_context(_exclusive_on_server(database, name))
            connected = stack.enter_context(database.connect(create=database.path is None))
            with _decoding(database.label):
                study_id = _find_or_create(connected, name, objectives, now)
                _compare(database.label, connected, study_id, name, now, accept_changes)
                trials = _load(database, study_id, space)
            study = cls(database, connected, study_id, name, space, objectives, now, trials)
            stack.callback(study._close)
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
        if self._storage is None:
            raise UsageError(f"the study {self.name!r} is closed")
        if trial.number != len(self):
            raise UsageError(f"the next trial of {self.name!r} is number {len(self)}, got {trial.number}")
        try:
            frozen = self._freeze(trial)
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise UsageError(f"trial {trial.number} cannot be stored: {error}") from error
        with _translating(self._database.label):
            trial_id = self._storage.create_new_trial(self._study_id, template_trial=frozen)
            stored_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, trial.number)
        if stored_id != trial_id:
            raise IntegrityError(
                f"{self._database.label}: another program writes to study {self.name!r}: it has a trial {trial.number}"
            )
        self._trials.append(trial)

    def _freeze(self, trial: Trial) -> FrozenTrial:
        """The trial in Optuna's terms. Its values and intermediate values are there to be looked at: the metrics hold
        the same numbers, and unlike a column of a database they keep every bit."""
        arch, complete = trial.architecture, datetime.now()
        record = {
            "architecture": arch.id,
            "metrics": dict(trial.metrics),
            "scores": trial.scores,
            "seed": trial.seed,
            "seconds": trial.seconds,
            "error": trial.error,
            "asked_after": trial.asked_after,
            "epochs": trial.proposal.epochs,
            "parent": trial.proposal.parent,
        }
        params = dict(arch.choices)
        values = None
        if trial.scores is not None:
            values = [float(o.value(score)) for o, score in zip(self._objectives, trial.scores, strict=True)]
        curve = trial.metrics.get(f"{self._objectives[0].metric}_curve") if len(self._objectives) == 1 else None
        return FrozenTrial(
            number=trial.number,
            trial_id=-1,  # the storage gives it its own
            state=TrialState.FAIL if values is None else TrialState.COMPLETE,
            value=None,
            values=values,
            datetime_start=_start(complete, trial.seconds),
            datetime_complete=complete,
            params=params,
            distributions={name: self._distributions[name] for name in params},
            user_attrs={
                **record,
                "params": arch.params,
                "macs": arch.macs,
                "checksum": _checksum(trial.number, params, record),
            },
            system_attrs={},
            intermediate_values=dict(enumerate(curve, start=1)) if isinstance(curve, tuple) else {},
        )

    def _close(self) -> None:
        self._storage = None


@dataclass(frozen=True)
class _Database:
    """Where a study is kept.

    Attributes:
        label: what messages call it: the path, or the URL without its password.
        path: of an SQLite file; None for other databases.
        url: what SQLAlchemy connects to. An existing SQLite file is opened, a missing one is never made.
    """

    label: str
    path: Path | None
    url: str

    @classmethod
    def at(cls, storage: str | Path) -> "_Database":
        if isinstance(storage, Path) or "://" not in storage:
            return cls.file(Path(storage))
        try:
            url = make_url(storage)
        except ArgumentError as error:
            raise UsageError(f"storage: {error}") from error
        if url.get_backend_name() != "sqlite":
            return cls(url.render_as_string(), None, url.render_as_string(hide_password=False))
        if url.query or not url.database or url.database.startswith((":memory:", "file:")):
            raise UsageError(f"storage {storage!r}: expected sqlite:///PATH, or only the path of a file")
        return cls.file(Path(url.database))

    @classmethod
    def file(cls, path: Path, *, mode: str = "rw") -> "_Database":
        query = {"uri": "true", "mode": mode}
        url = URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=query)
        return cls(str(path), path, url.render_as_string(hide_password=False))

    def engine(self) -> sqlalchemy.Engine:
        """For connections that are closed after each use: none is left to cross a fork, or to go stale while a network
        trains. Raises UsageError if the URL needs something that is not installed."""
        try:
            return sqlalchemy.create_engine(self.url, poolclass=NullPool)
        except (ImportError, NoSuchModuleError, ArgumentError) as error:
            raise UsageError(f"{self.label}: {error}") from error

    @contextlib.contextmanager
    def connect(self, *, create: bool = False) -> Iterator[RDBStorage]:
        """Optuna's storage; `create`: with its tables made if they are missing."""
        with _translating(self.label), _quiet():
            if self.path is not None and not create:
                with _decoding(self.label):  # SQLite's own messages quote what is damaged, also where it is no text
                    _check_file(self.path)
            self.engine()  # says what is wrong with the URL
            try:
                template = self.url.replace("{", "{{").replace("}", "}}")  # Optuna fills in its schema's version
                storage = RDBStorage(template, {"poolclass": NullPool}, skip_table_creation=not create)
            except RuntimeError as error:  # the tables of another version
                raise IntegrityError(f"{self.label}: {error}") from error
        try:
            yield storage
        finally:
            storage.remove_session()


def _check_file(path: Path) -> None:
    """Raises IntegrityError if a file is no SQLite database or is damaged.

    The quick check would leave out the indexes, and with a damaged one a study is not found by its name.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
            raise IntegrityError(f"{path} is not an SQLite database")
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise IntegrityError(f"{path} is corrupt: {' '.join(found.split())}")


def _create_file(
    database: _Database, path: Path, name: str, objectives: Sequence[Objective], identity: Mapping[str, Any]
) -> None:
    """Makes an SQLite file with an empty study, complete or not at all, so that a file without its tables is known to
    be damaged and not half made."""
    temporary = path.with_name(f".{path.name}.new")
    with _translating(database.label):
        for left_over in (temporary, path.with_name(f"{temporary.name}-journal")):
            left_over.unlink(missing_ok=True)
        with _Database.file(temporary, mode="rwc").connect(create=True) as storage:
            _find_or_create(storage, name, objectives, identity)
        move_into_place(temporary, path)


@contextlib.contextmanager
def _exclusive_on_server(database: _Database, name: str) -> Iterator[None]:
    """Holds an advisory lock of PostgreSQL; it is free as soon as the connection ends, however that comes about."""
    key = {"family": 0x4E4153, "study": zlib.crc32(name.encode()) >> 1}
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with contextlib.ExitStack() as stack:
        with _translating(database.label):
            connection = stack.enter_context(database.engine().connect())
            connection.execute(sqlalchemy.text("SELECT set_config('application_name', :name, false)"), {"name": holder})
            locked = connection.execute(sqlalchemy.text("SELECT pg_try_advisory_lock(:family, :study)"), key).scalar()
            if not locked:
                query = (
                    "SELECT application_name, date_trunc('second', backend_start) FROM pg_stat_activity JOIN pg_locks "
                    "USING (pid) WHERE locktype = 'advisory' AND classid = :family AND objid = :study AND granted"
                )
                row = connection.execute(sqlalchemy.text(query), key).first()
                who = f"{row[0]} holds it since {row[1]}" if row else "another process holds it"
                raise StorageError(f"{database.label}: study {name!r} is in use: {who}")
            connection.commit()  # the lock belongs to the connection; an open transaction would only be in the way
        yield


def _find(storage: RDBStorage, name: str) -> int | None:
    try:
        return storage.get_study_id_from_name(name)
    except KeyError:
        return None


def _find_or_create(
    storage: RDBStorage, name: str, objectives: Sequence[Objective], identity: Mapping[str, Any]
) -> int:
    """The study's id. The identity is stored last: a study without one, and without trials, is only half made."""
    study_id = _find(storage, name)
    if study_id is None or (
        IDENTITY not in storage.get_study_user_attrs(study_id) and not storage.get_n_trials(study_id)
    ):
        with _quiet():
            directions = [objective.direction for objective in objectives]
            study = optuna.create_study(storage=storage, study_name=name, directions=directions, load_if_exists=True)
            study.set_metric_names([objective.metric for objective in objectives])
        study_id = storage.get_study_id_from_name(name)
        storage.set_study_user_attr(study_id, IDENTITY, identity)
    return study_id


def _compare(
    label: str, storage: RDBStorage, study_id: int, name: str, now: Mapping[str, Any], accept_changes: bool
) -> None:
    """Holds the stored identity against this one; raises IntegrityError, or stores it if changes are accepted."""
    then = storage.get_study_user_attrs(study_id).get(IDENTITY)
    if then is None:
        raise IntegrityError(f"{label}: the trials of study {name!r} were written by another program")
    if then == now:
        return
    old, new = dict(_flat(then)), dict(_flat(now))
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    lines = [f"  {key}: {old.get(key, '(none)')} -> {new.get(key, '(none)')}" for key in changed]
    asked = [StudyDirection[objective["direction"].upper()] for objective in now["objectives"]]
    fixed = storage.get_study_directions(study_id) != asked or (
        [objective["metric"] for objective in then["objectives"]]
        != [objective["metric"] for objective in now["objectives"]]
    )
    if fixed or not accept_changes:
        advice = "; other metrics or directions need a new study" if fixed else ""
        raise IntegrityError("\n".join([f"{label}: study {name!r} was begun with something else{advice}", *lines]))
    storage.set_study_user_attr(study_id, IDENTITY, now)


def _plain(identity: Mapping[str, Any], objectives: Sequence[Objective]) -> dict[str, Any]:
    """The identity, with the objectives, as it will come back from JSON."""
    if not objectives:
        raise UsageError("a study needs an objective")
    try:
        text = json.dumps({**identity, "objectives": [asdict(objective) for objective in objectives]}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the identity of a study must be plain JSON data: {error}") from error
    plain: dict[str, Any] = json.loads(text)
    return plain


def _flat(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of nested mappings and lists, each with its path and its JSON text."""
    items: Iterable[tuple[object, object]]
    if isinstance(value, dict) and value:
        items = value.items()
    elif isinstance(value, list) and value:
        items = enumerate(value)
    else:
        yield path, json.dumps(value)
        return
    for key, child in items:
        yield from _flat(child, f"{path}.{key}" if path else str(key))


def _load(database: _Database, study_id: int, space: Space) -> list[Trial]:
    """All trials of a study. Raises IntegrityError."""
    label = database.label
    numbers: dict[int, int] = {}
    complete: dict[int, bool] = {}
    choices: defaultdict[int, dict[str, Value]] = defaultdict(dict)
    attributes: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    options: dict[tuple[str, str], tuple[Value, ...]] = {}
    of_study = sqlalchemy.select(_TRIALS.c.trial_id).where(_TRIALS.c.study_id == study_id)
    with database.engine().connect() as connection:
        # Trials first: one that a running search adds from now on is left out whole.
        query = _TRIALS.select().where(_TRIALS.c.study_id == study_id).order_by(_TRIALS.c.number, _TRIALS.c.trial_id)
        for trial_id, _, number, state in connection.execute(query):
            if number != len(numbers) or state not in ("COMPLETE", "FAIL"):
                raise IntegrityError(
                    f"{label}: expected trial {len(numbers)}, COMPLETE or FAIL, got trial {number}, {state}; "
                    "another program has written to the study"
                )
            numbers[trial_id], complete[trial_id] = number, state == "COMPLETE"
        for trial_id, name, value, text in connection.execute(_PARAMS.select().where(_PARAMS.c.trial_id.in_(of_study))):
            known = options.get((name, text))
            if known is None:
                known = options[name, text] = _options(label, space, name, text)
            choices[trial_id][name] = known[int(value)]
        for trial_id, key, text in connection.execute(
            _USER_ATTRIBUTES.select().where(_USER_ATTRIBUTES.c.trial_id.in_(of_study))
        ):
            attributes[trial_id][key] = json.loads(text)
    with _no_collection():
        return [
            _thaw(label, space, number, complete[trial_id], choices[trial_id], attributes[trial_id])
            for trial_id, number in numbers.items()
        ]


def _options(label: str, space: Space, name: str, text: str) -> tuple[Value, ...]:
    """The options of a stored decision, which must be those that it has now: Optuna keeps one list for all trials."""
    stored, now = json.loads(text)["attributes"]["choices"], space.universe.get(name, ())
    if json.dumps(stored) != json.dumps(now):
        raise IntegrityError(
            f"{label}: the space has changed: the options of {name} were {stored}, and are {list(now)} now; "
            "this needs a new study"
        )
    return now


def _thaw(
    label: str, space: Space, number: int, complete: bool, choices: dict[str, Value], attributes: dict[str, Any]
) -> Trial:
    """The trial, exactly as it was appended. Raises IntegrityError."""
    record = {key: attributes[key] for key in ATTRIBUTES if key in attributes}
    if len(record) < len(ATTRIBUTES) or "checksum" not in attributes:
        raise IntegrityError(f"{label}: trial {number} is damaged, or was written by another program")
    scores = record["scores"]
    if attributes["checksum"] != _checksum(number, choices, record) or complete != (scores is not None):
        raise IntegrityError(f"{label}: trial {number} was altered: its checksum does not fit its content")
    try:
        arch = space.rebuild(choices)
    except UsageError as error:
        raise IntegrityError(f"{label}: trial {number} is no member of the space: {error}") from error
    if arch.id != record["architecture"]:
        raise IntegrityError(
            f"{label}: trial {number} was architecture {record['architecture']}; the space makes {arch.id} of it now"
        )
    return Trial(
        number=number,
        proposal=Proposal(arch, record["epochs"], record["parent"]),
        seed=record["seed"],
        metrics={name: tuple(value) if isinstance(value, list) else value for name, value in record["metrics"].items()},
        scores=None if scores is None else tuple(scores),
        seconds=record["seconds"],
        error=record["error"],
        asked_after=record["asked_after"],
    )


def _checksum(number: int, choices: Mapping[str, Value], record: Mapping[str, Any]) -> str:
    """16 hexadecimal digits. Raises ValueError or TypeError for what JSON does not hold.

    SQLite notices a damaged page, and not a digit that changed within one.
    """
    text = json.dumps([number, choices, record], sort_keys=True, allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _start(complete: datetime, seconds: float) -> datetime:
    """When an evaluation began, for the dashboard's clock; published tables report times beyond any calendar."""
    try:
        return complete - timedelta(seconds=seconds)
    except OverflowError:
        return complete


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pauses the garbage collector: it doubles the time in which many architectures are made, and finds nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what Optuna says of new studies and experimental methods from the user, who did not call them."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(level, optuna.logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(level)


@contextlib.contextmanager
def _translating(label: str) -> Iterator[None]:
    """Turns the errors of the database into ours, which name it."""
    try:
        yield
    except (StorageInternalError, SQLAlchemyError, sqlite3.Error) as error:
        root: BaseException = error
        while (cause := getattr(root, "orig", None) or root.__cause__) is not None:
            root = cause
        reason = " ".join(str(root).split())
        missing = any(isinstance(each, ProgrammingError) for each in (error, error.__cause__))  # tables, on a server
        if missing or any(words in reason for words in _CORRUPT):
            raise IntegrityError(f"{label} is corrupt, or no study database: {reason}") from error
        raise StorageError(f"{label} cannot be read or written: {reason}") from error
    except OSError as error:
        raise StorageError(f"{label} cannot be read or written: {error.strerror or error}") from error


@contextlib.contextmanager
def _decoding(label: str) -> Iterator[None]:
    """Like `_translating`, around code that only reads: there, content that makes no sense was damaged."""
    with _translating(label):
        try:
            yield
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise IntegrityError(f"{label} is corrupt: {type(error).__name__}: {error}") from error
