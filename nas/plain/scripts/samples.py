"""What is read, before it is prepared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]
"""The content of `preparation.json`: how inputs are prepared, how files are written, and what outputs mean."""


@dataclass(frozen=True)
class Samples:
    """Inputs that are not prepared yet.

    Attributes:
        names: of the samples: files, lines or rows.
        raw: what each is, in the form that they are prepared from.
    """

    names: Sequence[str]
    raw: Sequence[Any]

    def batches(self, size: int) -> "Iterator[Samples]":
        """The samples, at most `size` at a time."""
        for start in range(0, len(self.names), size):
            yield Samples(self.names[start : start + size], self.raw[start : start + size])
