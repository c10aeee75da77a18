"""What is to be said of samples that are read one after the other, in memory that does not grow with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nas.data.skipping import SHOWN, Fault, OnError, left_out
from nas.errors import few

MOST_VALUES = 10
"""The unknown values of a column that are named."""


@dataclass
class _Unknown:
    """Values of a column that the network does not know: how many, and the first different ones."""

    count: int = 0
    first: dict[str, None] = field(default_factory=dict)


class Seen:
    """What is seen of samples.

    Args:
        on_error: `stop`: a sample that cannot be read or prepared ends the reading; `skip`: it is left out.

    Attributes:
        kept: the number of samples that were predicted.
        left_out: the number of those that cannot be read or prepared.
    """

    def __init__(self, on_error: OnError = "stop") -> None:
        self.on_error = on_error
        self.kept = self.left_out = 0
        self._said: dict[str, None] = {}
        self._unknown: dict[str, _Unknown] = {}
        self._first: list[Fault] = []

    def leave_out(self, faults: Sequence[Fault]) -> None:
        """Counts samples that cannot be read or prepared. With `stop`, raises the first one."""
        if faults and self.on_error == "stop":
            raise faults[0]
        self.left_out += len(faults)
        self._first += faults[: SHOWN - len(self._first)]

    def say(self, note: str) -> None:
        """Notes a sentence, once."""
        self._said[note] = None

    def meet(self, column: str, values: Iterable[str]) -> None:
        """Counts values of a column that the network does not know."""
        for value in values:
            unknown = self._unknown.setdefault(column, _Unknown())
            unknown.count += 1
            if len(unknown.first) <= MOST_VALUES:
                unknown.first[value] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each thing that a reader should know."""
        met = []
        for column, unknown in self._unknown.items():
            values = "values" if unknown.count > 1 else "value"
            some = few(map(repr, [*unknown.first][:MOST_VALUES]))
            more = ", …" if len(unknown.first) > MOST_VALUES else ""
            met.append(f"column {column!r} has {unknown.count:,} {values} that the network does not know: {some}{more}")
        skipped = [left_out(self.left_out, self.kept + self.left_out, "samples", self._first)] if self.left_out else []
        return (*self._said, *met, *skipped)
