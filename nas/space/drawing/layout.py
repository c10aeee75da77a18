"""The layout of the drawing of an architecture, which `draw.py` writes as SVG.

The network runs from top to bottom, in several columns if it is long. Norms, activations and dropouts are in the box of
the layer before them, branches are side by side, and repeated parts are drawn once with ×N. A cell is one box; the
graph of each distinct cell is drawn beside the network.
"""

import math
from dataclasses import replace

from nas.ops import Add, Merge, Multiply, Shape
from nas.ops.op import show_shape
from nas.space.architecture import Architecture
from nas.space.drawing.boxes import Boxes
from nas.space.drawing.branches import forked, framed, tangled
from nas.space.drawing.panels import different, panel_of
from nas.space.drawing.shapes import Drawing, Label, joined, pill
from nas.space.drawing.sides import sides_of, with_sides
from nas.space.drawing.stacks import ASIDE, GAP, beside, shared_out, stacked, tops_of
from nas.space.drawing.structure import Chain, Fork, Part, Run, Step, Tangle, blocks_of, last_of, structure
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer

TALL = 1100.0
"""Taller networks are drawn in columns."""
MARGIN = 16.0


def layout(arch: Architecture) -> Drawing:
    """The drawing of an architecture; its top left corner is (0, 0)."""
    network = _Network(arch).drawn()
    parts, x = [network], network.width + 2 * ASIDE
    y, wide = 0.0, 0.0
    for names, cell in different(arch.cells):
        panel = panel_of(names, cell)
        if y and y + panel.height > network.height:
            x, y, wide = x + wide + ASIDE, 0.0, 0.0
        parts.append(panel.moved(x, y))
        y, wide = y + panel.height + ASIDE, max(wide, panel.width)
    right = x + wide if arch.cells else network.width
    height = max(
        max(frame.y + frame.height for frame in part.frames) if part is not network else part.height for part in parts
    )
    whole = joined(parts).moved(MARGIN, MARGIN)
    return replace(whole, left=0.0, right=right + 2 * MARGIN, height=height + 2 * MARGIN)


class _Network:
    """Draws one architecture."""

    def __init__(self, arch: Architecture) -> None:
        self.arch = arch
        self.boxes = Boxes(arch)
        self.shapes = self.boxes.shapes

    def drawn(self) -> Drawing:
        """All of it, with its top left corner at (0, 0)."""
        arch = self.arch
        chain = structure(arch, exact=False)
        width = self.boxes.width(chain)
        first = pill(f"input {show_shape(arch.input)}", "end")
        last = pill(f"output {show_shape(arch.output)}", "end")
        costs = f"{arch.params:,} parameters, {arch.macs:,} MACs"
        total = Label(0, 14, costs, anchor="middle")
        last = replace(
            last,
            labels=(total._replace(y=last.height + 16),),
            left=max(last.left, total.width / 2),
            right=max(last.right, total.width / 2),
        )
        parts = [first, *(self.part(part, width) for part in chain), last]
        places: list[Shape | None] = [None]  # the shape to be written after each part
        entry = 0
        for part in chain:
            output = last_of(part)
            places.append(self.shapes[output] if self.shapes[output] != self.shapes[entry] else None)
            entry = output
        places[-1] = None  # the output shows it
        sides = sides_of(arch, chain)
        column = max(part.width for part in parts) + 3 * ASIDE
        height = tops_of(parts, places)[-1]
        count = 1 if height <= TALL or sides else max(2, round(math.sqrt(height / column / 1.2)))
        columns = []
        for members in shared_out([part.height + GAP for part in parts], count):
            columns.append(
                stacked(
                    [parts[at] for at in members],
                    [places[at] if at < len(places) else None for at in members],
                    tail=False,
                )
            )
        if sides:
            columns = [with_sides(columns[0], parts, places, sides)]
        return beside(columns)

    def part(self, part: Part, width: float) -> Drawing:
        match part:
            case Step():
                return self.boxes.step(part, width)
            case Fork():
                return self.fork(part)
            case Tangle():
                return self.tangle(part)
            case Run():
                return self.run(part, width)

    def chain(self, chain: Chain, *, told: bool = False) -> Drawing:
        """The parts from top to bottom, and a line out at the bottom; `told`: its shape is written elsewhere."""
        width = self.boxes.width(chain)
        exits: list[Shape | None] = []
        for part in chain:
            before, after = self.shapes[self.entry(part)], self.shapes[last_of(part)]
            exits.append(after if after != before else None)
        if told:
            exits[-1] = None
        return stacked([self.part(part, width) for part in chain], exits, tail=True)

    def entry(self, part: Part) -> int:
        """The value that a part reads."""
        first = next(blocks_of(part))
        block = self.arch.blocks[first - 1]
        return block.inputs[-1] if isinstance(block, CellLayer) else min(block.inputs)

    def run(self, run: Run, width: float) -> Drawing:
        """A box with the number of copies, or the chain in a frame."""
        first = run.copies[0]
        if len(first) == 1 and isinstance(first[0], Step):
            steps = [step for copy in run.copies for step in copy if isinstance(step, Step)]
            return self.boxes.step(first[0], width, steps)
        return framed(self.chain(first), len(run.copies))

    def fork(self, fork: Fork) -> Drawing:
        """Parallel branches; empty ones are lines on the right."""
        block = self.arch.blocks[fork.merge - 1]
        told = isinstance(block, Layer) and isinstance(block.op, Add | Multiply)
        full = [self.chain(branch, told=told) for branch in fork.branches if branch]
        return forked(full, len(fork.branches) - len(full), self.boxes.merge(fork.merge))

    def tangle(self, tangle: Tangle) -> Drawing:
        """Blocks in a layered layout."""
        boxes, blocks = self.boxes, self.arch.blocks
        width = boxes.width(tuple(Step((number,)) for number in tangle.blocks if not self._is_merge(number)))
        drawn = [
            boxes.merge(number) if self._is_merge(number) else boxes.step(Step((number,)), width)
            for number in tangle.blocks
        ]
        inside = set(tangle.blocks)
        read = [(value, number) for number in tangle.blocks for value in blocks[number - 1].inputs]
        entry = next(value for value, _ in read if value not in inside)
        numbers = {entry: 0, **{number: at for at, number in enumerate(tangle.blocks, 1)}}
        edges = dict.fromkeys((numbers[value], numbers[number]) for value, number in read if value in numbers)
        return tangled(drawn, list(edges))

    def _is_merge(self, number: int) -> bool:
        block = self.arch.blocks[number - 1]
        return isinstance(block, Layer) and isinstance(block.op, Merge)
