"""Cells of text as columns of numbers, texts or points in time."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.reading.dialect import Dialect

_NO_NUMBER = re.compile(r"_|^\s*[+-]?0\d+\s*$", re.MULTILINE)
"""What `float` reads and no table means as a number: digits grouped by underscores, and codes with leading zeros."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")
"""A date of ISO 8601, with or without a time of day and its distance from UTC."""


class NumberCells:
    """A column of numbers; cells of missing values are NaN."""

    def __init__(self, dialect: Dialect) -> None:
        self._missing = frozenset(dialect.missing)
        self._decimal = dialect.decimal
        self._parts: list[NDArray[np.float64]] = []
        self.bytes = 0

    def add(self, cells: Sequence[str]) -> None:
        """Appends cells. Raises ValueError if one of them is neither a number nor missing; then none is appended."""
        if _NO_NUMBER.search("\n".join(cells)):
            raise ValueError("a code, not a number")
        if self._decimal == ",":
            if "." in "".join(cells):
                raise ValueError("a point, where it is no decimal separator")
            cells = [cell.replace(",", ".") for cell in cells]
        try:
            values = [*map(float, cells)]
        except ValueError:
            values = [nan if cell.strip() in self._missing else float(cell) for cell in cells]
        self._parts.append(np.array(values))
        self.bytes += self._parts[-1].nbytes

    def array(self) -> NDArray[np.float64]:
        return np.concatenate([*self._parts, np.empty(0)])


class TextCells:
    """A column of texts; cells of missing values are None. Equal texts are one object.

    Args:
        dialect: whose missing values are read as such, without the spaces around them; None: texts are kept as they
            stand, and none is missing.
    """

    def __init__(self, dialect: Dialect | None) -> None:
        self._known = _Known(None if dialect is None else frozenset(dialect.missing))
        self._cells: list[str | None] = []

    @property
    def bytes(self) -> int:
        return self._known.bytes + 8 * len(self._cells)

    def add(self, cells: Sequence[str]) -> None:
        """Appends cells."""
        self._cells += map(self._known.__getitem__, cells)

    def array(self) -> NDArray[np.object_]:
        found = np.empty(len(self._cells), object)
        found[:] = self._cells
        return found


class _Known(dict[str, str | None]):
    """What each distinct cell stands for."""

    def __init__(self, missing: frozenset[str] | None) -> None:
        super().__init__()
        self._missing = missing
        self.bytes = 0

    def __missing__(self, cell: str) -> str | None:
        text: str | None = cell
        if self._missing is not None:
            text = sys.intern(cell.strip())
            if text in self._missing:
                text = None
        self[cell] = text
        self.bytes += sys.getsizeof(cell) + 100  # an entry of the table
        return text


def is_number(cell: str) -> bool:
    """Whether a cell is a number as a table means one."""
    try:
        float(cell)
    except ValueError:
        return False
    return not _NO_NUMBER.search(cell)


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
