"""Networks in reduced form, from which ids are computed.

Ops are replaced by their normal forms. Layers that do nothing are removed, zeros are propagated and removed from sums,
and everything that the output does not depend on is removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from nas.ops import Merge, Op, Shape
from nas.ops.normal import Chain, Chained, chain, digest
from nas.space.network.building import Piece, truncation
from nas.space.network.cell import Cell, CellLayer
from nas.space.network.layer import Layer

ZERO = -1
"""The index of the value that is zero everywhere."""


class Kind(IntEnum):
    """The kind of a node."""

    OP = 0
    SUM = 1
    PRODUCT = 2
    CONCAT = 3
    MERGE = 4  # with unknown algebra
    CELL = 5


# A lookup in an enum takes longer than the comparison.
OP, SUM, PRODUCT, CONCAT, MERGE, CELL = Kind


class Node(NamedTuple):
    """A node, which computes a value from others.

    Attributes:
        kind: its kind.
        sources: the values that it reads.
        key: for an op or a merge, as `Chain.key`.
        weighed: as `Chain.weighed`; for a cell, 1 if it contains its own weights, else 0.
        what: for an op, its `Chain`; for a cell, its content (`Inside`); for a sum, the multiplicities of its sources
            (None: all 1); for a concatenation, the shapes of its parts; for another merge, whether it is commutative.
        zeros: for an op that reads zeros, their shape.
    """

    kind: Kind
    sources: tuple[int, ...]
    key: bytes = b""
    weighed: int = 0
    what: Any = None
    zeros: Shape = ()


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """Nodes in topological order. Values 0 to `inputs` - 1 are the inputs, followed by one value per node.

    Attributes:
        inputs: number of inputs.
        nodes: the nodes that the output depends on.
        output: the output value; ZERO if it is zero.
        rows: whether it may contain concatenations.
    """

    inputs: int
    nodes: tuple[Node, ...]
    output: int
    rows: bool


@dataclass(frozen=True, eq=False, slots=True)
class Inside:
    """The content of a cell.

    Attributes:
        graph: its graph.
        terms: (input, count) of the inputs that are themselves terms of its output, with their multiplicities.
        rest: whether its output has other terms.
        weighed: whether it contains weights or random layers.
        unread: the inputs that no node reads.
        keys: a cache of the key of the rest, by the concatenations whose order does not matter.
    """

    graph: Graph
    terms: tuple[tuple[int, int], ...]
    rest: bool
    weighed: bool
    unread: frozenset[int]
    keys: dict[frozenset[int], bytes]


def graph_of(input: Shape, blocks: Sequence[Layer | CellLayer]) -> Graph:
    """The graph of a network, with cells as nodes."""
    maker = Maker(1)
    return maker.graph(maker.layers(blocks, 0, input)[-1])


class Maker:
    """Builds a graph node by node; equal values without weights are created once."""

    def __init__(self, inputs: int) -> None:
        self._inputs = inputs
        self._nodes: list[Node] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._rows = False

    def layers(self, layers: Sequence[Layer | CellLayer], value: int, shape: Shape) -> list[int]:
        """The values of layers on top of `value`, which comes first."""
        values, shapes = [value], [shape]
        for layer in layers:
            read = layer.inputs
            if isinstance(layer, CellLayer):
                value = self.cell(layer.op, tuple([values[one] for one in read]))
            elif isinstance(layer.op, Op):
                (source,) = read
                value = self.through(layer.op.chained(shapes[source]), values[source])
            else:
                value = self.merge(layer.op, [values[one] for one in read], [shapes[one] for one in read])
            values.append(value)
            shapes.append(layer.output)
        return values

    def through(self, form: Chained, value: int) -> int:
        """The result of applying a normal form to a value."""
        for stage in form:
            if isinstance(stage, Chain):
                value = self._op(stage, value)
            else:
                kind = PRODUCT if stage.product else SUM
                value = self._arithmetic(kind, [self.through(branch, value) for branch in stage.branches])
        return value

    def merge(self, op: Merge, values: Sequence[int], shapes: Sequence[Shape]) -> int:
        """Several values merged; a single value is returned as it is."""
        if op.kind == "sum" or op.kind == "product":
            return self._arithmetic(SUM if op.kind == "sum" else PRODUCT, values)
        if op.kind == "concat":
            if len(values) == 1 or all(value == ZERO for value in values):
                return values[0]
            self._rows = True
            return self._shared(Node(CONCAT, tuple(values), what=tuple(shapes)))
        return self._shared(Node(MERGE, tuple(values), digest(f"{op.text} {shapes}"), what=op.commutative))

    def cell(self, cell: Cell, values: tuple[int, ...]) -> int:
        """The result of applying a cell to values: the sum of those that are terms of its output, and of the rest."""
        pattern = tuple([value if value == ZERO else values.index(value) for value in values])
        inside: Inside | None = cell.insides.get(pattern)
        if inside is None:
            inside = cell.insides[pattern] = _inside(cell, pattern)
        if not inside.rest and inside.terms in ((), ((0, 1),), ((1, 1),)):
            return values[inside.terms[0][0]] if inside.terms else ZERO
        terms = [values[place] for place, _ in inside.terms]
        if inside.rest:
            self._rows |= inside.graph.rows
            if inside.unread:
                values = tuple([ZERO if place in inside.unread else value for place, value in enumerate(values)])
            node = Node(CELL, values, b"", int(inside.weighed), inside)
            rest = self._new(node) if inside.weighed else self._shared(node)
            if not terms:
                return rest
            terms.append(rest)
        return self._shared(Node(SUM, tuple(terms), what=(*(count for _, count in inside.terms), 1)[: len(terms)]))

    def graph(self, output: int) -> Graph:
        """The nodes so far that the output depends on."""
        first, nodes = self._inputs, self._nodes
        live = [False] * (first + len(nodes)) + [True]  # the last entry is that of ZERO
        live[output] = True
        for value in range(len(nodes) + first - 1, first - 1, -1):
            if live[value]:
                for source in nodes[value - first].sources:
                    live[source] = True
        if all(live[first:]):
            return Graph(first, tuple(nodes), output, self._rows)
        places = [*range(first), *[0] * len(nodes), ZERO]
        kept: list[Node] = []
        for value, node in enumerate(nodes, first):
            if live[value]:
                places[value] = first + len(kept)
                kept.append(node._replace(sources=tuple([places[source] for source in node.sources])))
        return Graph(first, tuple(kept), places[output], self._rows)

    def _op(self, form: Chain, value: int) -> int:
        zeros: Shape = ()
        if value == ZERO:
            begin = next((place for place, atom in enumerate(form.atoms) if not atom.keeps_zero), None)
            if begin is None:
                return ZERO
            form, zeros = chain(form.atoms[begin:]), form.atoms[begin].input
        key, weighed, *_ = form
        if weighed:
            self._nodes.append(Node(OP, (value,), key, weighed, form, zeros))
            return self._inputs + len(self._nodes) - 1
        return self._shared(Node(OP, (value,), key, 0, form, zeros))

    def _arithmetic(self, kind: Kind, values: Sequence[int]) -> int:
        if kind is SUM:
            values = [value for value in values if value != ZERO]
            if not values:
                return ZERO
        elif ZERO in values:
            return ZERO
        if len(values) == 1:
            return values[0]
        return self._shared(Node(kind, tuple(sorted(values))))

    def _shared(self, node: Node) -> int:
        kind, sources, key, _, what, zeros = node
        known = kind, sources, key, zeros if kind is OP else what
        found = self._known.get(known)
        if found is None:
            found = self._known[known] = self._new(node)
        return found

    def _new(self, node: Node) -> int:
        self._nodes.append(node)
        return self._inputs + len(self._nodes) - 1


class _CellMaker(Maker):
    """Builds a cell; each of its inputs is distinct, equal to an earlier one, or ZERO."""

    def __init__(self, inputs: Sequence[int]) -> None:
        super().__init__(len(inputs))
        self._equal = inputs

    def piece(self, piece: Piece, read: int) -> int:
        read = self.input(read)
        if piece.chained is not None:
            return self.through(piece.chained, read)
        return self.layers(piece.layers, read, piece.input)[piece.output]

    def truncate(self, value: int, shape: Shape, width: int) -> int:
        return self.through(truncation(width).chained(shape), self.input(value))

    def merge(self, op: Merge, values: Sequence[int], shapes: Sequence[Shape]) -> int:
        return super().merge(op, list(map(self.input, values)), shapes)

    def input(self, value: int) -> int:
        """The value that an input is equal to; other values as they are."""
        return self._equal[value] if 0 <= value < len(self._equal) else value


def _inside(cell: Cell, inputs: tuple[int, ...]) -> Inside:
    maker = _CellMaker(inputs)
    graph = maker.graph(maker.input(cell.build(maker)))
    first, nodes = graph.inputs, graph.nodes
    read = [False] * (first + len(nodes) + 1)
    counts = [0] * (first + len(nodes) + 1)  # how often each value is a term of the output; the last entry is ZERO
    counts[graph.output] = 1
    rest = weighed = False
    for value in range(first + len(nodes) - 1, first - 1, -1):
        kind, sources, _, own, *_ = nodes[value - first]
        for source in sources:
            read[source] = True
        if kind is SUM:
            for source in sources:
                counts[source] += counts[value]
        else:
            rest = True
            weighed |= own > 0
    terms = tuple([(place, counts[place]) for place in range(first) if counts[place]])
    return Inside(graph, terms, rest, weighed, frozenset([place for place in range(first) if not read[place]]), {})
