"""Numbers as spreadsheets write them: with decimal commas, groups of thousands, and signs of currencies or percent."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

Decimal = Literal[".", ","]
"""The decimal separator."""

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
"""What else is written for a space, an apostrophe and a minus sign."""

_GROUPS = {".": ("", ",", "'", " "), ",": ("", ".", "'", " ")}
"""What separates thousands beside each decimal separator; empty: nothing."""

_NAMES = {",": "commas", ".": "points", "'": "apostrophes", " ": "spaces"}


@dataclass(frozen=True)
class NumberForm:
    """How the cells of a column write numbers.

    Attributes:
        decimal: the decimal separator.
        group: what may separate thousands; empty: nothing.
        sign: a currency or `%`, which each number has before or behind it, and which is left out; empty: none.
    """

    decimal: Decimal = "."
    group: str = ""
    sign: str = ""

    def read(self, cell: str) -> float | None:
        """The number in a cell; None: there is none that is written so."""
        parts = _parts(cell)
        if parts is None or parts[1] != self.sign or not _pattern(self.decimal, self.group).fullmatch(parts[2]):
            return None
        minus, _, digits = parts
        return minus * float(digits.replace(self.group, "").replace(self.decimal, "."))

    @property
    def about(self) -> str:
        """What is particular of it, in a phrase."""
        words = ["decimal commas"] if self.decimal == "," else []
        words += [f"{_NAMES[self.group]} between thousands"] if self.group else []
        words += [f"{self.sign} left out"] if self.sign else []
        return ", ".join(words)


@dataclass(frozen=True)
class Ambiguous:
    """A column of numbers that may be read in two ways.

    Attributes:
        cell: one that shows it.
        values: what it may be.
    """

    cell: str
    values: tuple[float, float]


def form_of(cells: Iterable[str], decimal: Decimal | None = None) -> NumberForm | Ambiguous | None:
    """How all cells write numbers; None: not all of them are numbers that are written alike.

    Args:
        cells: one or more, without missing values.
        decimal: the decimal separator; None: the cells show it.
    """
    parts: list[tuple[str, str, str]] = []
    for cell in cells:
        found = _parts(cell)
        if found is None or (parts and found[1] != parts[0][1]):
            return None
        parts.append((cell, found[1], found[2]))
    sign = parts[0][1] if parts else ""
    fitting = [
        NumberForm(point, group, sign)
        for point in ((".", ",") if decimal is None else (decimal,))
        for group in _GROUPS[point]
        if all(_pattern(point, group).fullmatch(digits) for _, _, digits in parts)
    ]
    if not parts or not fitting:
        return None
    decimals = {form.decimal for form in fitting}
    if len(decimals) == 1 and not fitting[0].group:  # where thousands would be separated
        fitting[0] = NumberForm(fitting[0].decimal, _GROUPS[fitting[0].decimal][1], sign)
    for cell, _, _ in parts:
        values = [value for form in fitting if (value := form.read(cell)) is not None]
        for value in values[1:]:
            if value != values[0]:
                return Ambiguous(cell, (values[0], value))
    return fitting[0]


def _parts(cell: str) -> tuple[int, str, str] | None:
    """Whether a number is positive (1 or -1), its sign of a currency or percent, and its digits; None: it is none."""
    text, minus, sign = cell.translate(_SPACES).strip(), 1, ""
    for _ in range(2):  # a minus may stand on either side of a currency
        if text[:1] in ("+", "-"):
            if text[0] == "-":
                minus = -1
            text = text[1:].lstrip()
        if not sign and text[:1] and _is_sign(text[0]):
            sign, text = text[0], text[1:].lstrip()
    if not sign and text and _is_sign(text[-1]):
        sign, text = text[-1], text[:-1].rstrip()
    return (minus, sign, text) if text[:1].isdecimal() or text[:1] in (".", ",") else None


def _is_sign(character: str) -> bool:
    return character == "%" or unicodedata.category(character) == "Sc"


@cache
def _pattern(decimal: str, group: str) -> re.Pattern[str]:
    """Digits without leading zeros, which are those of codes, or in groups of three."""
    point, between = re.escape(decimal), re.escape(group)
    whole = rf"(?:0|[1-9]\d{{0,2}}(?:{between}\d{{3}})+|[1-9]\d*)" if group else r"(?:0|[1-9]\d*)"
    return re.compile(rf"(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?", re.ASCII)
