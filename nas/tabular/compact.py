"""The compact form of a table: one .npz file without pickles, including the space. See docs/tables.md."""

import io
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.archive import Arrays
from nas.errors import UsageError
from nas.files import write_bytes
from nas.space import Architecture, load_space
from nas.tabular.members import Members
from nas.tabular.nasbench101 import module_hash
from nas.tabular.reading import read_arrays, reading
from nas.tabular.table import Table, by_choices

VERSION = 1
REQUIRED = ("version", "name", "space", "key", "choices", "codes", "epochs", "val_acc", "curves", "source")

KEYS: Mapping[str, Callable[[Architecture], Hashable]] = MappingProxyType(
    {"choices": by_choices, "nasbench101": module_hash}
)
"""The functions that identify rows, by their names in files."""


def write_table(table: Table, path: str | Path) -> Path:
    """Writes a table in its compact form.

    Raises:
        UsageError: the table has a custom key, which cannot be stored, or the name does not end in `.npz`.
        StorageError: the file cannot be written.
    """
    if Path(path).suffix != ".npz":
        raise UsageError(f"{path}: the name of a table must end in .npz")
    names = [name for name, key in KEYS.items() if key is table.key]
    if not names:
        raise UsageError(f"table {table.name}: rows are identified by a custom function, which cannot be stored")
    space, members = table.space, table.members
    described = {
        "name": space.name,
        "source": space.source,
        "input": list(space.input),
        "outputs": None if space.output is None else space.output[0],
        "kept": space.kept is not None,
    }
    arrays: dict[str, NDArray[Any]] = {
        "version": np.array(VERSION),
        "name": np.array(table.name),
        "source": np.array(table.source),
        "space": np.array(json.dumps(described)),
        "key": np.array(names[0]),
        "choices": np.array(json.dumps(dict(zip(members.names, members.options, strict=True)))),
        "codes": members.codes,
        "epochs": np.array(table.epochs, dtype=np.int32),
        "curves": np.array(table.curves),
        "val_acc": table.val_acc.astype(np.float32),
    }
    if table.test_acc is not None:
        arrays["test_acc"] = table.test_acc.astype(np.float32)
    if table.seconds is not None:
        arrays["seconds"] = table.seconds.astype(np.float32)
    if table.keys is not None:
        arrays["keys"] = np.array([list(key) for key in table.keys if isinstance(key, bytes)], dtype=np.uint8)
    for group, columns in (("extra", table.extra), ("hidden", table.hidden)):
        arrays.update({f"{group}.{name}": values.astype(np.float32) for name, values in columns.items()})
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes(path, buffer.getvalue())
    return Path(path)


def is_compact(arrays: Arrays) -> bool:
    """Whether an archive is a table in the compact form."""
    return {"version", "codes", "choices"} <= arrays.keys()


def read_table(path: Path, arrays: Arrays | None = None) -> Table:
    """A table in the compact form. Raises StorageError or IntegrityError."""
    arrays = read_arrays(path) if arrays is None else arrays
    with reading(path, "table of Archwright"):
        if "version" not in arrays:
            raise UsageError("this is not a table of Archwright: it has no version")
        version = int(arrays["version"])
        if version != VERSION:
            raise UsageError(f"the table has version {version}, but this Archwright reads version {VERSION}")
        missing = [name for name in REQUIRED if name not in arrays]
        if missing:
            raise UsageError(f"the array {missing[0]!r} is missing")
        key = str(arrays["key"])
        if key not in KEYS:
            raise UsageError(f"rows are identified by {key!r}; expected {' or '.join(KEYS)}")
        described = json.loads(str(arrays["space"]))
        space = load_space(described["source"], input=tuple(described["input"]), outputs=described["outputs"])
        space = replace(space, name=described["name"])  # the default is the name of the file
        choices = json.loads(str(arrays["choices"]))
        members = Members(
            tuple(choices), tuple(map(tuple, choices.values())), _of_type(arrays, "codes", np.integer).astype(np.int16)
        )
        if described["kept"]:
            space = space.keep(members)
        columns: dict[str, dict[str, NDArray[np.float32]]] = {"extra": {}, "hidden": {}}
        for name in arrays:
            group, dot, column = name.partition(".")
            if dot and group in columns:
                columns[group][column] = _floats(arrays, name)
        return Table(
            name=str(arrays["name"]),
            space=space,
            members=members,
            epochs=tuple(map(int, arrays["epochs"])),
            val_acc=_floats(arrays, "val_acc"),
            test_acc=_floats(arrays, "test_acc") if "test_acc" in arrays else None,
            seconds=_floats(arrays, "seconds") if "seconds" in arrays else None,
            extra=columns["extra"],
            hidden=columns["hidden"],
            curves=bool(arrays["curves"]),
            source=str(arrays["source"]),
            key=KEYS[key],
            keys=[row.tobytes() for row in _of_type(arrays, "keys", np.uint8)] if "keys" in arrays else None,
        )


def _of_type(arrays: Arrays, name: str, kind: Any) -> NDArray[Any]:
    if not np.issubdtype(arrays[name].dtype, kind):
        raise UsageError(f"the array {name!r} has type {arrays[name].dtype}, expected {kind.__name__}")
    return arrays[name]


def _floats(arrays: Arrays, name: str) -> NDArray[np.float32]:
    return _of_type(arrays, name, np.floating).astype(np.float32, copy=False)
