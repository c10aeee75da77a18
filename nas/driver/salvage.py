"""What can be read of a damaged log: each trial carries a checksum, so whatever is read is either right or left out."""

import contextlib
import json
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nas.driver.database import connect_file
from nas.driver.identity import IDENTITY
from nas.driver.log import Log
from nas.driver.new_file import empty_file
from nas.driver.stored_trial import StoredTrial, decode_choice
from nas.errors import Damaged
from nas.files import read_bytes
from nas.sealed import unsealed

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, Damaged)
"""What comes of reading values that make no sense."""


def salvage(path: Path) -> Log:
    """What can be read of a database that holds one study.

    A controller's proposals follow from all trials before, so those behind a gap are kept apart.

    Raises:
        StorageError: the file cannot be read, or there is no room beside it for a copy.
    """
    data = read_bytes(path)
    journal = path.with_name(f"{path.name}-journal")
    with tempfile.TemporaryDirectory(prefix=".salvage", dir=path.parent) as folder:
        made = Path(folder, "new.db")
        made.write_bytes(empty_file())
        copies = [data, _with_schema_of(made, data)]
        found = []
        for number, content in enumerate(copies):
            copy = Path(folder, f"{number}.db")
            copy.write_bytes(content)
            if journal.is_file():  # a write that a kill cut off is taken back
                copy.with_name(f"{copy.name}-journal").write_bytes(read_bytes(journal))
            found.append(_read(copy))
    return max(found, key=lambda log: (len(log.trials) + len(log.later), log.seen, log.identity is not None))


def _with_schema_of(made: Path, data: bytes) -> bytes:
    """The content of a database with those pages of a new one that say where the tables are.

    Tables are made in one order, so with the same Optuna they begin at the same pages.
    """
    with contextlib.closing(connect_file(made)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        tables = {page for (page,) in connection.execute("SELECT rootpage FROM sqlite_master")}
    new, found = read_bytes(made), bytearray(data)
    for page in range(len(new) // size):
        if page + 1 not in tables and page * size < len(found):
            found[page * size : (page + 1) * size] = new[page * size : (page + 1) * size]
    return bytes(found)


def _read(path: Path) -> Log:
    """What can be read of a copy."""
    connection = connect_file(path)
    connection.text_factory = lambda text: text.decode(errors="replace")
    with contextlib.closing(connection), contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA writable_schema = ON")  # then SQLite reads what it can of a file that is cut off
        states = {key: (place, state) for key, place, state in _rows(connection, "trials", "trial_id, number, state")}
        choices: defaultdict[int, dict[str, Any]] = defaultdict(dict)
        options: defaultdict[int, dict[str, str]] = defaultdict(dict)
        attributes: defaultdict[int, dict[str, Any]] = defaultdict(dict)
        for key, name, value, text in _rows(
            connection, "trial_params", "trial_id, param_name, param_value, distribution_json"
        ):
            with contextlib.suppress(*_UNREADABLE):
                choices[key][name], options[key][name] = decode_choice(value, text)
        for key, name, text in _rows(connection, "trial_user_attributes", "trial_id, key, value_json"):
            with contextlib.suppress(*_UNREADABLE):
                attributes[key][name] = json.loads(text)
        trials: list[StoredTrial] = []
        later: list[StoredTrial] = []
        for key, (place, state) in sorted(states.items(), key=lambda item: (str(type(item[1][0])), item[1][0])):
            with contextlib.suppress(*_UNREADABLE):
                complete = state == "COMPLETE"
                one = StoredTrial.parse(path.name, place, complete, choices[key], options[key], attributes[key])
                (trials if place == len(trials) else later).append(one)
        names = [name for (name,) in _rows(connection, "studies", "study_name")]
        seen = len({*states, *choices, *attributes})
        name = names[0] if len(names) == 1 else None
        return Log(name, _identity(connection), tuple(trials), tuple(later), seen)
    return Log()


def _identity(connection: sqlite3.Connection) -> dict[str, Any] | None:
    for key, text in _rows(connection, "study_user_attributes", "key, value_json"):
        if key == IDENTITY:
            with contextlib.suppress(*_UNREADABLE):
                return unsealed(json.loads(text))
    return None


def _rows(connection: sqlite3.Connection, table: str, columns: str) -> Iterator[Sequence[Any]]:
    """The rows of a table that can be read from its beginning and from its end, up to what is damaged."""
    met = set()
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error):
            for key, *values in connection.execute(
                f"SELECT rowid, {columns} FROM {table} NOT INDEXED ORDER BY rowid {order}"
            ):
                if key not in met:
                    met.add(key)
                    yield values
