"""From events to blocks: what each of them does to the current value and to those put aside."""

from dataclasses import dataclass

import pytest

from nas.ops import Add, Concat, Cost, Dropout, Linear, Merge, Op, ReLU, Shape, Tanh
from nas.space.choice import Value
from nas.space.language.assemble import assemble
from nas.space.language.tree import Action, Event, Ramp
from nas.space.network.building import Builder
from nas.space.network.cell import Cell, CellLayer, Dag, Sketch
from nas.space.network.layer import Layer

FREE = Cost(0, 0)
SAVE = Event(Action.SAVE)


def _apply(op: Op) -> Event:
    return Event(Action.APPLY, op, (4,), FREE)


def _wires(*events: Event) -> list[tuple[str, tuple[int, ...]]]:
    return [(block.op.text, block.inputs) for block in assemble(events)[0] if isinstance(block, Layer)]


def test_nothing() -> None:
    assert assemble([]) == ((), 0)


def test_layers_follow_each_other() -> None:
    events = Event(Action.APPLY, Linear(3), (3,), Cost(15, 12)), Event(Action.APPLY, ReLU(), (3,), FREE)
    blocks, current = assemble(events)
    assert blocks == (Layer(Linear(3), (0,), (3,), Cost(15, 12)), Layer(ReLU(), (1,), (3,), FREE))
    assert current == 2


@pytest.mark.parametrize("merge", [Add(), Concat()])
def test_a_merge_takes_what_was_put_aside_last_and_the_current_value(merge: Merge) -> None:
    def merged(places: int) -> Event:
        return Event(Action.MERGE, merge, (4,), FREE, places)

    assert _wires(SAVE, _apply(ReLU()), merged(1)) == [("relu", (0,)), (merge.name, (0, 1))]
    found = _wires(SAVE, _apply(ReLU()), SAVE, _apply(Tanh()), merged(2), _apply(ReLU()))
    assert found == [("relu", (0,)), ("tanh", (1,)), (merge.name, (0, 1, 2)), ("relu", (3,))]
    found = _wires(SAVE, _apply(ReLU()), SAVE, _apply(Tanh()), merged(1), merged(1))
    assert found[2:] == [(merge.name, (1, 2)), (merge.name, (0, 3))]


def test_load_store_and_drop() -> None:
    relu, tanh = _apply(ReLU()), _apply(Tanh())
    load, store = Event(Action.LOAD, places=2), Event(Action.STORE, places=2)
    found = _wires(
        SAVE, relu, SAVE, load, tanh, store, Event(Action.LOAD, places=1), relu, Event(Action.DROP, places=1)
    )
    assert found == [("relu", (0,)), ("tanh", (0,)), ("relu", (1,))]
    add = Event(Action.MERGE, Add(), (4,), FREE, 1)
    assert _wires(SAVE, relu, SAVE, load, tanh, store, Event(Action.DROP, places=1), relu, add)[-1] == ("add", (2, 3))


def test_what_only_costs_leaves_no_trace() -> None:
    assert _wires(Event(Action.COST, cost=Cost(5, 5)), _apply(ReLU())) == [("relu", (0,))]


def test_dropouts_rise_to_their_rate() -> None:
    a, b = Ramp("a", 0.6), Ramp("b", 0.5)

    def dropout(ramp: Ramp, step: int) -> Event:
        return Event(Action.DROPOUT, ramp, (4,), places=step)

    def counted(ramp: Ramp, step: int) -> Event:
        return Event(Action.COUNT, ramp, places=step)

    def rates(*events: Event) -> list[float]:
        return [block.op.p for block in assemble(events)[0] if isinstance(block.op, Dropout)]

    assert rates(dropout(a, 1)) == [0.6]
    several = dropout(a, 1), dropout(b, 1), dropout(a, 2), dropout(a, 5)
    assert rates(*several) == pytest.approx([0.2, 0.5, 0.4, 0.6])
    assert rates(dropout(a, 1), dropout(a, 2), counted(a, 3)) == pytest.approx([0.2, 0.4])
    assert rates(dropout(a, 1), counted(b, 2)) == [0.6]
    assert _wires(_apply(ReLU()), dropout(b, 1), _apply(Tanh())) == [("relu", (0,)), ("dropout", (1,)), ("tanh", (2,))]
    # Copies of a shared sequence have one path; each begins where steps are counted anew.
    copy = dropout(a, 1), dropout(a, 2), counted(a, 3)
    assert rates(*copy, *copy) == pytest.approx([0.2, 0.4] * 2)
    assert rates(dropout(a, 2), dropout(a, 2), dropout(b, 1), dropout(a, 4)) == pytest.approx([0.6, 0.3, 0.5, 0.6])


@dataclass(frozen=True)
class _Cell(Cell):
    """A cell that does nothing, of one or two inputs."""

    count: int
    decisions: tuple[tuple[str, Value], ...] = ()
    name: str = "cell"
    most_vertices: int = 0

    @property
    def inputs(self) -> tuple[Shape, ...]:
        return ((4, 2),) * self.count

    @property
    def cost(self) -> Cost:
        return Cost(7, 8)

    @property
    def dag(self) -> Dag:
        return Dag((), ())

    @property
    def sketch(self) -> Sketch:
        return Sketch((), ())

    def is_vertex(self, place: str) -> bool:
        return False

    def open(self, decisions: tuple[tuple[str, Value], ...]) -> Cell:
        return _Cell(self.count, decisions)

    def build(self, builder: Builder) -> int:
        return 0

    def layers(self) -> tuple[tuple[Layer, ...], int]:
        return (), 0


def _cell(cell: _Cell) -> Event:
    return Event(Action.CELL, cell, (4, 2), Cost(1, 1))


def test_a_cell_is_one_block_with_its_own_cost() -> None:
    cell = _Cell(1)
    blocks, current = assemble([_apply(ReLU()), _cell(cell), _cell(cell)], (("cell.0-1", "x"),))
    opened = _Cell(1, (("cell.0-1", "x"),))
    assert blocks[1:] == (
        CellLayer(opened, (1,), (4, 2), Cost(7, 8)),
        CellLayer(opened, (2,), (4, 2), Cost(7, 8)),
    )
    assert blocks[1].op is blocks[2].op, "equal copies are opened once"
    assert current == 3


def test_a_cell_of_two_inputs_reads_what_the_last_such_cell_read() -> None:
    two, one = _cell(_Cell(2)), _cell(_Cell(1))
    found = [block.inputs for block in assemble([_apply(ReLU()), two, one, two, _apply(ReLU()), two])[0]]
    assert found == [(0,), (1, 1), (2,), (1, 3), (4,), (3, 5)]
