"""The boxes of layers, cells and merges, and their texts."""

from collections.abc import Sequence
from itertools import groupby

from nas.ops import Add, Multiply
from nas.space.architecture import Architecture
from nas.space.drawing.captions import caption, family
from nas.space.drawing.shapes import BIG, SMALL, Box, Drawing, Label, circle, pill, shortened, text_width, wrapped
from nas.space.drawing.structure import Chain, Run, Step, quiet
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer

LEAST = 104.0
"""The minimum width of a layer's box."""


class Boxes:
    """Draws the blocks of one architecture."""

    def __init__(self, arch: Architecture) -> None:
        self.arch = arch
        self.shapes = (arch.input, *(block.output for block in arch.blocks))

    def step(self, step: Step, width: float, copies: Sequence[Step] = ()) -> Drawing:
        """A box; for a run of equal steps, with their number."""
        titles, notes = self._texts(step)
        params = self._params(step, copies)
        small = not titles
        height = 8 + 14 * len(titles) + 12 * len(notes)
        y, labels = 4.0, []
        for bold, text in titles:
            labels.append(Label(8 - width / 2, y + 11, text, bold, BIG))
            y += 14
        for note in notes:
            labels.append(Label(8 - width / 2, y + 9, note))
            y += 12
        if params:
            labels.append(Label(width / 2 - 8, 15 if titles else 13, params, anchor="end"))
        block = self.arch.blocks[step.blocks[0] - 1]
        kind = "cell" if isinstance(block, CellLayer) else "plain" if small else family(block.op)
        box = Box(-width / 2, 0, width, height, kind, tuple(labels), stacked=bool(copies))
        right = width / 2
        outside: tuple[Label, ...] = ()
        if copies:
            times = Label(width / 2 + 10, height / 2 + 4, "", f"×{len(copies)}", BIG)
            outside, right = (times,), width / 2 + 10 + times.width
        return Drawing(width / 2, right, height, (box,), labels=outside, enters=height / 2)

    def _texts(self, step: Step) -> tuple[list[tuple[str, str]], list[str]]:
        """The lines of a box: large lines, whose first words are bold, and small lines."""
        block = self.arch.blocks[step.blocks[0] - 1]
        if isinstance(block, CellLayer):
            return [(shortened(block.op.name, BIG), "")], []
        titles: list[tuple[str, str]] = []
        rest = step.blocks
        if not quiet(block.op):
            name, *arguments = caption(block.op, self.shapes[block.inputs[0]])
            for at, line in enumerate(wrapped([name, *arguments], BIG)):
                titles.append((name, line.removeprefix(name)) if not at and line.startswith(name) else ("", line))
            rest = step.blocks[1:]
        said = []
        for text, same in groupby(self._note(number) for number in rest):
            count = len(list(same))
            said.append(f"{text} ×{count}" if count > 1 else text)
        return titles, wrapped(said, SMALL) if said else []

    def _note(self, number: int) -> str:
        block = self.arch.blocks[number - 1]
        assert isinstance(block, Layer)  # noqa: S101  norms and activations are
        name, *arguments = caption(block.op, self.shapes[block.inputs[0]])
        return " ".join([name, *arguments])

    def _params(self, step: Step, copies: Sequence[Step] = ()) -> str:
        """The parameters of a box: for equal copies, of each; otherwise, in total."""
        costs = [sum(self.arch.blocks[number - 1].cost.params for number in one.blocks) for one in copies or [step]]
        if not any(costs):
            return ""
        if len(costs) > 1:
            return f"{len(costs)} × {costs[0]:,}" if len(set(costs)) == 1 else f"Σ {sum(costs):,}"
        return f"{costs[0]:,}"

    def width(self, chain: Chain) -> float:
        """The common width of the boxes of a chain."""
        width = LEAST
        for part in chain:
            copies: list[Step] = []
            if isinstance(part, Run) and len(part.copies[0]) == 1:
                copies = [step for copy in part.copies for step in copy if isinstance(step, Step)]
            step = part if isinstance(part, Step) else copies[0] if copies else None
            if step is None:
                continue
            titles, notes = self._texts(step)
            params = text_width(self._params(step, copies), SMALL)
            params = params + 14 if params else 0.0
            first = Label(0, 0, titles[0][1], titles[0][0], BIG).width if titles else text_width(notes[0], SMALL)
            rest = [Label(0, 0, text, bold, BIG).width for bold, text in titles[1:]]
            rest += [text_width(note, SMALL) for note in notes]
            width = max(width, 16 + first + params, *(16 + each for each in rest))
        return width

    def merge(self, number: int) -> Drawing:
        """A circle with a sign, or a word."""
        block = self.arch.blocks[number - 1]
        assert isinstance(block, Layer)  # noqa: S101  a cell joins nothing
        if isinstance(block.op, Add | Multiply):
            return circle(block.op.name)
        return pill(", ".join(caption(block.op, block.output)), "merge")
