"""Controllers in plots: each has one colour, one dash pattern and one marker in all of them.

So a greyscale print can be read as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nas.pages.figure import COLOURS, LINES, printable

NAME = 22
"""Characters of a name that are shown."""
_DASHES: Sequence[Any] = ("-", (0, (5, 1.8)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.2, 1.6)))
_MARKERS = "osD^vPX*<>"


@dataclass(frozen=True)
class Who:
    """A controller in a plot: its name, and its place in the comparison, which decides its colour."""

    name: str
    place: int

    @property
    def colour(self) -> str:
        """Of its lines and dots."""
        return COLOURS[LINES[self.place % len(LINES)]]

    @property
    def dash(self) -> Any:
        """Of its lines."""
        return _DASHES[(self.place + self.place // len(LINES)) % len(_DASHES)]

    @property
    def marker(self) -> str:
        """On its lines."""
        return _MARKERS[self.place % len(_MARKERS)]

    @property
    def label(self) -> str:
        """Its name, short enough for a plot."""
        return short(self.name)


def short(name: str) -> str:
    """A name as it stands in a plot."""
    name = printable(name)
    return name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[-(NAME - NAME // 2 - 1) :]}"
