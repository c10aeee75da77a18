"""Manifests: tables with a column of paths of files, such as images or sounds, and columns that describe them."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nas.data.columns import Columns
from nas.data.labelled import Labelled, label_alike, label_rows
from nas.data.reading import TABLE_FILES, read_columns
from nas.data.reading.alike import WHOSE, read_alike
from nas.data.reading.opened import opened_text
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.errors import IntegrityError, StorageError, UsageError, few
from nas.tasks import AUTO

FIRST_LINES = 20
"""The number of lines by which a recogniser judges a table."""


@dataclass(frozen=True, eq=False)
class Manifest:
    """The files that a table lists.

    Attributes:
        files: their paths, one for each row.
        rows: what the columns with roles say of them.
        column: the column of paths.
    """

    files: tuple[Path, ...]
    rows: Labelled
    column: str


def read_manifest(
    path: Path,
    suffixes: Sequence[str],
    *,
    column: str | None = None,
    folder: Path | None = None,
    roles: Roles,
    skipping: Skipping,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
) -> Manifest:
    """The files that a table lists. Whether they exist is not looked at.

    Args:
        path: the table, as `read_columns` reads it.
        suffixes: the ends of the names of files of the kind that is listed, in lower case.
        column: the column of paths; None: the first one whose first cell ends in one of `suffixes`.
        folder: the folder that paths are relative to, and must not leave; None: the folder of the table.
        roles: of the other columns.
        skipping: what happens to rows with gaps, or of a wrong number of cells.
        task: the name of the task; `auto`: the targets decide.
        classes: declared names of classes.

    Raises:
        UsageError: there is no such column, a path leaves the folder, or see `label_rows`.
        IntegrityError, StorageError: as `read_columns`.
    """
    columns = read_columns(path, skipping=skipping)
    if not len(columns):
        raise UsageError(f"{path} has no rows")
    name = column or _column(columns, suffixes)
    rows = label_rows(columns, roles, task=task, skipping=skipping, classes=classes, inputs=(name,))
    return Manifest(tuple(_paths(rows.inputs, name, os.path.normpath(folder or path.parent))), rows, name)


def read_manifest_alike(
    path: Path,
    like: Manifest,
    *,
    folder: Path | None = None,
    skipping: Skipping,
    classes: Sequence[str] | None = None,
) -> Manifest:
    """The files that a table lists in the columns of another one. The arguments are those of `read_manifest`.

    Raises:
        UsageError: a column is missing, a path leaves the folder, or see `label_rows`.
        IntegrityError, StorageError: as `read_columns`.
    """
    kinds = {name: like.rows.kinds[name] for name in (like.column, *like.rows.target_names)}
    table = like.rows.inputs
    columns = read_alike(path, kinds, skipping=skipping, whose=WHOSE.format(table.name), forms=table.forms)
    rows = label_alike(columns, like.rows, skipping=skipping, classes=classes, inputs=(like.column,))
    return Manifest(tuple(_paths(rows.inputs, like.column, os.path.normpath(folder or path.parent))), rows, like.column)


def lists_files(path: Path, suffixes: Sequence[str]) -> bool:
    """Whether a text file of a table lists files with these ends of names, as far as its first lines show."""
    if not path.name.lower().endswith(TABLE_FILES) or path.suffix == ".parquet" or not path.is_file():
        return False
    cell = re.compile(rf"(?:{'|'.join(map(re.escape, suffixes))})(?=[\"',;|\t\r\n]|$)", re.IGNORECASE)
    try:
        with opened_text(path, None) as file:
            lines = list(islice(iter(lambda: file.readline(1 << 16), ""), FIRST_LINES))[1:]
    except (UsageError, IntegrityError, StorageError):
        return False
    return bool(lines) and all(cell.search(line) for line in lines)


def _column(columns: Columns, suffixes: Sequence[str]) -> str:
    for name, cells in columns.arrays.items():
        if isinstance(cells[0], str) and cells[0].lower().endswith(tuple(suffixes)):
            return name
    ends = ", ".join(suffixes)
    raise UsageError(
        f"{columns.name} has no column of paths that end in {ends}; `path_column` names it; it has {few(columns.names)}"
    )


def _paths(columns: Columns, name: str, root: str) -> list[Path]:
    """The paths of a column. They are compared as they are written, so that links within the folder may lead out."""
    found = []
    for place, cell in enumerate(columns.column(name)):
        joined = os.path.normpath(os.path.join(root, str(cell)))  # noqa: PTH118  normpath is about texts
        if os.path.commonpath([os.path.abspath(root), os.path.abspath(joined)]) != os.path.abspath(root):  # noqa: PTH100
            where = f"{columns.name}, {columns.unit} {columns.rows[place]:,}"
            raise UsageError(f"{where}: the path {cell!r} leads out of the folder {root}; `folder` names another one")
        found.append(Path(joined))
    return found
