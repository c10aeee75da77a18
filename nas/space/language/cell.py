"""`cell`: a small directed acyclic graph that is one block of the network.

`edge_cell.py` wires nodes with layers on the edges, as in NAS-Bench-201 and DARTS; `node_cell.py` with layers in the
nodes and searched edges, as in NAS-Bench-101. Copies of a cell may share their decisions. A walk makes these decisions
last: then all copies are known, and the cost of an option is its total cost in all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

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
"""The maximum number of pieces that a cell caches."""

Copies = tuple[tuple["Copy", int], ...]
"""Copies that differ in their input or output shapes, and how often each occurs in the network."""

Decisions = tuple[tuple[str, Value], ...]
"""(name, value) of decisions; within a cell, names are paths relative to the cell."""


class Wiring(Protocol):
    """The wiring of the nodes of a cell."""

    @property
    def asks(self) -> Asks:
        """What its layers read."""

    def output(self, copy: "Copy") -> Shape:
        """The output shape of a cell."""

    def fixed(self, copy: "Copy") -> Cost:
        """The cost of a cell that is independent of its decisions. Raises ShapeError if it does not fit."""

    def decide(self, copies: Copies) -> Part:
        """The part that makes the decisions of these copies."""

    def open(self, copy: "Copy", decisions: Decisions) -> Cell:
        """The cell with these decisions."""


@dataclass(frozen=True)
class Copy:
    """A cell at a place in the network: its input shapes, the shape of its nodes, and its scope.

    Attributes:
        wiring: wiring of its nodes; identified by the path.
        path: path of its decisions.
        inputs: shapes of its inputs.
        node: shape of a node.
        stride: factor by which the maps of the inputs are larger than those of the nodes.
        scope: words known at its place.
    """

    wiring: Wiring = field(compare=False, repr=False)
    path: str
    inputs: tuple[Shape, ...]
    node: Shape
    stride: int
    scope: Scope

    def words(self, *, width: int, stride: int) -> Scope:
        """The scope of the layers in the cell."""
        return tuple({**dict(self.scope), "width": width, "stride": stride}.items())

    def open(self, decisions: Decisions) -> Cell:
        """The cell, given all decisions of the network."""
        prefix = f"{self.path}."
        inner = tuple((name.removeprefix(prefix), value) for name, value in decisions if name.startswith(prefix))
        return self.wiring.open(self, inner)


@dataclass(frozen=True)
class DecidedCell(Cell):
    """A copy of a cell with its decisions."""

    copy: Copy
    decisions: Decisions

    @property
    def name(self) -> str:
        return self.copy.path

    @property
    def inputs(self) -> tuple[Shape, ...]:
        return self.copy.inputs


@dataclass(frozen=True, eq=False)
class CellPart(Part):
    """`cell: {...}`.

    Attributes:
        wiring: wiring of its nodes.
        count: number of its inputs: the current value; if there are two, first the last input of the previous such
            cell.
        width: channels of a node; None: those of the current value.
        stride: factor by which the cell reduces maps.
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
    """With one more copy at this path; copies are kept in an order that is independent of the walk."""
    groups = {group.path: group for group in deferred}
    group = groups.get(path, Deferred(path, wiring, ()))
    counts = dict(group.copies)
    counts[copy] = counts.get(copy, 0) + 1
    copies = sorted(counts.items(), key=lambda pair: (pair[0].inputs, pair[0].node, repr(pair[0].scope)))
    groups[path] = group._replace(copies=tuple(copies))
    return tuple(groups.values())


@dataclass(frozen=True, eq=False)
class Pieces:
    """The layers of a block for each set of decisions, cached."""

    body: Block
    made: dict[tuple[Scope, Shape, Decisions], Piece] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the cache."""
        return {**vars(self), "made": {}}

    @property
    def asks(self) -> Asks:
        return asked(self.body)

    def get(self, scope: Scope, shape: Shape, decisions: Decisions = ()) -> Piece:
        """The piece with these decisions, whose names are paths within the block."""
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
        if option is not None and len(self.body) == 1:  # the block is a single choice, given by a named definition
            title = str(decisions[option])
        return Piece(layers, output, total(layer.cost for layer in layers), label, title, shape)


def by_place(decisions: Decisions) -> dict[str, Decisions]:
    """The decisions of each edge or node, with names relative to it."""
    groups: dict[str, Decisions] = {}
    for name, value in decisions:
        place, _, inner = name.partition(".")
        groups[place] = (*groups.get(place, ()), (inner, value))
    return groups


def begin(body: Block, push: Push, path: str, scope: Scope, shape: Shape) -> Point:
    """The start of the walk through one edge or node."""
    return Point(push_block(push, body, path, None, scope), shape)


def _label(layers: tuple[Layer, ...], decisions: Mapping[str, Value]) -> str:
    """The first option that was chosen; if only numbers were chosen, the ops."""
    first = next(iter(decisions.values()), None)
    if isinstance(first, str):
        return first
    return " + ".join(layer.op.name for layer in layers) or "identity"


@dataclass(frozen=True)  # created on each walk: must compare by value, or walks would never meet again
class Lockstep(Part):
    """The walk through one edge or node in all copies in lockstep, from `points` to values of these `shapes`."""

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
                        f"a cell needs {show_shape(shape)} here, and its layers output {show_shape(inner.shape)}"
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
    """The total cost of several copies."""
    return Cost(count * cost.params, count * cost.macs)
