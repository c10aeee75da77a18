"""A new SQLite file of studies."""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from optuna.storages import RDBStorage
from sqlalchemy.pool import StaticPool

from nas.driver.database import Database, quiet, translating
from nas.files import move_into_place


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[RDBStorage]:
    """Makes an SQLite file, for a context to fill: complete or not at all, so that a file without its tables is known
    to be damaged and not half made.

    Raises:
        StorageError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    with translating(str(path)):
        for left_over in (temporary, path.with_name(f"{temporary.name}-journal")):
            left_over.unlink(missing_ok=True)
        temporary.write_bytes(empty_file())
        with Database.file(temporary).storage() as storage:
            yield storage
        move_into_place(temporary, path)


@cache
def empty_file() -> bytes:
    """An SQLite file with Optuna's tables and no study. Memory is where they are made: a disk would be waited for at
    each of them."""
    with quiet():
        storage = RDBStorage("sqlite://", {"poolclass": StaticPool})
    with contextlib.closing(storage.engine.raw_connection()) as connection:
        made = connection.driver_connection
        assert isinstance(made, sqlite3.Connection)  # noqa: S101  for the type checker
        content = made.serialize()
    storage.remove_session()
    storage.engine.dispose()
    return content
