"""Columns that are kept small, and become arrays when they are read.

A table of whole numbers, of decimal fractions and of categories takes a byte or a few for each cell, where float64 and
references to strings take eight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

DIGITS = 9
"""The most decimal places of numbers that are kept as whole numbers; with more, they have no 32 bits."""

AT_ONCE = 2**16
"""Rows that are converted at a time."""

LARGEST = float(np.finfo(np.float32).max)
"""The largest number of float32."""

_MISSING = np.iinfo(np.int32).min
_MOST = 2**31

Rows = NDArray[np.integer[Any]]
"""Places of rows, `(N,)`."""


class Column(Protocol):
    """A column that is kept in some form."""

    def __len__(self) -> int: ...

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        ...

    def array(self, rows: Rows | None = None) -> NDArray[Any]:
        """The values of some rows, or of all."""
        ...


@dataclass(eq=False)
class Plain:
    """A column as it is.

    Attributes:
        values: `(N,)`; float32 if they were made `single`.
    """

    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def nbytes(self) -> int:
        return int(self.values.nbytes)

    def array(self, rows: Rows | None = None) -> NDArray[Any]:
        found: NDArray[Any] = self.values if rows is None else self.values[rows]
        return found.astype(np.float64) if found.dtype == np.float32 else found

    def single(self) -> None:
        """Rounds numbers to float32 for all who have this column, unless one is missing or too large for that."""
        values = self.values
        if values.dtype == np.float64 and values.min(initial=0) >= -LARGEST and values.max(initial=0) <= LARGEST:
            self.values = values.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Decimals:
    """Numbers with few digits: whole numbers, divided by a power of ten.

    A quotient of two numbers that are exact in float64 is rounded correctly, as a decimal fraction is that is read. So
    both are equal.

    Attributes:
        digits: `(N,)` int8, int16 or int32; the lowest one stands for NaN.
        places: decimal places.
    """

    digits: NDArray[np.signedinteger[Any]]
    places: int

    def __len__(self) -> int:
        return len(self.digits)

    @property
    def nbytes(self) -> int:
        return int(self.digits.nbytes)

    def array(self, rows: Rows | None = None) -> NDArray[np.float64]:
        digits = self.digits if rows is None else self.digits[rows]
        found = digits / np.float64(10**self.places)
        found[digits == np.iinfo(digits.dtype).min] = np.nan
        return found


@dataclass(frozen=True, eq=False)
class Codes:
    """Texts of which many are equal.

    Attributes:
        codes: the place of each in `values`, `(N,)`, unsigned.
        values: those that there are, `(K,)` objects: `str`, and None for a missing value.
    """

    codes: NDArray[np.unsignedinteger[Any]]
    values: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def nbytes(self) -> int:
        return int(self.codes.nbytes + self.values.nbytes)

    def array(self, rows: Rows | None = None) -> NDArray[np.object_]:
        found: NDArray[np.object_] = self.values[self.codes if rows is None else self.codes[rows]]
        return found


def compact(values: NDArray[Any]) -> Column:
    """A column in the smallest form that gives the same values: float64, texts or points in time, `(N,)`."""
    if values.dtype == object:
        return coded(values.tolist())
    decimals = as_decimals(values) if values.dtype == np.float64 else None
    return Plain(values) if decimals is None else decimals


def coded(texts: Iterable[str | None]) -> Codes:
    """Texts as codes."""
    known: dict[str | None, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.uint32)
    return codes_of(codes, known)


def codes_of(codes: NDArray[np.unsignedinteger[Any]], known: Iterable[str | None]) -> Codes:
    """Codes in the smallest type, and the texts that they stand for, from 0."""
    held = [*known]
    values = np.empty(len(held), object)
    values[:] = held
    return Codes(codes.astype(np.min_scalar_type(max(len(held) - 1, 0))), values)


def as_decimals(values: NDArray[np.float64]) -> Decimals | None:
    """Numbers as whole numbers and a power of ten; None: they have too many digits, or are not finite."""
    blocks = [values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE)]
    places = 0
    for block in blocks:
        least = _places(block[~np.isnan(block)], places)
        if least is None:
            return None
        places = least
    return _with_places(places, len(values), blocks)


def joined(blocks: Sequence[Decimals]) -> Column:
    """Columns of numbers, one after the other, in the smallest form."""
    places = max((block.places for block in blocks), default=0)
    found = _with_places(places, sum(map(len, blocks)), (block.array() for block in blocks))
    return Plain(np.concatenate([block.array() for block in blocks])) if found is None else found


def _with_places(places: int, count: int, blocks: Iterable[NDArray[np.float64]]) -> Decimals | None:
    """Blocks of `count` numbers with at most so many decimal places; None: they have too many digits."""
    found: NDArray[np.signedinteger[Any]] = np.empty(count, np.int32)
    most, start = 0.0, 0
    for block in blocks:
        missing = np.isnan(block)
        digits = np.rint(block * 10**places)
        digits[missing] = 0
        most = max(most, float(np.abs(digits).max(initial=0)))
        if most >= _MOST:
            return None
        digits[missing] = _MISSING
        found[start : start + len(block)] = digits
        start += len(block)
    dtype = np.int8 if most < 2**7 else np.int16 if most < 2**15 else np.int32
    if dtype is not np.int32:
        missing = found == _MISSING
        found = found.astype(dtype)
        found[missing] = np.iinfo(dtype).min
    return Decimals(found, places)


def _places(values: NDArray[np.float64], least: int) -> int | None:
    """The decimal places that numbers have, or `least` if that is more; None: they are no decimals."""
    if (np.signbit(values) & (values == 0)).any():  # -0 is no whole number
        return None
    for places in range(least, DIGITS + 1):
        with np.errstate(over="ignore"):
            digits = np.rint(values * 10**places)
        if not (np.abs(digits) < _MOST).all():
            return None
        values = values[digits / 10**places != values]
        if not len(values):
            return places
    return None
