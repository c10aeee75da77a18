"""Texts: a column of a table, or a folder of files for each class."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np

from nas.arguments import checked
from nas.data.assemble import RawPart, assemble
from nas.data.class_folders import class_folders, has_class_folders
from nas.data.columns import Columns, longest_texts
from nas.data.content import content_of
from nas.data.dataset import Dataset
from nas.data.labelled import label_alike, label_rows
from nas.data.preparation.raw_texts import empty_texts, raw_texts
from nas.data.preparation.texts import Tokenizing, fit_texts
from nas.data.preparation.tokens import WORD
from nas.data.reading import TABLE_FILES, first_rows, read_columns
from nas.data.reading.alike import WHOSE, read_alike
from nas.data.reading.cells import is_number
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import FileForm
from nas.data.reading.opened import opened_text
from nas.data.roles import Roles
from nas.data.skipping import Fault, Skipping, read_each
from nas.data.sources.test_part import check_pair, joined_parts
from nas.data.split import Split
from nas.data.storage import Storage
from nas.errors import IntegrityError, StorageError, UsageError, few
from nas.settings import INLINE
from nas.tasks import AUTO

SUFFIXES = (".txt",)

ROWS, LONG, SHORT, OTHERS = 50, 4, 2, 3
"""By what texts in a table are recognised: its first rows; the words that a text has on average, at least, and a cell
of another column, at most; and the most columns beside the text."""


def recognise_texts(path: Path) -> str | None:
    """Recognises folders of classes with `.txt` files, and tables with a column of texts and few labels or a value."""
    if path.is_dir():
        return "it has a folder of .txt files for each class" if has_class_folders(path, SUFFIXES) else None
    if not path.name.lower().endswith(TABLE_FILES) or path.suffix.lower() == ".parquet":
        return None
    try:
        names, rows = first_rows(path, Dialect(), ROWS)
    except (UsageError, IntegrityError, StorageError):
        return None
    rows = [row for row in rows if len(row) == len(names)]
    if not rows or not 2 <= len(names) <= OTHERS + 1:
        return None
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    words = {name: float(np.mean([len(cell.split()) for cell in cells])) for name, cells in columns.items()}
    texts = [name for name, count in words.items() if count >= LONG and len({*columns[name]}) > len(rows) / 2]
    others = [name for name in names if name not in texts]
    short = all(words[name] <= SHORT for name in others)
    values = [name for name in others if _fractions(columns[name])]
    if len(texts) != 1 or not short or (values and len(others) > 1):
        return None
    return f"its column {texts[0]!r} has texts, and {'the other has numbers' if values else 'the others are labels'}"


@checked
def texts(
    *,
    path: Path,
    test: Path | None = None,
    text: str | None = None,
    tokenizing: Annotated[Tokenizing, INLINE] = Tokenizing(),
    roles: Annotated[Roles, INLINE] = Roles(),
    dialect: Annotated[Dialect, INLINE] = Dialect(),
    classes: list[str] | None = None,
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    task: str = AUTO,
) -> Dataset:
    """Texts in a column of a table, or in a folder that has a folder of `.txt` files for each class.

    Tables are CSV, TSV (also compressed, `.gz` or `.xz`) and Parquet. Columns without a role are not used. A folder may
    have folders `train`, `val` and `test` with the folders of the classes, as for `images`.

    Args:
        path: the table or the folder.
        test: another one of its kind, whose texts are the test part; `null`: there is none.
        text: the column of texts; `null`: the one with the longest.
        tokenizing: how texts become token numbers.
        roles: of the other columns of a table.
        dialect: how a table is written; `encoding` is that of files in folders, too.
        classes: the names of the classes, in the order of the outputs; `null`: sorted.
        split: how parts are split off.
        skipping: what happens to texts that are empty or cannot be read.
        task: the task of the networks.

    Raises:
        UsageError: there is no such path or column, a text is empty, or not in the encoding; names the file and the
            line.
        IntegrityError: a compressed file or a Parquet file is damaged.
        StorageError: a file cannot be read.
    """
    check_pair(path, test)
    if path.is_dir():
        if roles != Roles() or text is not None:
            raise UsageError(f"{path} is a folder, and the roles of columns are those of a table")
        found = _folders(path, test, dialect.encoding, skipping)
    else:
        found = _tables(path, test, text, roles, dialect, skipping, task=task, classes=classes)
    content = content_of(found.files, tokenizing, WORD.pattern, roles, dialect, text, skipping)
    data = assemble(
        path.name.partition(".")[0] or path.name,
        found.parts,
        partial(fit_texts, tokenizing=tokenizing),
        split,
        task=found.task or task,
        classes=classes,
        target_names=found.target_names,
        notes=found.notes,
        content=content,
        storage=Storage(),
    )
    return replace(data, files=FileForm(dialect, found.column))


@dataclass(frozen=True, eq=False)
class _Found:
    """What was read.

    Attributes:
        parts: the texts and targets of each part.
        files: that were read.
        target_names: the columns of targets.
        notes: what a reader should know, a sentence each.
        task: the name of the task, as far as the columns say it; None: they do not.
        column: the column of the texts; None: they are in a folder.
    """

    parts: Mapping[str, RawPart]
    files: Sequence[Path]
    target_names: Sequence[str] | None
    notes: Sequence[str]
    task: str | None = None
    column: str | None = None


def _folders(path: Path, test: Path | None, encoding: str | None, skipping: Skipping) -> _Found:
    """The files in folders of classes."""
    found = [_folder(one, encoding, skipping) for one in (path, test) if one is not None]
    files = [file for one in found for file in one.files]
    parts = joined_parts([one.parts for one in found], test)
    return _Found(parts, files, None, [note for one in found for note in one.notes])


def _folder(path: Path, encoding: str | None, skipping: Skipping) -> _Found:
    """The files in folders of classes."""
    folders = class_folders(path, SUFFIXES, "texts")
    everything = [(part, place) for part, files in folders.parts.items() for place in range(len(files.paths))]

    def read(item: tuple[str, int]) -> str:
        part, place = item
        file = folders.parts[part].paths[place]
        with opened_text(file, encoding) as opened:
            text = opened.read().strip()
        if not text:
            raise UsageError(f"{file}: the text is empty")
        return text

    kept = read_each(everything, read, skipping, what="texts")
    held: dict[str, tuple[list[str], list[str]]] = {part: ([], []) for part in folders.parts}
    for row, text in zip(kept.rows, kept.values, strict=True):
        part, place = everything[row]
        held[part][0].append(text)
        held[part][1].append(folders.parts[part].labels[place])
    parts = {part: RawPart(raw_texts(part, inputs), labels) for part, (inputs, labels) in held.items()}
    files = [file for one in folders.parts.values() for file in one.paths]
    return _Found(parts, files, None, (*folders.notes, *kept.notes))


def _tables(
    path: Path,
    test: Path | None,
    text: str | None,
    roles: Roles,
    dialect: Dialect,
    skipping: Skipping,
    *,
    task: str,
    classes: list[str] | None,
) -> _Found:
    """A column of a table, and of a table of test samples."""
    notes: list[str] = []
    name = text
    if name is None:
        name = longest_texts(read_columns(path, dialect, skipping), _taken(roles))
        notes.append(f"The texts are those of the column {name!r}, the longest ones of {path.name}")
    # Texts such as NA or 2024 are no missing values and no numbers.
    columns = read_columns(path, dialect, skipping, text=(name,))
    columns, left_out = _without_empty(path, columns, name, skipping)
    labelled = label_rows(columns, roles, task=task, skipping=skipping, classes=classes, inputs=(name,))
    unused = [other for other in labelled.inputs.names if other != name]
    if unused:
        notes.append(f"Columns of {columns.name} that are not used: {few(map(repr, unused))}")
    tables = [labelled]
    notes += [*left_out, *labelled.notes]
    if test is not None:
        kinds = {one: labelled.kinds[one] for one in (name, *labelled.target_names)}
        columns = read_alike(
            test, kinds, dialect, skipping, whose=WHOSE.format(columns.name), text=(name,), forms=columns.forms
        )
        columns, left_out = _without_empty(test, columns, name, skipping)
        tables.append(label_alike(columns, labelled, skipping=skipping, classes=classes, inputs=(name,)))
        notes += [*left_out, *tables[1].notes]
    parts = joined_parts([one.raw_parts(one.inputs.column(name)) for one in tables], test)
    files = [one for one in (path, test) if one is not None]
    return _Found(parts, files, labelled.target_names, notes, labelled.task, name)


def _taken(roles: Roles) -> Collection[str]:
    """The columns with a role."""
    targets = (roles.target,) if isinstance(roles.target, str) else roles.target or ()
    return {*targets, *(name for name in (roles.group, roles.time, roles.part) if name is not None), *roles.ignore}


def _without_empty(path: Path, columns: Columns, name: str, skipping: Skipping) -> tuple[Columns, tuple[str, ...]]:
    """The rows whose text is not empty, texts without the spaces around them, and what is said of the others."""
    cells = np.array([str(cell).strip() for cell in columns.column(name)], object)
    columns = columns.replaced({name: cells})
    empty = empty_texts(cells)
    faults: list[Fault] = [
        UsageError(f"{path}, {columns.at(empty[place : place + 1])}: the text in {name!r} is empty")
        for place in range(len(empty))
    ]
    what = f"texts of {columns.name}"
    skipping.check(faults, len(columns), what)
    kept = np.setdiff1d(np.arange(len(columns)), empty)
    return (columns[kept] if len(empty) else columns), skipping.note(faults, len(columns), what)


def _fractions(cells: Sequence[str]) -> bool:
    """Whether cells are numbers, of which one is not whole."""
    return all(map(is_number, cells)) and any(not float(cell).is_integer() for cell in cells)
