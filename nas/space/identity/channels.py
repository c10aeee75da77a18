"""Concatenations whose order does not matter, because permuting the channels amounts to permuting weights.

Values are tied if their channels correspond: a layer that treats all channels alike ties its output to its input, and a
sum or a product ties all its terms. A group of tied values may be permuted, together with the weights that compute and
read it, unless it contains the input or the output of the network, a value of a layer for which the positions of
channels matter, or a second concatenation. If a concatenation may not be permuted, neither may its parts.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from nas.space.identity.terms import CELL, CONCAT, OP, PRODUCT, SUM, ZERO, Graph

Rows = frozenset[int]
"""Nodes of a graph that are concatenations."""


class _Row(NamedTuple):
    """A concatenation: its node, the group of its value, and the groups of its parts.

    `node` is the index of a node; if that is a cell, `inner` is the index of a node in it.
    """

    node: int
    inner: int
    group: int
    parts: tuple[int, ...]


class _Groups(NamedTuple):
    """The groups of tied values in a graph, by numbers: those with inputs, the output, concatenations and their parts.

    `ends` are the groups of the inputs and of the output, -1 for zero. The order of channels matters in those `fixed`.
    """

    size: int
    ends: tuple[int, ...]
    fixed: frozenset[int]
    rows: tuple[_Row, ...]


def unordered(graph: Graph) -> Mapping[int, Rows]:
    """The concatenations whose order does not matter, by node; for a cell, those in it."""
    if not graph.rows:
        return {}
    _, ends, fixed, rows = _groups(graph)
    ordered = {*fixed, *ends}
    seen: set[int] = set()
    for row in rows:
        (ordered if row.group in seen else seen).add(row.group)
    while more := {part for row in rows if row.group in ordered for part in row.parts} - ordered:
        ordered |= more
    found: dict[int, Rows] = {}
    for row in rows:
        if row.group not in ordered:
            found[row.node] = found.get(row.node, frozenset()) | {row.inner}
    return found


@lru_cache(maxsize=64)  # the copies of a cell are one graph
def _groups(graph: Graph) -> _Groups:
    ties = _Ties(graph.inputs + len(graph.nodes))
    fixed: list[int] = []
    rows: list[_Row] = []
    for place, node in enumerate(graph.nodes):
        value = graph.inputs + place
        sources = [source for source in node.sources if source != ZERO]
        if node.kind is CONCAT:
            rows.append(_Row(place, 0, value, tuple(sources)))
        elif node.kind is CELL:
            inner = _groups(node.what.graph)
            first = ties.more(inner.size)
            for group, end in zip(inner.ends, (*node.sources, value), strict=True):
                if group >= 0 and end != ZERO:
                    ties.tie(first + group, end)
            fixed += [first + group for group in inner.fixed]
            rows += [
                _Row(place, row.node, first + row.group, tuple([first + part for part in row.parts]))
                for row in inner.rows
            ]
        elif node.kind in (SUM, PRODUCT) or (node.kind is OP and node.what.tied):
            for source in sources:
                ties.tie(value, source)
        else:
            if node.kind is not OP or node.what.reads_places:
                fixed += sources
            if node.kind is not OP or node.what.gives_places:
                fixed.append(value)
    return _numbered(graph, ties, fixed, rows)


def _numbered(graph: Graph, ties: "_Ties", fixed: list[int], rows: list[_Row]) -> _Groups:
    numbers: dict[int, int] = {}

    def number(value: int) -> int:
        return numbers.setdefault(ties.group(value), len(numbers))

    ends = tuple([number(end) if end != ZERO else -1 for end in (*range(graph.inputs), graph.output)])
    found = tuple([row._replace(group=number(row.group), parts=tuple(map(number, row.parts))) for row in rows])
    counting = frozenset(numbers[group] for group in map(ties.group, fixed) if group in numbers)
    return _Groups(len(numbers), ends, counting, found)


class _Ties:
    """Groups of tied values (union-find)."""

    def __init__(self, count: int) -> None:
        self._to = list(range(count))

    def more(self, count: int) -> int:
        """Adds values; returns the first one."""
        first = len(self._to)
        self._to += range(first, first + count)
        return first

    def group(self, value: int) -> int:
        """The representative of the group of a value."""
        to = self._to
        while to[value] != value:
            to[value] = to[to[value]]
            value = to[value]
        return value

    def tie(self, one: int, other: int) -> None:
        """Ties two values."""
        self._to[self.group(one)] = self.group(other)
