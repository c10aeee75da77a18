"""A database that Optuna's storage lives in: an SQLite file, or any database by its URL.

What SQLite, SQLAlchemy and Optuna raise becomes one of our errors here, which names the database.
"""

import contextlib
import os
import socket
import sqlite3
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import optuna
import sqlalchemy
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from nas.driver.lock import exclusive
from nas.errors import Damaged, IntegrityError, StorageError, UsageError

_SQLITE_MAGIC = b"SQLite format 3\0"
_CORRUPT = ("malformed", "not a database", "no such table", "no such column", "decode to UTF-8")
"""What SQLite says of a file that is damaged, or that is no study; everything else is about reading and writing."""
PATIENCE = 30
"""Seconds that SQLite waits for a reader of the file, such as a dashboard, before it says that it is locked."""
_ACCEPTED: set[str] = set()
"""Versions of tables that Optuna said it can use: it imports all its migrations for each answer."""
MOST_BYTES = 1 << 26
"""Of a value, and of a row. SQLite computes values where a file says so: a few bytes could stand for gigabytes."""


@dataclass(frozen=True)
class Database:
    """A database, by its name; nothing is opened before it is asked for.

    Attributes:
        label: what messages call it: the path, or the URL without its password.
        path: of an SQLite file; None for other databases.
        url: what SQLAlchemy connects to. An existing SQLite file is opened, a missing one is never made.
    """

    label: str
    path: Path | None
    url: str

    @classmethod
    def at(cls, storage: str | Path) -> "Database":
        """The database of a path, or of a URL. Raises UsageError for a URL that cannot be used."""
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
    def file(cls, path: Path) -> "Database":
        """The SQLite file at a path, which is there when it is opened."""
        query = {"uri": "true", "mode": "rw"}
        url = URL.create("sqlite", database=_uri(path), query=query)
        return cls(str(path), path, url.render_as_string(hide_password=False))

    def exclusive(self, name: str) -> contextlib.AbstractContextManager[None]:
        """Locks a study against other writers while the context lasts: an SQLite file, with all its studies, by
        `PATH.lock`, PostgreSQL by an advisory lock of the study's name, other servers not at all.

        Raises:
            UsageError: the URL needs something that is not installed.
            StorageError: it is in use (the message says by whom, and since when), or cannot be locked.
        """
        if self.path is not None:
            if not self.path.parent.is_dir():
                raise StorageError(f"{self.path} cannot be written: there is no folder {self.path.parent}")
            return exclusive(self.path)
        if make_url(self.url).get_backend_name() == "postgresql":
            return _advisory_lock(self, name)
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def storage(self, *, create: bool = False) -> Iterator[RDBStorage]:
        """Optuna's storage, for writing and for what describes a study; an SQLite file is checked first.

        Args:
            create: make the tables if they are missing, and leave out the check.

        Raises:
            UsageError: the URL needs something that is not installed.
            StorageError: the database cannot be opened.
            Damaged: it is damaged, or is no SQLite database.
            IntegrityError: it has the tables of another version.
        """
        with translating(self.label), quiet():
            if self.path is not None and not create:
                with decoding(self.label):  # SQLite's own messages quote what is damaged, also where it is no text
                    _check_file(self.path)
            self._engine()  # says what is wrong with the URL
            try:
                storage = self._opened(checked=True, create=create)
                if (version := storage.get_current_version()) not in _ACCEPTED:
                    storage = self._opened(checked=False, create=create)
                    _ACCEPTED.add(version)
            except RuntimeError as error:  # the tables of another version
                raise IntegrityError(f"{self.label}: {error}") from error
        try:
            yield storage
        finally:
            storage.remove_session()

    def _opened(self, *, checked: bool, create: bool) -> RDBStorage:
        template = self.url.replace("{", "{{").replace("}", "}}")  # Optuna fills in its schema's version
        return RDBStorage(template, self._options(), skip_compatibility_check=checked, skip_table_creation=not create)

    def connect(self) -> sqlalchemy.Connection:
        """A connection past Optuna, for reading. Raises UsageError, and SQLAlchemy's errors: see `translating`."""
        return self._engine().connect()

    def _engine(self) -> sqlalchemy.Engine:
        """For connections that are closed after each use: none is left to cross a fork, or to go stale while a network
        trains. Raises UsageError if the URL needs something that is not installed."""
        try:
            return sqlalchemy.create_engine(self.url, **self._options())
        except (ImportError, NoSuchModuleError, ArgumentError) as error:
            raise UsageError(f"{self.label}: {error}") from error

    def _options(self) -> dict[str, Any]:
        patient = {"factory": BoundedConnection, "timeout": PATIENCE}
        return {"poolclass": NullPool, "connect_args": {} if self.path is None else patient}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
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
def translating(label: str, corrupt: Sequence[str] = _CORRUPT) -> Iterator[None]:
    """Turns the errors of SQLite, SQLAlchemy, Optuna and the operating system into ours, which name the database.

    Raises:
        StorageError: it cannot be read or written.
        Damaged: it is damaged, or holds no studies.
    """
    try:
        yield
    except (StorageInternalError, SQLAlchemyError, sqlite3.Error) as error:
        root: BaseException = error
        while (cause := getattr(root, "orig", None) or root.__cause__) is not None:
            root = cause
        reason = " ".join(str(root).split())
        missing = any(isinstance(each, ProgrammingError) for each in (error, error.__cause__))  # tables, on a server
        if missing or any(words in reason for words in corrupt):
            raise Damaged(f"{label} is corrupt, or no study database: {reason}") from error
        raise StorageError(f"{label} cannot be read or written: {reason}") from error
    except OSError as error:
        raise StorageError(f"{label} cannot be read or written: {error.strerror or error}") from error


