"""The architectures of a table, as the codes of their decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.space import Value

Choices = tuple[tuple[str, Value], ...]
"""Decisions as in `Architecture.choices`."""

NOT_REACHED = -1


@dataclass(frozen=True, eq=False)
class Members:
    """The architectures of a table: the decisions of each row, as codes.

    Attributes:
        names: names of the decisions, in an order that is consistent with the walk of every row.
        options: the values of the codes of each decision.
        codes: (rows, names), int16; NOT_REACHED if a row does not reach a decision.
    """

    names: tuple[str, ...]
    options: tuple[tuple[Value, ...], ...]
    codes: NDArray[np.int16]

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or self.codes.shape[1] != len(self.names) or len(self.names) != len(self.options):
            raise UsageError(f"codes of shape {self.codes.shape} do not fit {len(self.names)} decisions")
        counts = np.array([len(options) for options in self.options])
        wrong = np.argwhere((self.codes < NOT_REACHED) | (self.codes >= counts))
        if len(wrong):
            row, column = map(int, wrong[0])
            code, name = int(self.codes[row, column]), self.names[column]
            raise UsageError(f"row {row}: {name} has code {code}, expected {NOT_REACHED} to {counts[column] - 1}")

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Choices]:
        return iter(self.all_choices())

    def __contains__(self, choices: object) -> bool:
        return choices in self.all_choices()

    @cached_property
    def _pairs(self) -> list[list[tuple[str, Value]]]:
        return [[(name, value) for value in options] for name, options in zip(self.names, self.options, strict=True)]

    def choices(self, row: int) -> Choices:
        """The decisions of a row."""
        codes = self.codes[row].tolist()
        return tuple(pairs[code] for pairs, code in zip(self._pairs, codes, strict=True) if code >= 0)

    def all_choices(self) -> list[Choices]:
        """The decisions of every row."""
        pairs = self._pairs
        complete = self.codes.size == 0 or bool(self.codes.min() >= 0)
        if complete:
            columns = [list(map(pairs[k].__getitem__, self.codes[:, k].tolist())) for k in range(len(pairs))]
            return list(zip(*columns, strict=True)) if columns else [()] * len(self)
        return [self.choices(row) for row in range(len(self))]

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> "Members":
        """Some of the rows, in this order."""
        return Members(self.names, self.options, self.codes[np.asarray(rows, dtype=np.intp)])


def members_of(rows: Sequence[Choices]) -> Members:
    """The members with these decisions.

    Args:
        rows: the decisions of each row, in the order of its walk.

    Raises:
        UsageError: two rows have the same decisions in different orders.
    """
    order: TopologicalSorter[str] = TopologicalSorter()
    options: dict[str, dict[Value, int]] = {}
    for choices in rows:
        previous: list[str] = []
        for name, value in choices:
            order.add(name, *previous)
            previous = [name]
            found = options.setdefault(name, {})
            found.setdefault(value, len(found))
    try:
        names = tuple(order.static_order())
    except CycleError as error:
        raise UsageError(f"the order of decisions differs between rows: {error.args[1]}") from error
    place = {name: k for k, name in enumerate(names)}
    codes = np.full((len(rows), len(names)), NOT_REACHED, dtype=np.int16)
    for row, choices in enumerate(rows):
        for name, value in choices:
            codes[row, place[name]] = options[name][value]
    return Members(names, tuple(tuple(options[name]) for name in names), codes)
