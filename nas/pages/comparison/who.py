"""Controllers in plots: each has one colour, one dash pattern and one marker in all of them.

So a greyscale print can be read as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nas.pages.figure import COLOURS, LINES, printable

NAME = 22
"""The largest number of characters of a name."""
_DASHES: Sequence[Any] = ("-", (0, (5, 1.8)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.2, 1.6)))
_MARKERS = "osD^vPX*<>"


@dataclass(frozen=True)
class Who:
    """A controller in a plot: its name, and its index in the comparison, which determines its look."""

    name: str
    place: int

    @property
    def colour(self) -> str:
        """The colour of its lines and dots."""
        return COLOURS[LINES[self.place % len(LINES)]]

    @property
    def dash(self) -> Any:
        """The dash pattern of its lines."""
        return _DASHES[(self.place + self.place // len(LINES)) % len(_DASHES)]

    @property
    def marker(self) -> str:
        """The marker on its lines."""
        return _MARKERS[self.place % len(_MARKERS)]

    @property
    def label(self) -> str:
        """Its name, shortened for a plot."""
        return short(self.name)


def short(name: str) -> str:
    """A name, shortened for a plot."""
    name = printable(name)
    return name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[-(NAME - NAME // 2 - 1) :]}"
