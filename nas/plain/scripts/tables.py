"""INPUT is a table as text (.csv or .tsv), with the columns of the training; others are ignored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import ColumnKind, as_texts, rows_at
from nas.data.compact import Codes
from nas.data.inputs.tables import WHOSE, as_known, kinds_of
from nas.data.number_forms import NumberForm
from nas.data.preparation.table_inputs import CategoryInput, NumberInput, fill_rows
from nas.data.reading.alike import check_names, other_kind
from nas.data.reading.cells import date_in, number_in
from nas.plain.scripts.rows import dialect_of, rows_of
from nas.plain.scripts.samples import Record, Samples


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        table: its name, for messages.
        unit: what `number` counts.
        number: of the row.
        cells: by the names of their columns.
    """

    table: str
    unit: str
    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class ReadRows:
    """Rows whose cells are read: columns of float64, of `datetime64[us]`, or of texts, by name."""

    rows: Sequence[Row]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def name(self) -> str:
        """Of the table."""
        return self.rows[0].table

    def column(self, name: str) -> NDArray[Any]:
        """A column."""
        return self.arrays[name]

    def codes(self, name: str) -> Codes | None:
        """No column has codes yet."""
        return None

    def at(self, places: NDArray[np.intp]) -> str:
        """Names rows by their places."""
        return rows_at(self.rows[0].unit, [self.rows[place].number for place in places])


def read(path: Path, record: Record) -> Samples:
    """The rows of a file."""
    table, rows = rows_of(path, record)
    check_names(_kinds(record), table.names, str(path), WHOSE)
    found = [Row(str(path), "line", line, dict(zip(table.names, row, strict=True))) for line, row in rows]
    return Samples([f"line {row.number}" for row in found], found)


def take(given: Sequence[Mapping[str, Any]], record: Record) -> Samples:
    """Rows: the cells by the names of their columns, as texts, numbers or points in time; None is a missing value."""
    for row in given:
        check_names(_kinds(record), [*row], "inputs", WHOSE)
    found = [Row("inputs", "row", number, row) for number, row in enumerate(given, start=1)]
    return Samples([f"row {row.number}" for row in found], found)


def prepared(samples: Samples, record: Record) -> NDArray[Any]:
    """The rows as vectors (N, F): numbers, then marks of missing ones, then codes of categories."""
    numbers, categories = _inputs(record)
    arrays = {name: _column(samples.raw, name, kind, record) for name, kind in _kinds(record).items()}
    for one in categories:
        known = frozenset(one.values)
        texts = as_texts(arrays[one.column])
        arrays[one.column] = np.array([None if text is None else as_known(text, known) for text in texts], object)
    features = len(numbers) + sum(one.marked for one in numbers) + len(categories)
    found: NDArray[Any] = np.empty((len(samples.raw), features), np.float32)
    fill_rows(found, ReadRows(samples.raw, arrays), numbers, categories)
    return found


def requires(fields: Mapping[str, Any]) -> Sequence[str]:
    """The packages that are needed for such a preparation."""
    return ("numpy", "scipy") if any(one["quantiles"] for one in fields["numbers"]) else ("numpy",)


def _inputs(record: Record) -> tuple[Sequence[NumberInput], Sequence[CategoryInput]]:
    """The inputs that are numbers, and those that are codes."""
    fields = record["preparation"]["tables"]
    return [NumberInput(**one) for one in fields["numbers"]], [CategoryInput(**one) for one in fields["categories"]]


def _kinds(record: Record) -> Mapping[str, ColumnKind]:
    return kinds_of(*_inputs(record))


def _column(rows: Sequence[Row], name: str, kind: ColumnKind, record: Record) -> NDArray[Any]:
    """A column, from its cells."""
    dialect, forms = dialect_of(record), record["files"]["numbers"]
    form = NumberForm(**forms[name]) if name in forms else None
    readers: Mapping[ColumnKind, Callable[[str], Any]] = {
        "number": lambda text: number_in(text, dialect.decimal, form),
        "date": date_in,
        "category": str,
    }
    read = readers[kind]
    missing = {"number": np.nan, "date": np.datetime64("NaT", "us"), "category": None}[kind]
    found: list[Any] = []
    for row in rows:
        cell = row.cells[name]
        text = "" if cell is None else _text(cell).strip()
        if cell is None or cell != cell or text in dialect.missing:
            found.append(missing)
            continue
        value = float(cell) if kind == "number" and isinstance(cell, int | float | np.number) else read(text)
        if value is None:
            raise other_kind(f"{row.table}, {row.unit} {row.number:,}", name, kind, cell)
        found.append(value)
    return np.array(found, {"number": "float64", "date": "datetime64[us]", "category": "object"}[kind])


def _text(cell: Any) -> str:
    """A cell as text; whole numbers have no point."""
    return str(int(cell)) if isinstance(cell, float | np.floating) and float(cell).is_integer() else str(cell)
