"""The columns of a CSV or NPZ file, read as the declaration of a table names them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.document import Node
from nas.errors import ArchwrightError, Diagnostic, UsageError, nearest
from nas.space import Value
from nas.tabular.reading import read_arrays, read_csv

Cells = Sequence[Any]
Columns = Mapping[str, Cells | NDArray[Any]]

MOST_COLUMNS = 100_000
"""Maximal number of columns of a file, and so of epochs."""

SHOWN = 12
"""Maximal number of columns that an error lists."""


class Blank(str):
    """The value of an empty cell: the row does not reach the decision."""

    __slots__ = ()


BLANK = Blank()


class DataFile:
    """A data file, whose columns have equal lengths as far as they are read.

    Args:
        file: its path.
        node: where the declaration names the file.
        problems: where problems are added.
    """

    def __init__(self, file: Path, node: Node, problems: list[Diagnostic]) -> None:
        self.file = file
        self.problems = problems
        self.rows = 0
        """The number of rows; 0 until a column is read."""
        self._columns: Columns = {}
        try:
            self._columns = _columns(file)
        except ArchwrightError as error:
            problems.append(Diagnostic(node.mark, "table.file", str(error)))

    def place(self, row: int) -> str:
        """The position of a row (from 0) in the file."""
        return f"{self.file.name} row {row}" if self.file.suffix == ".npz" else f"{self.file.name} line {row + 2}"

    def column(self, node: Node, name: Any, path: str) -> Cells | None:
        """The cells of a column that `node` names; None, with a problem, if there is none of the right length."""
        if isinstance(name, str) and name in self._columns:
            cells = self._columns[name]
            if isinstance(cells, np.ndarray):
                cells = cells.tolist()
            self.rows = self.rows or len(cells)
            if len(cells) == self.rows:
                return cells
            message = f"{self.file.name}: {name} has {len(cells)} values"
            self.problems.append(Diagnostic(node.mark, path, message, f"{self.rows}, as many as the columns before it"))
            return None
        shown = [*list(self._columns)[:SHOWN], *(["…"] if len(self._columns) > SHOWN else [])]
        message, close = f"{self.file.name} has no column {name!r}", nearest(str(name), self._columns)
        self.problems.append(Diagnostic(node.mark, path, message, ", ".join(shown), "", close))
        return None

    def numbers(self, node: Node, name: Any, path: str) -> NDArray[np.float64] | None:
        """(rows,) a column of numbers, NaN for empty cells; None, with a problem, if there is no such column."""
        cells = self.column(node, name, path)
        if cells is None:
            return None
        found = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            if cell == "":
                continue
            try:
                found[row] = float(cell)
            except (TypeError, ValueError):
                message = f"{self.place(row)}: {name} is not a number"
                self.problems.append(Diagnostic(node.mark, path, message, "a number", repr(cell)))
                break
            if np.isinf(found[row]):
                message = f"{self.place(row)}: {name} is infinite"
                self.problems.append(Diagnostic(node.mark, path, message, "a number", repr(cell)))
                break
        return found

    def options(self, node: Node, path: str, options: Mapping[str, Value]) -> Sequence[Value] | None:
        """The option of each cell of the column that `node` names, or BLANK; None if there is no such column.

        Numbers may be written differently, for example 4.0 for 4.

        Args:
            node: the name of the column.
            path: its path in the declaration.
            options: each option by the text that stands for it.
        """
        cells = self.column(node, node.value, path)
        if cells is None:
            return None
        by_number = {number: option for text, option in options.items() if (number := _number(text)) is not None}
        found: list[Value] = []
        for row, cell in enumerate(cells):
            text = written(cell)
            if text == "" or (isinstance(cell, float) and np.isnan(cell)):
                found.append(BLANK)
            elif text in options:
                found.append(options[text])
            elif (number := _number(text)) in by_number:
                found.append(by_number[number])
            else:
                message = f"{self.place(row)}: no such option: {text!r}"
                self.problems.append(Diagnostic(node.mark, path, message, ", ".join(options)))
                break
        return found


def _columns(file: Path) -> Columns:
    """The columns of a file; `name[k]` is column k of a two-dimensional array."""
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file")
    if file.suffix != ".npz":
        header, rows = read_csv(file)
        return {name: [row[place] for row in rows] for place, name in enumerate(header)}
    found: dict[str, Cells | NDArray[Any]] = {}
    for name, array in read_arrays(file).items():
        if array.ndim == 1:
            found[name] = array
        elif array.ndim == 2 and len(found) + array.shape[1] > MOST_COLUMNS:
            raise UsageError(f"{file}: more than {MOST_COLUMNS:,} columns")
        elif array.ndim == 2:
            found.update({f"{name}[{k}]": array[:, k] for k in range(array.shape[1])})
    return found


def written(value: Any) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return "null" if value is None else str(value)


def _number(text: str) -> float | None:
    """The number that a text stands for, in any notation."""
    try:
        return None if "_" in text or np.isnan(number := float(text)) else number
    except ValueError:
        return None
