"""How a table is written as text."""

from dataclasses import dataclass
from typing import Literal

from nas.arguments import checked
from nas.data.number_forms import Decimal

Delimiter = Literal[",", ";", "\t", "|"]


@checked
@dataclass(frozen=True)
class Dialect:
    """How a table is written as text.

    Attributes:
        delimiter: what separates cells; `null`: the one of the four that divides the first lines alike.
        quotes: whether a cell may stand in double quotes, which then may contain delimiters, line breaks and, doubled,
            quotes; `null`: yes, except where tabs separate cells.
        header: whether the first line has the names of the columns; if not, they are `column 1` and so on.
        decimal: the decimal separator; `null`: a point, or a comma in columns whose cells all show it.
        missing: cells that stand for a missing value.
        encoding: the encoding, as Python names it; `null`: UTF-8, or UTF-16 where the file begins with its mark.
    """

    delimiter: Delimiter | None = None
    quotes: bool | None = None
    header: bool = True
    decimal: Decimal | None = None
    missing: tuple[str, ...] = ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL")
    encoding: str | None = None