@contextlib.contextmanager
def decoding(label: str) -> Iterator[None]:
    """Like `translating`, around code that only reads: there, content that makes no sense was damaged."""
    with translating(label, (*_CORRUPT, "too big")):
        try:
            yield
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise Damaged(f"{label} is corrupt: {type(error).__name__}: {error}") from error


class BoundedConnection(sqlite3.Connection):
    """A connection that refuses values of more than `MOST_BYTES`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)


def connect_file(path: Path) -> sqlite3.Connection:
    """A bounded connection to an SQLite file that is there, past SQLAlchemy. Raises sqlite3.Error."""
    return sqlite3.connect(f"{_uri(path)}?mode=rw", uri=True, factory=BoundedConnection)


def _uri(path: Path) -> str:
    return f"file:{quote(os.fsencode(path.absolute()))}"


def _check_file(path: Path) -> None:
    """Raises Damaged if a file is no SQLite database, is damaged, or computes what it should hold.

    The quick check would leave out the indexes, and with a damaged one a study is not found by its name.
    """
    if os.path.lexists(path) and not path.is_file():
        raise Damaged(f"{path} is no file")
    with path.open("rb") as file:
        if file.read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
            raise Damaged(f"{path} is not an SQLite database")
    with contextlib.closing(connect_file(path)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise Damaged(f"{path} is corrupt: {' '.join(found.split())}")
        foreign = connection.execute(
            "SELECT s.name FROM sqlite_master AS s LEFT JOIN pragma_table_xinfo(s.name) AS c "
            "WHERE s.type IN ('view', 'trigger') OR s.sql LIKE 'CREATE VIRTUAL%' OR (s.type = 'table' AND c.hidden)"
        ).fetchone()
    if foreign:
        raise Damaged(f"{path} is corrupt: {foreign[0]!r} is no plain table")


@contextlib.contextmanager
def _advisory_lock(database: Database, name: str) -> Iterator[None]:
    """Holds an advisory lock of PostgreSQL; it is free as soon as the connection ends, however that comes about."""
    key = {"family": 0x4E4153, "study": zlib.crc32(name.encode()) >> 1}
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with contextlib.ExitStack() as stack:
        with translating(database.label):
            connection = stack.enter_context(database.connect())
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
