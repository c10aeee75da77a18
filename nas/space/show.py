"""Spaces and architectures in a terminal."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nas.ops import Merge
from nas.ops.op import show_shape
from nas.space.architecture import Architecture
from nas.space.space import Space

BINS = 12
BAR = 40
PIPE_WIDTH = 120


def show_space(space: Space, facts: Mapping[str, Any], *, seed: int, console: Console | None = None) -> None:
    """Prints what `Space.describe` found, histograms of the costs, and one architecture."""
    if console is None:  # a pipe has no width of its own
        console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    size = facts["size"]
    count = f"{size:,} architectures" if size is not None else facts["size_note"]
    shapes = f"{show_shape(space.input)} → {show_shape(space.output) if space.output else 'any shape'}"
    console.print(f"[bold]{escape(space.name)}[/]  {shapes}\n{escape(count)}, {len(facts['choices'])} choices")
    table = Table("choice", "options", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, options in facts["choices"].items():
        table.add_row(name, ", ".join(map(str, options)))
    console.print()
    console.print(table)
    rng = np.random.default_rng(seed)
    sampled = [space.sample(rng) for _ in range(facts["samples"])]
    for name in ("params", "macs"):
        console.print()
        console.print(f"[bold]{name}[/] of {facts['samples']:,} uniform samples", _quartiles(facts[name]))
        for line in histogram([getattr(arch, name) for arch in sampled]):
            console.print(line)
    console.print()
    console.print(f"[bold]one of them[/] ({sampled[0].id})")
    console.print(layer_table(sampled[0]))


def layer_table(arch: Architecture) -> Table:
    """The layers of an architecture with what they read, their shapes and costs."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_footer=True, footer_style="bold")
    table.add_column("layer", "total")
    table.add_column("op")
    table.add_column("reads")
    table.add_column("output", justify="right")
    table.add_column("params", f"{arch.params:,}", justify="right")
    table.add_column("MACs", f"{arch.macs:,}", justify="right")
    values = ("input", *arch.names)
    for place, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True)):
        beside = isinstance(layer.op, Merge) or layer.inputs != (place,)
        reads = " + ".join(values[index] for index in layer.inputs) if beside else ""
        costs = (f"{cost:,}" if cost else "" for cost in layer.cost)
        table.add_row(name, layer.op.text, reads, show_shape(layer.output), *costs)
    return table


def histogram(values: Sequence[int]) -> list[str]:
    """Lines with a bar each: how many values lie in each of `BINS` equal ranges."""
    counts, edges = np.histogram(values, bins=min(BINS, max(1, len(set(values)))))
    width = len(f"{round(edges[-1]):,}")
    most = counts.max()
    return [
        f"{round(low):>{width},} – {round(high):>{width},}  {'█' * round(BAR * count / most)} {count}"
        for count, low, high in zip(counts, edges, edges[1:], strict=False)
    ]


def _quartiles(quantiles: Mapping[str, int]) -> str:
    return "· " + ", ".join(f"{name} {value:,}" for name, value in quantiles.items())
