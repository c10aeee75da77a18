"""Spaces and architectures in the terminal."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nas.ops import Merge, Op
from nas.ops.op import show_shape
from nas.space.architecture import Architecture
from nas.space.drawing.structure import Chain, Fork, Run, blocks_of, structure
from nas.space.network.cell import CellLayer
from nas.space.network.layer import Layer
from nas.space.space import Space
from nas.space.walks.survey import Survey

BINS = 12
BAR = 40
PIPE_WIDTH = 120
FOLD = 4
"""The number of similar decisions from which on they are shown as one."""


def show_space(found: Survey, *, console: Console | None = None) -> None:
    """Prints a description of a space, histograms of the costs, and one architecture."""
    console = console or _console()
    count = found.size_note if found.size is None else f"{show_size(found.size)} architectures"
    shapes = f"{show_shape(found.input)} → {show_shape(found.output) if found.output else 'any shape'}"
    console.print(f"[bold]{escape(found.name)}[/]  {shapes}\n{escape(count)}, {len(found.choices)} choices")
    console.print(_walks([len(outline.choices) for outline in found.outlines]))
    console.print()
    console.print(_choice_table(found))
    for name, values in found.costs.items():
        console.print()
        quantiles = ", ".join(f"{quantile} {value:,}" for quantile, value in found.quantiles(name).items())
        console.print(f"[bold]{name}[/] of {len(values):,} uniform samples · {quantiles}")
        for line in histogram(values):
            console.print(line)
    console.print()
    console.print(f"[bold]one of them[/] ({found.example.id})")
    console.print(layer_table(found.example))


def _choice_table(found: Survey) -> Table:
    """Decisions and their options, with a separate column for options that no architecture takes."""
    table = Table("choice", "options", box=None, padding=(0, 2, 0, 0), header_style="dim")
    if found.unreached:
        table.add_column("never taken")
    for name, options in fold_choices(
        {one: (found.choices.get(one, ()), found.unreached.get(one, ())) for one in found.universe}
    ):
        shown = [escape(", ".join(map(str, some))) for some in options]
        table.add_row(escape(name), *shown[: len(table.columns) - 1])
    return table


def show_architecture(space: Space, arch: Architecture, *, console: Console | None = None) -> None:
    """Prints one architecture of a space: its layers and its decisions."""
    console = console or _console()
    console.print(f"[bold]{escape(space.name)}[/]  {show_shape(arch.input)} → {show_shape(arch.output)}  ({arch.id})")
    console.print()
    console.print(layer_table(arch))
    table = Table("choice", "taken", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, value in arch.choices:
        table.add_row(escape(name), escape(str(value)))
    console.print()
    console.print(table)


def _console() -> Console:
    """For standard output; a pipe has no width."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def show_size(size: int) -> str:
    """`282,710,031,500,590,500,768 (2.8e20)`: with its magnitude from a billion on; only that beyond forty digits."""
    short = f"{Decimal(size):.1e}".replace("e+", "e")
    if size >= 10**40:
        return f"about {short}"
    return f"{size:,} ({short})" if size >= 10**9 else f"{size:,}"


def _walks(lengths: Sequence[int]) -> str:
    least, most = min(lengths), max(lengths)
    if least == most:
        return f"a walk meets {least} of them"
    return f"a walk meets {least} to {most} of them, {round(float(np.median(lengths)))} in the median"


Options = TypeVar("Options")


def fold_choices(choices: Mapping[str, Options]) -> Iterator[tuple[str, Options]]:
    """Decisions and options; `FOLD` or more that differ only in one number of their names are joined: `net.{0…17}`."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for name, options in choices.items():
        for pattern, number in _patterns(name, options):
            groups.setdefault(pattern, []).append(number)
    told: set[tuple[str, ...]] = set()
    for name, options in choices.items():
        large = [pattern for pattern, _ in _patterns(name, options) if len(groups[pattern]) >= FOLD]
        if not large:
            yield name, options
        elif large[0] not in told:
            pattern = large[0]
            told.add(pattern)
            before, after, _ = pattern
            yield f"{before}{{{_ranges(sorted(groups[pattern]))}}}{after}", options


def _patterns(name: str, options: object) -> Iterator[tuple[tuple[str, ...], int]]:
    """For each number in a name: the text before and after it with the options, and the number."""
    parts = name.split(".")
    for at, part in enumerate(parts):
        if part.isdecimal():
            before, after = ".".join([*parts[:at], ""]), ".".join(["", *parts[at + 1 :]])
            yield (before, after, repr(options)), int(part)


def _ranges(numbers: Sequence[int]) -> str:
    """`0…3, 5` of 0, 1, 2, 3 and 5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}…{run[-1]}" for run in runs)


