"""What a search has learned, in a terminal."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nas.explanation import Greedy, Importances
from nas.pages.run.explained import (
    greedy_text,
    importance_rows,
    importances_text,
    left_out,
    predictions_text,
    row_of,
    telling,
    told_text,
    value_name,
)
from nas.pages.run.run_summary import RunSummary
from nas.space.drawing.show import PIPE_WIDTH


def show_explanation(run: RunSummary, console: Console | None = None) -> None:
    """Prints what a run has learned; a single line if no trial has a score."""
    console = console or Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    explanation = run.explanation
    console.print(Text(f"{run.name}: {len(run.trials)} trials of {run.controller}", style="bold"))
    if explanation is None or explanation.best is None:
        console.print("No trial has a score yet, so there is nothing to explain.")
        return
    if explanation.told < explanation.trials and (explanation.greedy or explanation.predictions):
        console.print()
        console.print(Text(told_text(explanation)))
    if explanation.greedy:
        console.print()
        console.print(Text(greedy_text(explanation.greedy, explanation.best, run.objective)))
        console.print(_decisions(explanation.greedy))
    if explanation.predictions:
        console.print()
        console.print(Text(predictions_text(explanation.predictions)))
    if not explanation.greedy and not explanation.predictions:
        console.print()
        console.print(Text(f"{run.controller} neither values options nor predicts scores."))
    console.print()
    console.print(Text(importances_text(explanation.importances)))
    if explanation.importances.decisions:
        console.print(_importances(explanation.importances))


def _decisions(greedy: Greedy) -> Table:
    shown = telling(greedy)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", caption=left_out(greedy, shown) or None)
    table.caption_justify = "left"
    table.add_column("decision", overflow="fold")
    table.add_column("taken")
    table.add_column(value_name(greedy), justify="right", no_wrap=True)
    table.add_column("tried", justify="right", no_wrap=True)
    table.add_column("next best")
    table.add_column(value_name(greedy), justify="right", no_wrap=True)
    table.add_column("best trial")
    for row in map(row_of, shown):
        best = Text("same", style="dim") if row.best == row.taken else Text(row.best)
        cells = (row.value, row.tried, Text(row.next_best), row.next_value)
        table.add_row(Text(row.name), Text(row.taken), *cells, best)
    return table


def _importances(found: Importances) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("decision", overflow="fold")
    for name in ("explains", "chance", "networks"):
        table.add_column(name, justify="right", no_wrap=True)
    for (name, *numbers), one in zip(importance_rows(found), found.decisions, strict=False):
        table.add_row(Text(name), *numbers, style="" if one.share > one.chance else "dim")
    return table
