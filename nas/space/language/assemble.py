"""Builds the blocks of a network from the events of a walk."""

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from nas.ops import Dropout, Identity, Merge
from nas.space.choice import Value
from nas.space.language.tree import Action, Closed, Event, Ramp
from nas.space.network.cell import Cell, CellLayer
from nas.space.network.layer import Layer

_IDENTITY = Identity()
APPLY = Action.APPLY  # a lookup in an enum takes longer than the comparison


def assemble(
    events: Sequence[Event], decisions: tuple[tuple[str, Value], ...] = ()
) -> tuple[tuple[Layer | CellLayer, ...], int]:
    """The blocks of the network, and the current value at the end; `decisions` are those of the cells."""
    blocks: list[Layer | CellLayer] = []
    current, before = 0, None  # the second: the last input of the last cell with two inputs
    saved: list[tuple[int, int | None]] = []
    cells: dict[int, Cell] = {}  # equal copies are one object
    dropouts: list[tuple[Ramp, int, int | None]] = []  # step, and the index of the block; None: only counted
    for action, op, output, cost, places in events:
        if action is APPLY:  # by far the most frequent
            blocks.append(Layer(op, (current,), output, cost))  # type: ignore[arg-type]
            current = len(blocks)
        elif action is Action.MERGE:
            inputs = (*(value for value, _ in saved[len(saved) - places :]), current)
            del saved[len(saved) - places :]
            blocks.append(Layer(cast(Merge, op), inputs, output, cost))
            current = len(blocks)
        elif action is Action.CELL:
            cell = cells.get(id(op))
            if cell is None:
                cell = cells[id(op)] = cast("Closed", op).open(decisions)
            inputs = (current,)
            if len(cell.inputs) == 2:
                inputs = current if before is None else before, current
                before = current
            blocks.append(CellLayer(cell, inputs, output, cell.cost))
            current = len(blocks)
        elif action is Action.DROPOUT:
            dropouts.append((cast(Ramp, op), places, len(blocks)))
            blocks.append(Layer(_IDENTITY, (current,), output, cost))  # its rate is known once all are counted
            current = len(blocks)
        elif action is Action.COUNT:
            dropouts.append((cast(Ramp, op), places, None))
        elif action is Action.SAVE:
            saved.append((current, before))
        elif action is Action.LOAD:
            current, before = saved[-places]
        elif action is Action.STORE:
            saved[-places] = current, before
        elif action is Action.DROP:
            del saved[len(saved) - places :]
    for ramp, run in _runs(dropouts):
        for number, place in enumerate(run, 1):
            if place is not None:
                blocks[place] = blocks[place]._replace(op=_dropout(ramp.p * number / len(run)))  # type: ignore[arg-type]
    return tuple(blocks), current


@lru_cache(maxsize=1024)  # an op caches its normal forms
def _dropout(p: float) -> Dropout:
    return Dropout(p)


def _runs(dropouts: Sequence[tuple[Ramp, int, int | None]]) -> list[tuple[Ramp, list[int | None]]]:
    """The dropouts of each sequence; a copy of a shared sequence begins where the step number restarts."""
    runs: list[tuple[Ramp, list[int | None]]] = []
    last: dict[Ramp, tuple[int, list[int | None]]] = {}
    for ramp, step, place in dropouts:
        before, run = last.get(ramp, (step, []))
        if step <= before:
            run = []
            runs.append((ramp, run))
        run.append(place)
        last[ramp] = step, run
    return runs
