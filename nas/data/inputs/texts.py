"""Texts without targets."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import longest_texts
from nas.data.inputs.files import files_of
from nas.data.inputs.named import Named
from nas.data.intake import Intake
from nas.data.preparation.texts import strings
from nas.data.reading import TABLE_FILES, read_columns
from nas.data.reading.opened import opened_text
from nas.data.skipping import Fault, Skipping, read_each
from nas.errors import UsageError

SUFFIXES = (".txt",)


def read_texts(intake: Intake, path: Path, skipping: Skipping) -> Named:
    """A column of a table, the lines of a text file, or the `.txt` files in a folder. Empty lines are left out."""
    if path.is_dir():
        return _folder(intake, path, skipping)
    return _table(intake, path, skipping) if path.name.lower().endswith(TABLE_FILES) else _lines(intake, path)


def take_texts(_intake: Intake, given: Iterable[Any]) -> Named:
    """Texts, one string for each."""
    texts = strings(list(given))
    return Named([f"text {place}" for place in range(len(texts))], _held(texts))


def _folder(intake: Intake, path: Path, skipping: Skipping) -> Named:
    files, names, notes = files_of(path, SUFFIXES, "texts")

    def read(file: Path) -> str:
        with opened_text(file, intake.files.dialect.encoding) as opened:
            text = opened.read().strip()
        if not text:
            raise UsageError(f"{file}: the text is empty")
        return text

    kept = read_each(files, read, skipping, what="texts")
    return Named([names[row] for row in kept.rows], _held(kept.values), (*notes, *kept.notes))


def _lines(intake: Intake, path: Path) -> Named:
    with opened_text(path, intake.files.dialect.encoding) as opened:
        lines = {number: line.strip() for number, line in enumerate(opened, start=1) if line.strip()}
    return Named([f"line {number}" for number in lines], _held(list(lines.values())))


def _table(intake: Intake, path: Path, skipping: Skipping) -> Named:
    name, dialect = intake.files.text, intake.files.dialect
    notes: tuple[str, ...] = ()
    if name is None:
        columns = read_columns(path, dialect, skipping)
        name = longest_texts(columns)
        if len(columns.names) > 1:
            notes = (f"The texts are those of the column {name!r}, the longest ones of {columns.name}",)
    columns = read_columns(path, dialect, skipping, text=(name,))
    cells = ["" if cell is None else str(cell).strip() for cell in columns.column(name)]
    kept = np.flatnonzero(np.array(cells, object) != "")
    faults: list[Fault] = [
        UsageError(f"{path}, {columns.at(np.array([place]))}: the text in {name!r} is empty")
        for place in np.flatnonzero(np.array(cells, object) == "")
    ]
    skipping.check(faults, len(cells), "texts")
    said = skipping.note(faults, len(cells), "texts")
    names = [f"{columns.unit} {number}" for number in columns.rows[kept]]
    return Named(names, _held([cells[place] for place in kept]), (*notes, *columns.notes, *said))


def _held(texts: Sequence[str]) -> NDArray[np.object_]:
    held = np.empty(len(texts), object)
    held[:] = texts
    return held
