"""Lines beside a column, for inputs of cells other than the part before them."""

from collections.abc import Sequence
from typing import NamedTuple

from nas.ops import Shape
from nas.space.architecture import Architecture
from nas.space.drawing.shapes import Drawing, Line, joined
from nas.space.drawing.stacks import tops_of
from nas.space.drawing.structure import Chain, blocks_of, last_of
from nas.space.network.cell import CellLayer


class Side(NamedTuple):
    """A line from one part to another (0 is the input); `inside`: it starts within the first one."""

    source: int
    target: int
    inside: bool


def sides_of(arch: Architecture, chain: Chain) -> list[Side]:
    """The side lines of a network whose parts are these."""
    where = {0: 0}
    for at, part in enumerate(chain, 1):
        where |= dict.fromkeys(blocks_of(part), at)
    found: dict[Side, None] = {}
    for number, block in enumerate(arch.blocks, 1):
        if isinstance(block, CellLayer) and len(block.inputs) == 2 and block.inputs[0] != block.inputs[1]:
            source, target = where[block.inputs[0]], where[number]
            if source != target:
                inside = source > 0 and last_of(chain[source - 1]) != block.inputs[0]
                if inside or source + 1 < target:  # otherwise a later copy reads the input of the first one anyway
                    found[Side(source, target, inside)] = None
    return list(found)


def with_sides(
    column: Drawing,
    parts: Sequence[Drawing],
    exits: Sequence[Shape | None],
    sides: Sequence[Side],
) -> Drawing:
    """The column with lines on its left, in separate lanes where they would overlap."""
    tops = tops_of(parts, exits)
    lines: list[Line] = []
    lanes: list[float] = []  # the end of the last line in each lane
    for source, target, inside in sides:
        enters = parts[target].enters
        if enters is None:
            continue
        leaves = parts[source].enters if inside else None
        start = tops[source] + (leaves + 6 if leaves is not None else parts[source].height + 5)
        end = tops[target] + enters
        lane = next((at for at, free in enumerate(lanes) if free < start), len(lanes))
        lanes[lane : lane + 1] = [end]
        x = -column.left - 14 - 12 * lane
        begin = -parts[source].left if leaves is not None else 0.0
        lines.append(Line(((begin, start), (x, start), (x, end), (-parts[target].left, end)), arrow=True))
    left = column.left + 14 + 12 * len(lanes)
    return joined([column, Drawing(lines=tuple(lines))], left=left, right=column.right, height=column.height)
