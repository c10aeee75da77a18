"""Where everything stands in the drawing of an architecture. `draw.py` writes it as SVG.

The network runs from top to bottom, in several columns if it is long. Norms, activations and dropouts stand in the box
of the layer before them, branches stand side by side, runs of equal parts are drawn once with ×N. A cell is one box;
each different one is drawn beside the network, as its graph.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import groupby

from nas.ops import Add, Merge, Multiply, Op, Shape
from nas.ops.op import Family, show_shape
from nas.space.architecture import Architecture
from nas.space.drawing.layered import Point, place
from nas.space.drawing.shapes import (
    BIG,
    RADIUS,
    SMALL,
    Box,
    Frame,
    Label,
    Line,
    Picture,
    circle,
    joined,
    pill,
    shortened,
    text_width,
    wrapped,
)
from nas.space.drawing.structure import Chain, Fork, Part, Run, Step, Tangle, blocks_of, quiet, structure
from nas.space.network.cell import Cell, CellLayer
from nas.space.network.layer import Layer

LEAST = 104.0
"""Width of a box with a layer."""
GAP = 16.0
"""Between two boxes of a chain; with a shape beside the line it is `WIDE_GAP`."""
WIDE_GAP = 24.0
SHORT_GAP = 8.0
"""Before branches and frames, where no arrow needs room."""
ASIDE = 22.0
"""Between two branches."""
LANE = 16.0
"""Between a branch and a line that passes it."""
BUS, LEAD = 8.0, 18.0
"""From the top of branches to where their ways part, and on to their first boxes."""
TALL = 1100.0
"""A network that would be taller is drawn in columns."""
MARGIN = 16.0


def picture(arch: Architecture) -> Picture:
    """The drawing of an architecture; its top left corner is (0, 0)."""
    network = _Network(arch).drawn()
    parts, x = [network], network.width + 2 * ASIDE
    y, wide = 0.0, 0.0
    for names, cell in _different(arch.cells):
        panel = _panel(names, cell)
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


def caption(op: Op | Merge, input: Shape) -> list[str]:
    """What a box says of an op: its name with the kernel, the width, and arguments that are not at their defaults."""
    given = {field.name: getattr(op, field.name) for field in fields(op)}
    name = op.name
    if "kernel" in given:
        name += " " + show_shape([given["kernel"]] * max(1, len(input) - 1))
    said = {key: value for key, value in op.arguments().items() if key not in ("kernel", "bias")}
    parts = [name]
    for key in ("width", "units", "p"):
        if key in given:
            parts.append(_number(given[key]))
            said.pop(key, None)
    for key, value in said.items():
        if isinstance(value, bool):
            parts.append(key.replace("_", " ") if value else f"no {key.replace('_', ' ')}")
        else:
            parts.append(f"{key.replace('_', ' ')} {_number(value)}")
    return parts


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def family(op: Op | Merge) -> Family:
    """The family that colours an op; a merge has none."""
    return op.family if isinstance(op, Op) else "plain"


class _Network:
    """Draws one architecture."""

    def __init__(self, arch: Architecture) -> None:
        self.arch = arch
        self.shapes = (arch.input, *(block.output for block in arch.blocks))

    def drawn(self) -> Picture:
        """All of it, with its top left corner at (0, 0)."""
        arch = self.arch
        chain = structure(arch, exact=False)
        width = self.box_width(chain)
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
        places: list[Shape | None] = [None]  # the shape to be written on the way out of each part
        entry = 0
        for part in chain:
            output = self.output(part)
            places.append(self.shapes[output] if self.shapes[output] != self.shapes[entry] else None)
            entry = output
        places[-1] = None  # the output says it
        sides = self.side_lines(chain)
        column = max(part.width for part in parts) + 3 * ASIDE
        height = _tops(parts, places)[-1]
        count = 1 if height <= TALL or sides else max(2, round(math.sqrt(height / column / 1.2)))
        columns = []
        for members in _shared_out([part.height + GAP for part in parts], count):
            columns.append(
                _stacked(
                    [parts[at] for at in members],
                    [places[at] if at < len(places) else None for at in members],
                    tail=False,
                )
            )
        if sides:
            columns = [self._with_sides(columns[0], parts, places, sides)]
        return _beside(columns)

    def part(self, part: Part, width: float) -> Picture:
        match part:
            case Step():
                return self.step(part, width)
            case Fork():
                return self.fork(part)
            case Tangle():
                return self.tangle(part)
            case Run():
                return self.run(part, width)

    def output(self, part: Part) -> int:
        """The value that a part gives."""
        *_, last = blocks_of(part)
        return last

    def chain(self, chain: Chain, *, told: bool = False) -> Picture:
        """The parts one below the other, and a line out at the bottom; `told`: its shape is written elsewhere."""
        width = self.box_width(chain)
        exits: list[Shape | None] = []
        for part in chain:
            before, after = self.shapes[self.entry(part)], self.shapes[self.output(part)]
            exits.append(after if after != before else None)
        if told:
            exits[-1] = None
        return _stacked([self.part(part, width) for part in chain], exits, tail=True)

    def entry(self, part: Part) -> int:
        """The value that a part reads."""
        first = next(blocks_of(part))
        block = self.arch.blocks[first - 1]
        return block.inputs[-1] if isinstance(block, CellLayer) else min(block.inputs)

    # One box.

    def step(self, step: Step, width: float, copies: Sequence[Step] = ()) -> Picture:
        """A box; of a run of equal ones it says how many they are."""
        titles, notes = self.texts(step)
        params = self.params(step, copies)
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
        return Picture(width / 2, right, height, (box,), labels=outside, enters=height / 2)

    def texts(self, step: Step) -> tuple[list[tuple[str, str]], list[str]]:
        """The lines of a box: large ones, whose first words are bold, and small ones."""
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
        for text, same in groupby(self.quiet_text(number) for number in rest):
            count = len(list(same))
            said.append(f"{text} ×{count}" if count > 1 else text)
        return titles, wrapped(said, SMALL) if said else []

    def quiet_text(self, number: int) -> str:
        block = self.arch.blocks[number - 1]
        assert isinstance(block, Layer)  # noqa: S101  norms and activations are
        name, *arguments = caption(block.op, self.shapes[block.inputs[0]])
        return " ".join([name, *arguments])

    def params(self, step: Step, copies: Sequence[Step] = ()) -> str:
        """The parameters of a box; of equal copies each, of others all together."""
        costs = [sum(self.arch.blocks[number - 1].cost.params for number in one.blocks) for one in copies or [step]]
        if not any(costs):
            return ""
        if len(costs) > 1:
            return f"{len(costs)} × {costs[0]:,}" if len(set(costs)) == 1 else f"Σ {sum(costs):,}"
        return f"{costs[0]:,}"

    def box_width(self, chain: Chain) -> float:
        """The width of all boxes of a chain, so that their edges are in line."""
        width = LEAST
        for part in chain:
            copies: list[Step] = []
            if isinstance(part, Run) and len(part.copies[0]) == 1:
                copies = [step for copy in part.copies for step in copy if isinstance(step, Step)]
            step = part if isinstance(part, Step) else copies[0] if copies else None
            if step is None:
                continue
            titles, notes = self.texts(step)
            params = text_width(self.params(step, copies), SMALL)
            params = params + 14 if params else 0.0
            first = Label(0, 0, titles[0][1], titles[0][0], BIG).width if titles else text_width(notes[0], SMALL)
            rest = [Label(0, 0, text, bold, BIG).width for bold, text in titles[1:]]
            rest += [text_width(note, SMALL) for note in notes]
            width = max(width, 16 + first + params, *(16 + each for each in rest))
        return width

    # Several boxes.

    def run(self, run: Run, width: float) -> Picture:
        first = run.copies[0]
        if len(first) == 1 and isinstance(first[0], Step):
            steps = [step for copy in run.copies for step in copy if isinstance(step, Step)]
            return self.step(first[0], width, steps)
        inner = self.chain(first)
        pad = 10.0
        shift = 0.0 if not inner.solid else pad
        left, right, height = inner.left + pad, inner.right + pad, inner.height + shift
        times = Label(right + 6, height / 2 + 4, "", f"×{len(run.copies)}", BIG)
        lead = (Line(((0, 0), (0, shift)), arrow=True),) if shift else ()
        return joined(
            [
                inner.moved(0, shift),
                Picture(lines=lead, labels=(times,), frames=(Frame(-left, 0, left + right, height),)),
            ],
            left=left,
            right=right + 6 + times.width,
            height=height,
            enters=height / 2,
            solid=False,
        )

    def fork(self, fork: Fork) -> Picture:
        """Branches side by side, the empty ones as lines on the right."""
        block = self.arch.blocks[fork.merge - 1]
        told = isinstance(block, Layer) and isinstance(block.op, Add | Multiply)
        full = [self.chain(branch, told=told) for branch in fork.branches if branch]
        axes = _axes(full)
        reach = max((x + branch.right for x, branch in zip(axes, full, strict=True)), default=0.0)
        empty = len(fork.branches) - len(full)
        lanes = [reach + LANE * (at + 1) if full else 1.5 * LANE * (2 * at + 1 - empty) for at in range(empty)]
        ways = [(x, BUS + (LEAD if branch.solid else 4), branch) for x, branch in zip(axes, full, strict=True)]
        merge = self.merge(fork.merge)
        joint = max([BUS + LEAD, *(top + branch.height for _, top, branch in ways)]) + 4
        parts, lines = [merge.moved(0, joint)], []
        for x, top, branch in ways:
            parts.append(branch.moved(x, top))
            lines.append(_line((0, 0), (0, BUS), (x, BUS), (x, top), arrow=branch.solid))
            lines.append(_line((x, top + branch.height), *_into(merge, x, joint), arrow=True))
        for x in lanes:
            lines.append(_line((0, 0), (0, BUS), (x, BUS), *_into(merge, x, joint), arrow=True))
        return joined(
            [*parts, Picture(lines=tuple(lines))],
            left=max([merge.left, *(branch.left - x for x, _, branch in ways), *(-x for x in lanes)]),
            right=max([merge.right, reach, *lanes]),
            height=joint + merge.height,
            solid=False,
        )

    def merge(self, number: int) -> Picture:
        """A circle with a sign, or a word."""
        block = self.arch.blocks[number - 1]
        assert isinstance(block, Layer)  # noqa: S101  a cell joins nothing
        if isinstance(block.op, Add | Multiply):
            return circle(block.op.name)
        return pill(", ".join(caption(block.op, block.output)), "merge")

    def tangle(self, tangle: Tangle) -> Picture:
        """Blocks in layers, between the point where the way comes in and the one where it goes out."""
        entry = self.entry_of_tangle(tangle)
        width = self.box_width(tuple(Step((number,)) for number in tangle.blocks if not self._is_merge(number)))
        drawn = [Picture()]
        for number in tangle.blocks:
            drawn.append(self.merge(number) if self._is_merge(number) else self.step(Step((number,)), width))
        drawn.append(Picture())
        numbers = {entry: 0, **{number: at for at, number in enumerate(tangle.blocks, 1)}}
        edges = list(
            dict.fromkeys(
                (numbers[value], numbers[number])
                for number in tangle.blocks
                for value in self.arch.blocks[number - 1].inputs
                if value in numbers
            )
        )
        edges.append((len(drawn) - 2, len(drawn) - 1))
        placed = place([(part.width, part.height) for part in drawn], edges)
        axis, out = placed.middles[0][0], placed.middles[-1][0]
        parts = [
            part.moved(x - axis - (part.right - part.left) / 2, y - part.height / 2)
            for part, (x, y) in zip(drawn, placed.middles, strict=True)
        ]
        lines = [
            Line(tuple((x - axis, y) for x, y in route), arrow=target < len(drawn) - 1)
            for route, (_, target) in zip(placed.routes, edges, strict=True)
        ]
        height = placed.height
        if abs(out - axis) > 1:
            lines.append(Line(((out - axis, height), (out - axis, height + 8), (0, height + 8), (0, height + 16))))
            height += 16
        return joined(
            [*parts, Picture(lines=tuple(lines))], left=axis, right=placed.width - axis, height=height, solid=False
        )

    def entry_of_tangle(self, tangle: Tangle) -> int:
        inside = set(tangle.blocks)
        return next(
            value for number in tangle.blocks for value in self.arch.blocks[number - 1].inputs if value not in inside
        )

    def _is_merge(self, number: int) -> bool:
        block = self.arch.blocks[number - 1]
        return isinstance(block, Layer) and isinstance(block.op, Merge)

    # What a cell reads besides the part before it.

    def side_lines(self, chain: Chain) -> list[tuple[int, int, bool]]:
        """From which part to which one (0 is the input), and whether it comes from inside the first one."""
        where = {0: 0}
        for at, part in enumerate(chain, 1):
            where |= dict.fromkeys(blocks_of(part), at)
        found: dict[tuple[int, int, bool], None] = {}
        for number, block in enumerate(self.arch.blocks, 1):
            if isinstance(block, CellLayer) and len(block.inputs) == 2 and block.inputs[0] != block.inputs[1]:
                source, target = where[block.inputs[0]], where[number]
                if source != target:
                    inside = source > 0 and self.output(chain[source - 1]) != block.inputs[0]
                    if inside or source + 1 < target:  # else a later copy reads what the first one reads anyway
                        found[source, target, inside] = None
        return list(found)

    def _with_sides(
        self,
        column: Picture,
        parts: Sequence[Picture],
        exits: Sequence[Shape | None],
        sides: Sequence[tuple[int, int, bool]],
    ) -> Picture:
        """The column with lines on its left, in lanes where they would lie on each other."""
        tops = _tops(parts, exits)
        lines: list[Line] = []
        lanes: list[float] = []  # where the last line of each lane ends
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
        return joined([column, Picture(lines=tuple(lines))], left=left, right=column.right, height=column.height)


def _gap(exit_: Shape | None, following: Picture | None) -> float:
    if exit_:
        return WIDE_GAP
    return GAP if following is None or following.solid else SHORT_GAP


def _tops(parts: Sequence[Picture], exits: Sequence[Shape | None]) -> list[float]:
    """Where each part begins."""
    tops, y = [], 0.0
    for part, exit_, following in zip(parts, [*exits, None], [*parts[1:], None], strict=False):
        tops.append(y)
        y += part.height + _gap(exit_, following)
    return tops


def _stacked(parts: Sequence[Picture], exits: Sequence[Shape | None], *, tail: bool) -> Picture:
    """Parts one below the other with lines between them; `exits` are shapes to be written beside the lines."""
    tops = _tops(parts, exits)
    shapes, lines, labels = [], [], []
    right = max((part.right for part in parts), default=0.0)
    height = tops[-1] + parts[-1].height if parts else 0.0
    for at, (part, top, exit_) in enumerate(zip(parts, tops, exits, strict=True)):
        shapes.append(part.moved(0, top))
        below = top + part.height
        last = at + 1 == len(parts)
        gap = _gap(exit_, None if last else parts[at + 1])
        if not last or tail:
            lines.append(Line(((0, below), (0, below + gap)), arrow=not last and parts[at + 1].solid))
        if exit_ and (not last or tail):
            label = Label(7, below + gap / 2 + 3, show_shape(exit_))
            labels.append(label)
            right = max(right, 7 + label.width)
        if last and tail:
            height += gap
    return joined(
        [*shapes, Picture(lines=tuple(lines), labels=tuple(labels))],
        left=max((part.left for part in parts), default=0.0),
        right=right,
        height=height,
        solid=bool(parts) and parts[0].solid,
    )


def _shared_out(heights: Sequence[float], count: int) -> Iterator[list[int]]:
    """Numbers of parts in about equally tall columns."""
    limit = sum(heights) / count
    members: list[int] = []
    tall = 0.0
    for at, height in enumerate(heights):
        if members and tall + height / 2 > limit:
            yield members
            members, tall = [], 0.0
        members.append(at)
        tall += height
    yield members


def _beside(columns: Sequence[Picture]) -> Picture:
    """Columns side by side, the way leading from the bottom of each one to the top of the next."""
    top = 12.0 if len(columns) > 1 else 0.0
    bottom = top + max(column.height for column in columns)
    parts, lines = [], []
    x = 0.0
    for at, column in enumerate(columns):
        axis = x + column.left
        parts.append(column.moved(axis, top))
        x = axis + column.right + 2 * ASIDE
        if at + 1 < len(columns):
            following = columns[at + 1]
            lane, down = x - ASIDE, bottom + 10
            up = (x + following.left, 0.0)
            end = (up[0], top)
            points = ((axis, top + column.height), (axis, down), (lane, down), (lane, 0.0), up, end)
            lines.append(Line(points, arrow=following.solid))
    tail = max((label.y for part in parts for label in part.labels), default=0.0)
    return joined(
        [*parts, Picture(lines=tuple(lines))],
        right=x - 2 * ASIDE,
        height=max(bottom + (10 if len(columns) > 1 else 0), tail),
    )


def _axes(branches: Sequence[Picture]) -> list[float]:
    """Where branches side by side have their axes; the middle one, or the middle of the two in the middle, is at 0."""
    axes, x = [], 0.0
    for branch in branches:
        axes.append(x + branch.left)
        x += branch.width + ASIDE
    half = len(axes) // 2
    middle = sum(axes[half - 1 + len(axes) % 2 : half + 1]) / (2 - len(axes) % 2) if axes else 0.0
    return [axis - middle for axis in axes]


def _into(merge: Picture, x: float, top: float) -> tuple[Point, ...]:
    """The last points of a way down at `x` into a merge: from above, or else from its side."""
    if abs(x) < 1:
        return ((x, top),)
    middle = top + merge.height / 2
    return (x, middle), (math.copysign(merge.right, x), middle)


def _line(*points: Point, arrow: bool) -> Line:
    """A line through points of which some may coincide."""
    return Line(tuple(point for at, point in enumerate(points) if not at or point != points[at - 1]), arrow)


def _different(cells: Mapping[str, Cell]) -> list[tuple[list[str], Cell]]:
    """Cells that do not look the same, each with the names of those that do."""
    found: dict[object, tuple[list[str], Cell]] = {}
    for name, cell in cells.items():
        sketch = cell.sketch
        key = tuple((spot.kind, spot.label) for spot in sketch.spots), sketch.edges, sketch.note
        found.setdefault(key, ([], cell))[0].append(name)
    return list(found.values())


def _panel(names: Sequence[str], cell: Cell) -> Picture:
    """The graph of a cell in a frame, with its names; its top left corner is (0, 0)."""
    spots, edges, note = cell.sketch
    drawn = []
    for kind, label, layers in spots:
        if kind == "node":
            drawn.append(circle(label, RADIUS + 2))
        else:
            costly = max(
                layers,
                key=lambda layer: (layer.cost.macs, layer.cost.params, family(layer.op) != "plain"),
                default=None,
            )
            colour = (
                "end" if kind == "input" else "merge" if kind == "output" else family(costly.op) if costly else "plain"
            )
            drawn.append(pill(label, colour, size=SMALL + 0.5))
    placed = place([(part.width, part.height) for part in drawn], edges)
    title = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    labels = [Label(14, 20, "", shortened(title, BIG, 300), BIG)]
    top = 34.0
    if note:
        labels.append(Label(14, 35, shortened(note, SMALL, 300)))
        top += 14
    width = max(placed.width, *(label.width for label in labels)) + 28
    left = (width - placed.width) / 2
    height = top + placed.height + 14
    parts = [
        part.moved(left + x, top + y - part.height / 2) for part, (x, y) in zip(drawn, placed.middles, strict=True)
    ]
    lines = tuple(Line(tuple((left + x, top + y) for x, y in route), arrow=True) for route in placed.routes)
    shapes = Picture(lines=lines, labels=tuple(labels), frames=(Frame(0, 0, width, height),))
    return joined([*parts, shapes], right=width, height=height)
