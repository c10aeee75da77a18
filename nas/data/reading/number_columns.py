"""Columns of a text file whose cells are numbers as spreadsheets write them."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns, is_missing
from nas.data.number_forms import Ambiguous, Decimal, NumberForm, form_of


def with_numbers(
    columns: Columns, texts: Collection[str], decimal: Decimal | None, forms: Mapping[str, NumberForm] | None
) -> Columns:
    """The columns, of which those of texts are numbers where all their cells are.

    The notes say how numbers are written, and which columns may be numbers of two meanings, and stay texts.

    Args:
        columns: the table.
        texts: the columns of texts that may be numbers.
        decimal: the decimal separator; None: cells show it.
        forms: how columns write numbers; None: their cells show it.
    """
    known: dict[str, NumberForm] = {}
    notes: list[str] = []
    for name in texts:
        codes = columns.codes(name)
        distinct = dict.fromkeys(columns.arrays[name]) if codes is None else codes.values.tolist()
        cells = [cell for cell in distinct if cell is not None]
        form = form_of(cells, decimal) if forms is None else forms.get(name)
        if isinstance(form, Ambiguous):
            notes.append(_two_meanings(columns, name, form))
        elif form is not None and all(form.read(cell) is not None for cell in cells):
            known[name] = form
    read = columns.replaced({name: numbers_of(columns.arrays[name], form) for name, form in known.items()})
    if forms is None:
        notes += [_said(columns, name, form) for name, form in known.items()]
        if any(form.decimal == "," for form in known.values()):
            notes += [_perhaps_thousands(name) for name in columns.names if _in_thousandths(columns, name, texts)]
    return replace(read, notes=(*columns.notes, *notes), forms=known)


def numbers_of(column: NDArray[np.object_], form: NumberForm) -> NDArray[np.float64]:
    """A column of texts as numbers; missing values, and cells that are no numbers of this form, are NaN."""
    read = {cell: None if cell is None else form.read(cell) for cell in dict.fromkeys(column)}
    return np.array([np.nan if read[cell] is None else read[cell] for cell in column], np.float64)


def _said(columns: Columns, name: str, form: NumberForm) -> str:
    column = columns.arrays[name]
    cell = max(dict.fromkeys(cell for cell in column if cell is not None), key=len)
    return f"{name!r} has numbers with {form.about}: {cell!r} is read as {form.read(cell):.12g}"


def _two_meanings(columns: Columns, name: str, found: Ambiguous) -> str:
    where = columns.at(np.flatnonzero(columns.arrays[name] == found.cell)[:1])
    first, second = (f"{value:.12g}" for value in found.values)
    return (
        f"{name!r} is a column of texts, because {found.cell!r} in {where} may be {first} or {second}; "
        "`decimal: '.'` or `decimal: ','` says which"
    )


def _in_thousandths(columns: Columns, name: str, texts: Collection[str]) -> bool:
    """Whether a column of numbers has some with decimal points that may separate thousands."""
    column = columns.arrays[name]
    if name in texts or column.dtype.kind != "f":
        return False
    present = column[~is_missing(column) & np.isfinite(column)]
    thousands = np.abs(present) * 1000
    whole = np.abs(thousands - np.rint(thousands)) < 1e-6
    return bool((present != np.trunc(present)).any() and whole.all() and (np.abs(present) < 1000).all())


def _perhaps_thousands(name: str) -> str:
    return (
        f"{name!r} is read with decimal points, though other columns have decimal commas; with `decimal: ','`, its "
        "points separate thousands"
    )
