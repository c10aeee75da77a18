"""Cells with layers in their nodes and searched edges, as in NAS-Bench-101 (Ying et al. 2019, §2 and §A.1).

A node applies its layers to the sum of the nodes that it reads. The nodes that the output reads are concatenated, and
the input is added if the output reads it. Edges from the input project it to the width of the node that reads it. The
width of the output is divided among the nodes that it reads; if it is not divisible, the first ones have one more
channel. Any other node is as wide as the widest node that reads it, and the others truncate it.

Widths are therefore determined from the output backwards, and so are the decisions: first the nodes that the output
reads, then, for each node from the last to the first, the nodes that read it and its op.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from nas.errors import Mark, ShapeError
from nas.ops import Add, Concat, Cost, Shape
from nas.ops.op import FREE, show_shape
from nas.space.language.asks import Asks, asked
from nas.space.language.cell import Copies, Copy, DecidedCell, Decisions, Lockstep, Pieces, begin, by_place, scaled
from nas.space.language.tree import Action, Agenda, Event, Moved, Part, Point, Push, Question, join
from nas.space.network.building import Builder, Opening, Piece
from nas.space.network.cell import Cell, Dag, Sketch, Spot
from nas.space.network.layer import Layer, total

OUT = "out"
"""The name of the output in the names of edges, since its number depends on the number of nodes."""

Edges = tuple[tuple[bool, ...], ...]

_ADD, _CONCAT = Add(), Concat()


@dataclass(frozen=True, eq=False)
class NodeWiring:
    """Node 0 is the input, followed by at most `nodes` inner nodes, and the output.

    Attributes:
        mark: position of the cell in its file.
        nodes: maximum number of inner nodes.
        edges: maximum number of edges.
        node: the layers in a node.
        project: the layers on an edge from the input.
    """

    mark: Mark
    nodes: int
    edges: int
    node: Pieces
    project: Pieces

    @cached_property
    def asks(self) -> Asks:
        return asked(self.node, self.project)

    def output(self, copy: Copy) -> Shape:
        return copy.node

    def fixed(self, copy: Copy) -> Cost:
        return FREE

    def decide(self, copies: Copies) -> Part:
        return _Count(self.mark, self, copies)

    def projection(self, copy: Copy, width: int) -> Piece:
        """The layers on an edge from the input to a node of this width. Raises ShapeError if they do not fit."""
        piece = self.project.get(copy.words(width=width, stride=copy.stride), copy.inputs[0])
        shape = piece.layers[piece.output - 1].output if piece.output else copy.inputs[0]
        if shape != (width, *copy.node[1:]):
            needed = show_shape((width, *copy.node[1:]))
            raise ShapeError(
                f"an edge from the input of a cell needs {needed}, and its project outputs {show_shape(shape)}"
            )
        return piece

    def open(self, copy: Copy, decisions: Decisions) -> Cell:
        return NodeCell(copy, decisions, self)

    def piece(self, copy: Copy, width: int, decisions: Decisions) -> Piece:
        """The layers in a node of this width."""
        return self.node.get(copy.words(width=width, stride=1), (width, *copy.node[1:]), decisions)


@lru_cache(maxsize=1024)
def _graph(decisions: Decisions) -> tuple[Edges, Mapping[str, Decisions]]:
    """The adjacency matrix and the decisions of each node, which all copies of a cell share."""
    decided = by_place(decisions)
    count = decided["nodes"][0][1]
    assert isinstance(count, int)  # noqa: S101  the options are numbers
    names = [*map(str, range(count + 1)), OUT]
    edges = tuple(
        tuple(j > i and decided[f"{i}-{name}"][0][1] is True for j, name in enumerate(names)) for i in range(count + 2)
    )
    return edges, decided


@dataclass(frozen=True)
class NodeCell(DecidedCell):
    """A decided cell with layers in its nodes."""

    wiring: NodeWiring = field(compare=False, repr=False)

    @property
    def edges(self) -> Edges:
        """The adjacency matrix, from the input to the output."""
        return _graph(self.decisions)[0]

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """The channels of each node, from the input to the output."""
        end, width = len(self.edges) - 1, self.copy.node[0]
        widths = [self.inputs[0][0], *share_out(width, [row[end] for row in self.edges[1:end]]), width]
        for node in reversed(range(1, end)):
            readers = (widths[other] for other in range(node, end) if self.edges[node][other])
            widths[node] = widths[node] or max(readers)
        return tuple(widths)

    def _pieces(self, widths: Sequence[int]) -> list[Piece]:
        """The layers of the inner nodes, given the widths of all nodes."""
        decided = _graph(self.decisions)[1]
        return [
            self.wiring.piece(self.copy, width, decided.get(str(node), ()))
            for node, width in enumerate(widths[1:-1], 1)
        ]

    @cached_property
    def cost(self) -> Cost:
        projected = (width for width, read in zip(self.widths, self.edges[0], strict=True) if read)
        projections = (self.wiring.projection(self.copy, width).cost for width in projected)
        return total((*projections, *(piece.cost for piece in self._pieces(self.widths))))

    @cached_property
    def dag(self) -> Dag:
        return Dag(self.edges, ("input", *(piece.label for piece in self._pieces(self.widths)), "output"))

    @property
    def sketch(self) -> Sketch:
        ops = (Spot("op", piece.title, piece.layers) for piece in self._pieces(self.widths))
        edges = tuple((i, j) for i, row in enumerate(self.edges) for j, edge in enumerate(row) if edge)
        projection = self.wiring.projection(self.copy, self.copy.node[0])
        note = f"from the input: {projection.label}" if projection.layers and any(self.edges[0]) else ""
        return Sketch((Spot("input", "input"), *ops, Spot("output", "output")), edges, note)

    @property
    def most_vertices(self) -> int:
        return self.wiring.nodes + 2

    def is_vertex(self, place: str) -> bool:
        return place.partition(".")[0].isdigit()

    def build(self, builder: Builder) -> int:
        edges, widths, sizes = self.edges, self.widths, self.copy.node[1:]
        end = len(edges) - 1

        def truncated(source: int, width: int) -> int:
            if widths[source] == width:
                return values[source]
            return builder.truncate(values[source], (widths[source], *sizes), width)

        def projected(width: int) -> int:
            return builder.piece(self.wiring.projection(self.copy, width), 0)

        values = [0]
        for node, piece in enumerate(self._pieces(widths), 1):
            width = widths[node]
            read = [truncated(source, width) for source in range(1, node) if edges[source][node]]
            if edges[0][node]:
                read.append(projected(width))
            values.append(builder.piece(piece, builder.merge(_ADD, read, [(width, *sizes)] * len(read))))
        last = [node for node in range(1, end) if edges[node][end]]
        shapes = [(widths[node], *sizes) for node in last]
        read = [builder.merge(_CONCAT, [values[node] for node in last], shapes)] if last else []
        if edges[0][end]:
            read.append(projected(self.copy.node[0]))
        return builder.merge(_ADD, read, [self.copy.node] * len(read))

    def layers(self) -> tuple[tuple[Layer, ...], int]:
        opening = Opening(1)
        output = self.build(opening)
        return tuple(opening.layers), output


def share_out(width: int, read: Sequence[bool]) -> list[int]:
    """The channels of the inner nodes that the output reads (the first ones may have one more); 0 for the others."""
    if not any(read):
        return [0] * len(read)
    share, rest = divmod(width, sum(read))
    widths = []
    for one in read:
        widths.append(share + (rest > 0) if one else 0)
        rest -= one
    return widths


@dataclass(frozen=True)
class _Count(Part):
    """The decision on the number of inner nodes."""

    wiring: NodeWiring
    copies: Copies

    @property
    def asks(self) -> Asks:
        return self.wiring.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Question:
        options = tuple(range(self.wiring.nodes + 1))
        branches = tuple(
            point.doing(push(_Output(self.mark, self.wiring, self.copies, count), here.path, point.agenda))
            for count in options
        )
        return Question(join(here.path, "nodes"), options, branches)


def _edge(point: Point, here: Agenda, push: Push, name: str, parts: tuple[Part | None, Part | None]) -> Question:
    """The decision on an edge, with what follows without it and with it."""
    branches = tuple(None if part is None else point.doing(push(part, here.path, point.agenda)) for part in parts)
    return Question(join(here.path, name), (False, True), branches)


@dataclass(frozen=True)
class _Output(Part):
    """The decisions on the nodes that the output reads, including the input; `read` are those so far."""

    wiring: NodeWiring
    copies: Copies
    count: int
    read: tuple[bool, ...] = ()

    @property
    def asks(self) -> Asks:
        return self.wiring.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        if len(self.read) <= self.count:
            last = len(self.read) == self.count  # the last node has no other successor
            without = None if last else replace(self, read=(*self.read, False))
            with_edge = replace(self, read=(*self.read, True)) if sum(self.read) < self.wiring.edges else None
            return _edge(point, here, push, f"{len(self.read)}-{OUT}", (without, with_edge))
        events: tuple[Event, ...] = ()
        if self.read[0]:
            costs = (scaled(self.wiring.projection(copy, copy.node[0]).cost, count) for copy, count in self.copies)
            events = (Event(Action.COST, cost=total(costs)),)
        widths = tuple(tuple(share_out(copy.node[0], self.read[1:])) for copy, _ in self.copies)
        if any(read and not width for known in widths for read, width in zip(self.read[1:], known, strict=True)):
            raise ShapeError("the output of a cell cannot read more nodes than it has channels")
        unread = (False,) * self.count
        part = _Inner(self.mark, self.wiring, self.copies, self.count, sum(self.read), widths, unread)
        return Moved(point.doing(push(part, here.path, point.agenda)), events)


@dataclass(frozen=True)
class _Inner(Part):
    """The decisions on the nodes that read `node`, and on its op; then likewise for earlier nodes, down to the input.

    Attributes:
        node: the node; 0 is the input.
        used: number of edges so far.
        widths: for each copy, the channels of nodes 1 to n; 0 if no reader is known yet.
        fed: for each node from `node` + 1 on, whether it reads a node already.
        row: for each of these, whether it reads `node`, as far as decided.
    """

    wiring: NodeWiring
    copies: Copies
    node: int
    used: int
    widths: tuple[tuple[int, ...], ...]
    fed: tuple[bool, ...]
    row: tuple[bool, ...] = ()

    @property
    def asks(self) -> Asks:
        return self.wiring.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        count = len(self.widths[0])
        reader = self.node + len(self.row) + 1
        if reader <= count:
            unread = self.node and reader == count and not any(self.row) and not self.widths[0][self.node - 1]
            allowed = not unread if self.node else self.fed[reader - 1]
            without = replace(self, row=(*self.row, False)) if allowed else None
            with_edge = replace(self, row=(*self.row, True), used=self.used + 1)
            parts = without, with_edge if self.used < self.wiring.edges else None
            return _edge(point, here, push, f"{self.node}-{reader}", parts)
        if self.node == 0:
            return Moved(point, (Event(Action.COST, cost=self._projections()),))
        place = self.node - 1
        widths = []
        for known in self.widths:
            width = known[place] or max(known[place + 1 + k] for k, read in enumerate(self.row) if read)
            widths.append((*known[:place], width, *known[place + 1 :]))
        fed = (*self.fed[: place + 1], *(self.fed[place + 1 + k] or read for k, read in enumerate(self.row)))
        following = _Inner(self.mark, self.wiring, self.copies, place, self.used, tuple(widths), fed)
        shapes = tuple((width[place], *copy.node[1:]) for (copy, _), width in zip(self.copies, widths, strict=True))
        path = join(here.path, str(self.node))
        points = tuple(
            begin(self.wiring.node.body, push, path, copy.words(width=shape[0], stride=1), shape)._replace(
                facts=point.facts
            )
            for (copy, _), shape in zip(self.copies, shapes, strict=True)
        )
        agenda = push(following, here.path, point.agenda)
        return Moved(point.doing(push(Lockstep(self.mark, self.copies, points, shapes), path, agenda)))

    def _projections(self) -> Cost:
        """The cost of the edges from the input."""
        return total(
            scaled(self.wiring.projection(copy, width).cost, count)
            for (copy, count), widths in zip(self.copies, self.widths, strict=True)
            for width, read in zip(widths, self.row, strict=True)
            if read
        )
