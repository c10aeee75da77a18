"""Where the order of channels that stand in a row is an order of weights, and nothing else.

Values hang together if channels of one are channels of the other: a layer that treats all channels alike ties what it
gives to what it reads, a sum or a product ties all of its terms. What hangs together may be brought into another order,
and the weights that make it and read it with it, unless it holds the input or the output of the network, a value of a
layer for which places count, or a second row. Nor may a part of a row that may not.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from nas.space.identity.terms import CELL, CONCAT, OP, PRODUCT, SUM, ZERO, Graph

Rows = frozenset[int]
"""Nodes of a graph that put channels in a row."""


class _Row(NamedTuple):
    """A row of channels: where it is made, the group of its value, and those of its parts.

    `node` is the number of a node, and if that is a cell, `inner` the number of a node in it.
    """

    node: int
    inner: int
    group: int
    parts: tuple[int, ...]


class _Groups(NamedTuple):
    """What hangs together in a graph, by numbers: groups that hold inputs, output, rows and their parts.

    `ends` are those of the inputs and of the output, -1 for zero; `fixed` have an order that counts.
    """

    size: int
    ends: tuple[int, ...]
    fixed: frozenset[int]
    rows: tuple[_Row, ...]


def unordered(graph: Graph) -> Mapping[int, Rows]:
    """The nodes that put channels in a row in an order that makes no difference; for cells those in them."""
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
    """Which values hang together."""

    def __init__(self, count: int) -> None:
        self._to = list(range(count))

    def more(self, count: int) -> int:
        """Adds values; the first of them."""
        first = len(self._to)
        self._to += range(first, first + count)
        return first

    def group(self, value: int) -> int:
        """A value that stands for all that this one hangs together with."""
        to = self._to
        while to[value] != value:
            to[value] = to[to[value]]
            value = to[value]
        return value

    def tie(self, one: int, other: int) -> None:
        """Makes two values hang together."""
        self._to[self.group(one)] = self.group(other)
