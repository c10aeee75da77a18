"""Texts without targets."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import longest_texts
from nas.data.inputs.files import files_of
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.data.preparation.texts import strings
from nas.data.reading import TABLE_FILES
from nas.data.reading.chunks import first_columns, read_chunks
from nas.data.reading.opened import opened_text
from nas.data.skipping import Fault
from nas.errors import StorageError, UsageError

SUFFIXES = (".txt",)

FIRST = 1024
"""The rows of a table by which the column of texts is found, if the training named none."""


def read_texts(reading: Reading, source: Source) -> Iterator[Named]:
    """A column of a table, the lines of a text, or the `.txt` files in a folder. Empty lines are left out."""
    if not isinstance(source, Path) or not (source.is_dir() or source.name.lower().endswith(TABLE_FILES)):
        for chunk in reading.lines(source):
            yield Named([f"line {number}" for number, _ in chunk], _held([line for _, line in chunk]))
    elif source.is_dir():
        yield from _folder(reading, source)
    else:
        yield from _table(reading, source)


def take_texts(_reading: Reading, given: Iterable[Any]) -> Iterator[Named]:
    """Texts, one string for each."""
    texts = strings(list(given))
    yield Named([f"text {place}" for place in range(len(texts))], _held(texts))


def _folder(reading: Reading, path: Path) -> Iterator[Named]:
    files, names = files_of(path, SUFFIXES, "texts", reading.seen.say)
    for start in range(0, len(files), reading.rows):
        kept: dict[str, str] = {}
        faults: list[Fault] = []
        for file, name in zip(files[start : start + reading.rows], names[start:], strict=False):
            try:
                kept[name] = _text(file, reading.intake.files.dialect.encoding)
            except (UsageError, StorageError) as fault:
                faults.append(fault)
        reading.seen.leave_out(faults)
        yield Named([*kept], _held([*kept.values()]))


def _text(file: Path, encoding: str | None) -> str:
    with opened_text(file, encoding) as opened:
        text = opened.read().strip()
    if not text:
        raise UsageError(f"{file}: the text is empty")
    return text


def _table(reading: Reading, path: Path) -> Iterator[Named]:
    dialect, seen = reading.intake.files.dialect, reading.seen
    name = reading.intake.files.text
    if name is None:
        columns = first_columns(path, dialect, FIRST)
        name = longest_texts(columns)
        if len(columns.names) > 1:
            seen.say(f"The texts are those of the column {name!r}, the longest ones of {columns.name}")
    chunks = read_chunks(
        path,
        {name: "category"},
        dialect,
        rows=reading.rows,
        whose="has the texts",
        text=(name,),
        say=seen.say,
    )
    for columns, faults in chunks:
        cells = ["" if cell is None else str(cell).strip() for cell in columns.column(name)]
        kept = [place for place, cell in enumerate(cells) if cell]
        empty: list[Fault] = [
            UsageError(f"{path}, {columns.at(np.array([place]))}: the text in {name!r} is empty")
            for place, cell in enumerate(cells)
            if not cell
        ]
        seen.leave_out([*faults, *empty])
        names = [f"{columns.unit} {columns.rows[place]}" for place in kept]
        yield Named(names, _held([cells[place] for place in kept]))


def _held(texts: Sequence[str]) -> NDArray[np.object_]:
    held = np.empty(len(texts), object)
    held[:] = texts
    return held
