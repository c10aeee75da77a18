"""Cells with layers on their edges: a node is the sum of its incoming edges.

In NAS-Bench-201 (Dong & Yang 2020), there is an edge between any two nodes, and the output is the last node. In DARTS
(Liu et al. 2019), each node reads two earlier nodes, and the output is the concatenation of all computed nodes.
"""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from nas.errors import Mark
from nas.ops import Add, Concat, Cost, Shape
from nas.space.language.asks import Asks, asked
from nas.space.language.cell import Copies, Copy, DecidedCell, Decisions, Lockstep, Pieces, begin, by_place
from nas.space.language.condition import Scope
from nas.space.language.tree import Agenda, Moved, Part, Point, Push, Question, join
from nas.space.network.building import Builder, Opening, Piece
from nas.space.network.cell import Cell, Dag, Sketch, Spot
from nas.space.network.layer import Layer, total

_ADD, _CONCAT = Add(), Concat()


@dataclass(frozen=True, eq=False)
class EdgeWiring:
    """Nodes 0 to `inputs` - 1 are the inputs of the cell, followed by `nodes` computed nodes.

    Attributes:
        mark: position of the cell in its file.
        inputs: number of inputs.
        nodes: number of computed nodes.
        reads: number of distinct earlier nodes that each node reads; None: all.
        edge: the layers on an edge.
        project: the layers that project an input.
        concat: whether the output is the concatenation of the computed nodes, instead of the last one.
    """

    mark: Mark
    inputs: int
    nodes: int
    reads: int | None
    edge: Pieces
    project: Pieces
    concat: bool
    readings: dict[tuple[Copy, int], tuple[Scope, Shape]] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the cache, whose keys refer to this wiring."""
        return {**vars(self), "readings": {}}

    @cached_property
    def asks(self) -> Asks:
        return asked(self.edge, self.project)

    def output(self, copy: Copy) -> Shape:
        return (self.nodes * copy.node[0], *copy.node[1:]) if self.concat else copy.node

    def fixed(self, copy: Copy) -> Cost:
        return total(self.projection(copy, number).cost for number in range(self.inputs))

    def decide(self, copies: Copies) -> Part:
        return _Node(self.mark, self, copies, self.inputs)

    def open(self, copy: Copy, decisions: Decisions) -> Cell:
        return EdgeCell(copy, decisions, self)

    def projection(self, copy: Copy, number: int) -> Piece:
        """The projection of the input with this number to the width and the size of the nodes."""
        size = copy.inputs[-1][1]
        stride = -(-copy.inputs[number][1] // size)
        return self.project.get(copy.words(width=copy.node[0], stride=stride), copy.inputs[number])

    def reading(self, copy: Copy, source: int) -> tuple[Scope, Shape]:
        """The scope of an edge from this node, and the shape of its input."""
        found = self.readings.get((copy, source))
        if found is None:
            found = self.readings[copy, source] = self._reading(copy, source)
        return found

    def _reading(self, copy: Copy, source: int) -> tuple[Scope, Shape]:
        if source >= self.inputs:
            return copy.words(width=copy.node[0], stride=1), copy.node
        projection = self.projection(copy, source)
        shape = projection.layers[projection.output - 1].output if projection.output else copy.inputs[source]
        return copy.words(width=copy.node[0], stride=copy.stride), shape

    def sources(self, node: int) -> list[tuple[int, ...]]:
        """The sets of nodes that a computed node may read."""
        return list(combinations(range(node), node if self.reads is None else min(self.reads, node)))


def show_sources(nodes: tuple[int, ...]) -> str:
    """`0,2`: the option to read these nodes."""
    return ",".join(map(str, nodes))


@dataclass(frozen=True)
class EdgeCell(DecidedCell):
    """A decided cell with layers on its edges."""

    wiring: EdgeWiring = field(compare=False, repr=False)

    @cached_property
    def edges(self) -> tuple[tuple[int, int, Piece], ...]:
        """The source, target and layers of each edge, in the order of the decisions."""
        decided, wiring = by_place(self.decisions), self.wiring
        edges = []
        for node in range(wiring.inputs, wiring.inputs + wiring.nodes):
            sources = wiring.sources(node)
            read = sources[0]
            if len(sources) > 1:
                read = next(one for one in sources if show_sources(one) == decided[str(node)][0][1])
            for source in read:
                scope, shape = wiring.reading(self.copy, source)
                edges.append((source, node, wiring.edge.get(scope, shape, decided.get(f"{source}-{node}", ()))))
        return tuple(edges)

    @cached_property
    def cost(self) -> Cost:
        return total((self.wiring.fixed(self.copy), *(piece.cost for _, _, piece in self.edges)))

    @cached_property
    def dag(self) -> Dag:
        """Each edge is a node of the graph, which reads the edges that enter its source."""
        wiring = self.wiring
        labels = [*["input"] * wiring.inputs, *(piece.label for _, _, piece in self.edges), "output"]
        matrix = [[False] * len(labels) for _ in labels]
        for place, (source, node, _) in enumerate(self.edges, wiring.inputs):
            if source < wiring.inputs:
                matrix[source][place] = True
            for other, (_, entered, _) in enumerate(self.edges, wiring.inputs):
                if entered == source:
                    matrix[other][place] = True
            if wiring.concat or node == wiring.inputs + wiring.nodes - 1:
                matrix[place][-1] = True
        return Dag(tuple(map(tuple, matrix)), tuple(labels))

    @cached_property
    def sums(self) -> tuple[tuple[tuple[int, Piece], ...], ...]:
        """For each computed node, the sources and layers of the edges that it sums.

        Zeros are left out; if there is nothing else, one of them is kept.
        """
        sums = []
        for node in range(self.wiring.inputs, self.wiring.inputs + self.wiring.nodes):
            entering = tuple((source, piece) for source, target, piece in self.edges if target == node)
            sums.append(tuple(term for term in entering if not term[1].zero) or entering[:1])
        return tuple(sums)

    @property
    def sketch(self) -> Sketch:
        """Both nodes and the layers on edges are vertices; edges of zeros are left out, as in the network."""
        wiring = self.wiring
        spots: list[Spot] = []
        edges: list[tuple[int, int]] = []

        def put(spot: Spot, *read: int) -> int:
            edges.extend((source, len(spots)) for source in read)
            spots.append(spot)
            return len(spots) - 1

        def through(piece: Piece, read: int) -> int:
            return put(Spot("op", piece.title, piece.layers), read)

        names = ("input",) if wiring.inputs == 1 else ("input 0 (earlier)", "input 1")
        nodes = [put(Spot("input", name)) for name in names]
        for number in range(wiring.inputs):
            projection = wiring.projection(self.copy, number)
            if projection.layers:
                nodes[number] = through(projection, nodes[number])
        for node, terms in enumerate(self.sums, wiring.inputs):
            nodes.append(put(Spot("node", str(node)), *[through(piece, nodes[source]) for source, piece in terms]))
        if wiring.concat:
            put(Spot("output", "concat"), *nodes[wiring.inputs :])
        else:
            put(Spot("output", "output"), nodes[-1])
        return Sketch(tuple(spots), tuple(edges))

    @property
    def most_vertices(self) -> int:
        return self.wiring.inputs + len(self.edges) + 1

    def is_vertex(self, place: str) -> bool:
        return "-" in place.partition(".")[0]

    def build(self, builder: Builder) -> int:
        wiring, copy = self.wiring, self.copy
        nodes = [builder.piece(wiring.projection(copy, number), number) for number in range(wiring.inputs)]
        for terms in self.sums:
            values = [builder.piece(piece, nodes[source]) for source, piece in terms]
            nodes.append(builder.merge(_ADD, values, [copy.node] * len(values)))
        if wiring.concat:
            nodes.append(builder.merge(_CONCAT, nodes[wiring.inputs :], [copy.node] * wiring.nodes))
        return nodes[-1]

    def layers(self) -> tuple[tuple[Layer, ...], int]:
        opening = Opening(self.wiring.inputs)
        output = self.build(opening)
        return tuple(opening.layers), output


@dataclass(frozen=True)
class _Node(Part):
    """The decisions of the node with this number and of later nodes: the nodes that it reads, then the op of each edge.

    `sources` are the nodes that it reads (None: undecided), without those whose edges are decided.
    """

    wiring: EdgeWiring
    copies: Copies
    node: int
    sources: tuple[int, ...] | None = None

    @property
    def asks(self) -> Asks:
        return self.wiring.asks

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        wiring = self.wiring
        if self.sources is None and self.node == wiring.inputs + wiring.nodes:
            return Moved(point)
        if self.sources is None:
            options = wiring.sources(self.node)
            branches = tuple(self._with(sources, point, here, push) for sources in options)
            if len(options) == 1:
                return Moved(branches[0])
            return Question(join(here.path, str(self.node)), tuple(map(show_sources, options)), branches)
        if not self.sources:
            following = _Node(self.mark, wiring, self.copies, self.node + 1)
            return Moved(point.doing(push(following, here.path, point.agenda)))
        source, *left = self.sources
        path = join(here.path, f"{source}-{self.node}")
        points = tuple(
            begin(wiring.edge.body, push, path, *wiring.reading(copy, source))._replace(facts=point.facts)
            for copy, _ in self.copies
        )
        edge = Lockstep(self.mark, self.copies, points, tuple(copy.node for copy, _ in self.copies))
        after = self._with(tuple(left), point, here, push)
        return Moved(after.doing(push(edge, path, after.agenda)))

    def _with(self, sources: tuple[int, ...], point: Point, here: Agenda, push: Push) -> Point:
        part = _Node(self.mark, self.wiring, self.copies, self.node, sources)
        return point.doing(push(part, here.path, point.agenda))
