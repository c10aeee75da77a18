"""`cell`: a small directed acyclic graph that stands in the network as one block.

How its nodes are wired is the matter of `edge_cell.py` (layers on the edges, as in NAS-Bench-201 and DARTS) and of
`node_cell.py` (layers in the nodes and searched edges, as in NAS-Bench-101). Copies of a cell may be decided together.
A walk comes to these decisions when all else is decided: then every copy is known, and an option costs what it costs
in all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from nas.errors import ShapeError
from nas.ops import Cost, Shape
from nas.ops.op import FREE, show_shape
from nas.space.choice import Value
from nas.space.language.asks import NOTHING, Asks, asked
from nas.space.language.assemble import assemble
from nas.space.language.condition import Scope, Word, resolve
from nas.space.language.formula import Formula
from nas.space.language.tree import (
    Action,
    Agenda,
    Block,
    Deferred,
    Event,
    Moved,
    Part,
    Point,
    Push,
    Question,
    advance,
    new_agenda,
    push_block,
    unknown,
)
from nas.space.network.building import Piece
from nas.space.network.cell import Cell, CellLayer
from nas.space.network.layer import Layer, total

MAX_PIECES = 20_000
"""Pieces that a cell remembers at the most."""

Copies = tuple[tuple["Copy", int], ...]
"""Cells that differ in the shapes that they read or make, and how often each of them stands in the network."""

Decisions = tuple[tuple[str, Value], ...]
"""(name, value) of decisions; within a cell, names are paths from the cell on."""


class Wiring(Protocol):
    """How the nodes of a cell are connected."""

    @property
    def asks(self) -> Asks:
        """What its layers ask for."""

    def output(self, copy: "Copy") -> Shape:
        """The shape that a cell gives."""

    def fixed(self, copy: "Copy") -> Cost:
        """What a cell costs whatever is decided. Raises ShapeError if it does not fit."""

    def decide(self, copies: Copies) -> Part:
        """The part that makes the decisions for these copies."""

    def open(self, copy: "Copy", decisions: Decisions) -> Cell:
        """The cell that these decisions make."""


@dataclass(frozen=True)
class Copy:
    """A cell where it stands: what it reads, the shape of its nodes, and the words that its layers know.

    Attributes:
        wiring: of its nodes; the path says which one it is.
        path: of its decisions.
        inputs: shapes that it reads.
        node: shape of a node.
        stride: by which the maps of the inputs are larger than those of the nodes.
        scope: words known where it stands.
    """

    wiring: Wiring = field(compare=False, repr=False)
    path: str
    inputs: tuple[Shape, ...]
    node: Shape
    stride: int
    scope: Scope

    def words(self, *, width: int, stride: int) -> Scope:
        """The scope of layers in the cell."""
        return tuple({**dict(self.scope), "width": width, "stride": stride}.items())

    def open(self, decisions: Decisions) -> Cell:
        """The cell, when all decisions of the network are made."""
        prefix = f"{self.path}."
        inner = tuple((name.removeprefix(prefix), value) for name, value in decisions if name.startswith(prefix))
        return self.wiring.open(self, inner)


@dataclass(frozen=True, eq=False)
class CellPart(Part):
    """`cell: {...}`.

    Attributes:
        wiring: of its nodes.
        count: how many values it reads: the current one; as a second, before it, what the last such cell read last.
        width: channels of a node; None: those of the current value.
        stride: by which the maps of its inputs shrink.
    """

    wiring: Wiring
    count: int
    width: int | Word | Formula | None
    stride: int | Word | Formula
    copies: dict[Copy, Copy] = field(default_factory=dict)

    @cached_property
    def asks(self) -> Asks:
        return asked(self.wiring, self.width, self.stride)

    def step(self, point: Point, here: Agenda, push: Push) -> Moved:
        if len(point.shape) not in (2, 3):
            raise ShapeError(f"a cell reads maps of channels, got {show_shape(point.shape)}")
        width, stride = resolve(self.width, here.scope), resolve(self.stride, here.scope)
        assert isinstance(width, int | None) and isinstance(stride, int)  # noqa: S101, PT018  the loader sees to it
        node = width or point.shape[0], *(-(-size // stride) for size in point.shape[1:])
        inputs = (point.before or point.shape, point.shape)[-self.count :]
        copy = Copy(self.wiring, here.path, inputs, node, stride, here.scope)
        copy = self.copies.setdefault(copy, copy)
        output = self.wiring.output(copy)
        moved = point._replace(shape=output, before=point.shape if self.count == 2 else point.before)
        if point.sharing:
            moved = moved._replace(deferred=_defer(point.deferred, here.path, self.wiring, copy))
        else:
            moved = moved.doing(push(self.wiring.decide(((copy, 1),)), here.path, point.agenda))
        return Moved(moved, (Event(Action.CELL, copy, output, self.wiring.fixed(copy)),))

    def otherwise(self, point: Point, here: Agenda) -> Iterator[Point]:
        return unknown(point, (2, 3))


def _defer(deferred: tuple[Deferred, ...], path: str, wiring: Wiring, copy: Copy) -> tuple[Deferred, ...]:
    """With one copy more at this path; copies are in an order that does not depend on that of the walk."""
    groups = {group.path: group for group in deferred}
    group = groups.get(path, Deferred(path, wiring, ()))
    counts = dict(group.copies)
    counts[copy] = counts.get(copy, 0) + 1
    copies = sorted(counts.items(), key=lambda pair: (pair[0].inputs, pair[0].node, repr(pair[0].scope)))
    groups[path] = group._replace(copies=tuple(copies))
    return tuple(groups.values())


@dataclass(frozen=True, eq=False)
class Pieces:
    """The layers that a block makes for each set of decisions, remembered."""

    body: Block
    made: dict[tuple[Scope, Shape, Decisions], Piece] = field(default_factory=dict)

    @property
    def asks(self) -> Asks:
        return asked(self.body)

    def get(self, scope: Scope, shape: Shape, decisions: Decisions = ()) -> Piece:
        """The piece for these decisions, whose names are paths within the block."""
        key = scope, shape, decisions
        found = self.made.get(key)
        if found is None:
            if len(self.made) >= MAX_PIECES:
                self.made.clear()
            found = self.made[key] = self._make(scope, shape, dict(decisions))
        return found

    def _make(self, scope: Scope, shape: Shape, decisions: Mapping[str, Value]) -> Piece:
        point = begin(self.body, new_agenda, "", scope, shape)
        events: list[Event] = []
        while True:
            point, more, question = advance(point, new_agenda)
            events += more
            if question is None:
                break
            branch = question.branches[question.values.index(decisions[question.name])]
            assert branch is not None  # noqa: S101  what was decided was allowed
            point = branch
        blocks, output = assemble(events)
        layers = tuple(block for block in blocks if not isinstance(block, CellLayer))
        assert len(layers) == len(blocks)  # noqa: S101  the loader allows no cell in a cell
        label = title = _label(layers, decisions)
        option = next((name for name in decisions if "." not in name), None)
        if option is not None and len(self.body) == 1:  # all of it is one choice, the definition of which has a name
            title = str(decisions[option])
        return Piece(layers, output, total(layer.cost for layer in layers), label, title, shape)


def by_place(decisions: Decisions) -> dict[str, Decisions]:
    """The decisions of each edge or node, under names within it."""
    groups: dict[str, Decisions] = {}
    for name, value in decisions:
        place, _, inner = name.partition(".")
        groups[place] = (*groups.get(place, ()), (inner, value))
    return groups


def begin(body: Block, push: Push, path: str, scope: Scope, shape: Shape) -> Point:
    """Where the walk through one edge or node begins."""
    return Point(push_block(push, body, path, None, scope), shape)


def _label(layers: tuple[Layer, ...], decisions: Mapping[str, Value]) -> str:
    """The option that was taken first; where there was none but among numbers, the ops."""
    first = next(iter(decisions.values()), None)
    if isinstance(first, str):
        return first
    return " + ".join(layer.op.name for layer in layers) or "identity"


@dataclass(frozen=True)  # made anew on each walk: equal ones must be one, or walks never meet again
class Lockstep(Part):
    """The walk through one edge or node in all copies at once, from `points` to values of these `shapes`."""

    copies: Copies
    points: tuple[Point, ...]
    shapes: tuple[Shape, ...]

    @property
    def asks(self) -> Asks:
        return NOTHING

    def step(self, point: Point, here: Agenda, push: Push) -> Moved | Question:
        results = [advance(inner, push) for inner in self.points]
        questions = [question for _, _, question in results]
        cost = total(
            scaled(event.cost, count)
            for (_, count), (_, events, _) in zip(self.copies, results, strict=True)
            for event in events
        )
        after = tuple(inner for inner, _, _ in results)
        if len({None if question is None else (question.name, question.values) for question in questions}) > 1:
            raise ShapeError("the copies of this cell cannot be decided together: their conditions differ")
        if questions[0] is None:
            for shape, (inner, _, _) in zip(self.shapes, results, strict=True):
                if inner.shape != shape:
                    raise ShapeError(
                        f"a cell needs {show_shape(shape)} here, and its layers give {show_shape(inner.shape)}"
                    )
            return Moved(point, (Event(Action.COST, cost=cost),))
        if cost != FREE:
            return Moved(self._at(point, here, push, after), (Event(Action.COST, cost=cost),))
        branches = []
        for points in zip(*(question.branches for question in questions if question is not None), strict=True):
            allowed = tuple(inner for inner in points if inner is not None)
            branches.append(self._at(point, here, push, allowed) if len(allowed) == len(points) else None)
        return questions[0]._replace(branches=tuple(branches))

    def _at(self, point: Point, here: Agenda, push: Push, points: tuple[Point, ...]) -> Point:
        part = Lockstep(self.mark, self.copies, points, self.shapes)
        return point.doing(push(part, here.path, point.agenda))


def scaled(cost: Cost, count: int) -> Cost:
    """The cost of several copies."""
    return Cost(count * cost.params, count * cost.macs)
