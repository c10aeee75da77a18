"""Cells of text as columns of numbers, texts or points in time."""

import array
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.compact import AT_ONCE, Codes, Column, Decimals, Plain, as_decimals, codes_of, joined
from nas.data.number_forms import Decimal, NumberForm
from nas.data.reading.dialect import Dialect

_NO_NUMBER = re.compile(r"_|^\s*[+-]?0\d+\s*$", re.MULTILINE)
"""What `float` reads and no table means as a number: digits grouped by underscores, and codes with leading zeros."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")
"""A date of ISO 8601, with or without a time of day and its distance from UTC."""


class NumberCells:
    """A column of numbers; cells of missing values are NaN.

    Decimals are kept small, block by block, until a block has another number.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._decimal = dialect.decimal
        self._missing = frozenset(map(self._pointed, dialect.missing))
        self._look = any(is_number(text) and float(text) == float(text) for text in self._missing)  # such as -999
        self._blocks: list[Decimals] = []
        self._values = array.array("d")  # of the last block, or all if some are no decimals
        self._plain = False

    @property
    def bytes(self) -> int:
        return self._values.itemsize * len(self._values) + sum(block.nbytes for block in self._blocks)

    def add(self, cells: Sequence[str]) -> None:
        """Appends cells. Raises ValueError if one of them is neither a number nor missing; then none is appended."""
        if _NO_NUMBER.search("\n".join(cells)):
            raise ValueError("a code, not a number")
        if self._decimal == "," and "." in "".join(cells):
            raise ValueError("a point, where it is no decimal separator")
        cells = [*map(self._pointed, cells)] if self._decimal == "," else cells
        try:
            values = array.array("d", map(self._value if self._look else float, cells))
        except ValueError:
            values = array.array("d", map(self._value, cells))
        self._values.extend(values)
        if len(self._values) >= AT_ONCE:
            self._pack()

    def _pack(self) -> None:
        """Makes a block of the last values; of all, if they are no decimals."""
        if self._plain:
            return
        block = as_decimals(np.asarray(self._values))
        if block is not None:
            self._blocks.append(block)
            self._values = array.array("d")
            return
        last, self._values, self._plain = self._values, array.array("d"), True
        for one in self._blocks:
            self._values.frombytes(one.array().tobytes())
        self._values.extend(last)
        self._blocks = []

    def _pointed(self, cell: str) -> str:
        """A cell with a decimal point."""
        return cell.replace(",", ".") if self._decimal == "," else cell

    def _value(self, cell: str) -> float:
        return nan if cell.strip() in self._missing else float(cell)

    def column(self) -> Column:
        """All of them, in the smallest form."""
        if self._values:
            self._pack()
        return Plain(np.asarray(self._values)) if self._plain else joined(self._blocks)


class TextCells:
    """A column of texts; cells of missing values are None.

    Args:
        dialect: whose missing values are read as such, without the spaces around them; None: texts are kept as they
            stand, and none is missing.
    """

    def __init__(self, dialect: Dialect | None) -> None:
        self._known = _Known(None if dialect is None else frozenset(dialect.missing))
        self._codes = array.array("B")

    @property
    def bytes(self) -> int:
        return self._known.bytes + self._codes.itemsize * len(self._codes)

    def add(self, cells: Sequence[str]) -> None:
        """Appends cells."""
        codes = [*map(self._known.__getitem__, cells)]
        if len(self._known.codes) > 2 ** (8 * self._codes.itemsize):
            self._codes = array.array("H" if len(self._known.codes) <= 2**16 else "I", self._codes)
        self._codes.extend(codes)

    def column(self) -> Codes:
        """All of them, as codes."""
        return codes_of(np.array(self._codes), self._known.codes)

    def times(self) -> Column | None:
        """All of them as points in time, see `as_times`; None: they are none."""
        found = as_times(np.array([*self._known.codes], object))
        return None if found is None else Plain(found[np.array(self._codes)])


class _Known(dict[str, int]):
    """The code of each distinct cell.

    Attributes:
        codes: of the texts that cells stand for.
        bytes: the memory that all of it takes, about.
    """

    def __init__(self, missing: frozenset[str] | None) -> None:
        super().__init__()
        self._missing = missing
        self.codes: dict[str | None, int] = {}
        self.bytes = 0

    def __missing__(self, cell: str) -> int:
        text: str | None = cell
        if self._missing is not None:
            text = cell.strip()
            if text in self._missing:
                text = None
        self[cell] = code = self.codes.setdefault(text, len(self.codes))
        self.bytes += sys.getsizeof(cell) + 200  # an entry of both tables
        return code


def is_number(cell: str) -> bool:
    """Whether a cell is a number as a table means one."""
    try:
        float(cell)
    except ValueError:
        return False
    return not _NO_NUMBER.search(cell)


def number_in(cell: str, decimal: Decimal | None, form: NumberForm | None = None) -> float | None:
    """The number in a cell; None: there is none.

    Args:
        cell: one that does not stand for a missing value.
        decimal: the decimal separator; None: a point.
        form: how its column writes numbers, if not as `decimal` says.
    """
    if form is not None:
        return form.read(cell)
    text = cell.replace(",", ".") if decimal == "," else cell
    return float(text) if is_number(text) else None


def date_in(cell: str) -> np.datetime64 | None:
    """The point in time in a cell, as `as_times` reads it; None: there is none."""
    times = as_times(np.array([cell], object))
    return None if times is None else times[0]


def as_times(texts: NDArray[Any]) -> NDArray[np.datetime64] | None:
    """A column of texts as points in time, in microseconds of UTC; None: not all of them are dates of ISO 8601.

    A time without a distance from UTC is read as one of UTC.
    """
    found: dict[str | None, np.datetime64] = {None: np.datetime64("NaT", "us")}
    for text in texts:
        if text not in found:
            if not _DATE.fullmatch(text):
                return None
            try:
                time = datetime.fromisoformat(text)
                found[text] = np.datetime64(time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time, "us")
            except (ValueError, OverflowError):  # such as the 31st of February
                return None
    if len(found) == 1:
        return None
    return np.array([found[text] for text in texts], "datetime64[us]")