def layer_table(arch: Architecture) -> Table:
    """The layers of an architecture with their inputs, shapes and costs.

    Of repeated parts, only the first is shown, indented, with their number. Costs after `5 ×` are those of one part.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_footer=True, footer_style="bold")
    table.add_column("layer", "total", no_wrap=True)
    table.add_column("op", overflow="fold")
    table.add_column("reads", overflow="fold")
    table.add_column("output", justify="right", no_wrap=True)
    table.add_column("params", f"{arch.params:,}", justify="right", no_wrap=True)
    table.add_column("MACs", f"{arch.macs:,}", justify="right", no_wrap=True)
    for row in _rows(arch):
        table.add_row(*map(escape, row))
    return table


def _rows(arch: Architecture) -> Iterator[tuple[str, ...]]:
    ends = list(accumulate((len(layers) for _, layers in arch.sections), initial=0))
    values = ("input", *arch.names)

    def block_rows(number: int, indent: str, count: int) -> Iterator[tuple[str, ...]]:
        block = arch.blocks[number - 1]
        if isinstance(block, CellLayer):
            many = f"{count} × " if count > 1 else ""
            costs = (f"{many}{cost:,}" if cost else "" for cost in block.cost)
            yield f"{indent}{many}{block.op.name}", "cell", "", show_shape(block.output), *costs
            indent += "  "
        for place in range(ends[number - 1], ends[number]):
            yield layer_row(place, indent)

    def layer_row(place: int, indent: str) -> tuple[str, ...]:
        layer: Layer = arch.layers[place]
        beside = isinstance(layer.op, Merge) or layer.inputs != (place,)
        reads = " + ".join(values[index] for index in layer.inputs) if beside else ""
        costs = (f"{cost:,}" if cost else "" for cost in layer.cost)
        return f"{indent}{arch.names[place]}", _op_text(layer.op), reads, show_shape(layer.output), *costs

    def rows(chain: Chain, indent: str) -> Iterator[tuple[str, ...]]:
        for part in chain:
            if isinstance(part, Run):
                first = [number for inner in part.copies[0] for number in blocks_of(inner)]
                if len(first) == 1 and isinstance(arch.blocks[first[0] - 1], CellLayer):
                    yield from block_rows(first[0], indent, len(part.copies))
                    continue
                yield f"{indent}{len(part.copies)} ×", "", "", "", "", ""
                yield from rows(part.copies[0], f"{indent}  ")
            elif isinstance(part, Fork):
                for branch in part.branches:
                    yield from rows(branch, indent)
                yield from block_rows(part.merge, indent, 1)
            else:
                for number in part.blocks:
                    yield from block_rows(number, indent, 1)

    yield from rows(structure(arch), "")
    if ends[-1] > ends[len(arch.blocks)]:  # the output is an input of the last cell
        yield layer_row(ends[-1] - 1, "")


def _op_text(op: Op | Merge) -> str:
    """As `Op.text`, with numbers rounded to three digits."""
    arguments = (
        f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}" for key, value in op.arguments().items()
    )
    return f"{op.name}({', '.join(arguments)})" if op.arguments() else op.name


def histogram(values: Sequence[int]) -> list[str]:
    """A histogram as lines of text: the number of values in each of `BINS` equal ranges."""
    counts, edges = np.histogram(values, bins=min(BINS, max(1, len(set(values)))))
    width = len(f"{round(edges[-1]):,}")
    most = counts.max()
    return [
        f"{round(low):>{width},} – {round(high):>{width},}  {'█' * round(BAR * count / most)} {count}"
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]
