"""The summary of a comparison for the terminal and as plain data."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from nas.analysis.judged import Judgement
from nas.analysis.words import decimals
from nas.formatting import NOTHING
from nas.simulation.results import Floats
from nas.space.drawing.show import PIPE_WIDTH
from nas.statistics.verdict import Verdict


@dataclass(frozen=True)
class Row:
    """A controller on a problem: means over the seeds; None if unknown.

    Attributes:
        problem, controller: their names.
        quantity, unit: of `value`, `deviation` and `best`, such as `regret` in `percentage points`.
        value: the loss of the final incumbent, lower is better; see `measures`.
        deviation: the standard deviation of `value` over the seeds; None with one seed.
        best: the loss of the best evaluated architecture, over all recorded runs.
        test: the test accuracy of the final incumbent.
        within: the number of runs whose final incumbent is within `delta` of the optimum, over all recorded runs.
        runs: the number of runs.
        failed: the number of runs in which all evaluations failed.
        evaluations: evaluations per run.
        distinct: distinct architectures per run.
        proposal_seconds: the controller's own time per evaluation.
    """

    problem: str
    controller: str
    quantity: str
    unit: str
    value: float | None
    deviation: float | None
    best: float | None
    test: float | None
    within: int | None
    runs: int
    failed: int
    evaluations: float | None
    distinct: float | None
    proposal_seconds: float | None


def summarize(judged: Judgement, delta: float) -> Sequence[Row]:
    """A row for each controller on each problem; `delta` is in the unit of the problem."""
    rows = []
    for place, problem in enumerate(judged.results.problems):
        scale = judged.measures.scales[problem.name]
        for column, controller in enumerate(judged.results.controllers):
            tracks = judged.measures.tracks[problem.name, controller]
            values = judged.measures.final[place, column]
            values = values[np.isfinite(values)]
            tests = np.array([track.test[-1] for track in tracks])
            own = np.concatenate([track.run.own_seconds for track in tracks]) if tracks else np.empty(0)
            rows.append(
                Row(
                    problem=problem.name,
                    controller=controller,
                    quantity=scale.quantity,
                    unit=scale.unit,
                    value=_mean(values),
                    deviation=float(values.std(ddof=1)) if len(values) > 1 else None,
                    best=_mean(judged.measures.final_best[place, column]),
                    test=None if np.isnan(tests).any() else _mean(tests),
                    within=sum(track.within(delta) for track in tracks) if scale.regret else None,
                    runs=len(tracks),
                    failed=sum(track.failed for track in tracks),
                    evaluations=_mean(np.array([len(track.run) for track in tracks])),
                    distinct=_mean(np.array([len(set(track.run.ids)) for track in tracks])),
                    proposal_seconds=_mean(own),
                )
            )
    return rows


def summary_dict(judged: Judgement, rows: Sequence[Row]) -> dict[str, Any]:
    """The rows, the verdicts and the notes as plain data."""
    return {
        "summary": [asdict(row) for row in rows],
        "verdicts": [_verdict_dict(one) for one in judged.verdicts],
        "verdicts_on_problems": [_verdict_dict(one) for one in judged.each],
        "notes": list(judged.notes),
    }


def show_summary(judged: Judgement, rows: Sequence[Row], delta: float) -> None:
    """Prints the rows as a table, followed by the verdicts and the notes."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(_grid(judged, rows, delta))
    for text in (*(f"{one.sentence}." for one in judged.verdicts), *judged.notes):
        console.print(Text(text), soft_wrap=True)


def _grid(judged: Judgement, rows: Sequence[Row], delta: float) -> Grid:
    """The rows as a table, 80 characters wide if names are short; columns without values are omitted."""
    titles = {problem.name: judged.measures.scales[problem.name].title for problem in judged.results.problems}
    one = len(set(titles.values())) == 1
    loss = next(iter(titles.values())) if one else "at the end"
    headings = ("", loss, "best\nseen", "test,\n%", f"within\n{delta:g}", "trials /\ndistinct", "ms\neach")
    spreads = {
        problem: [row.deviation for row in rows if row.problem == problem and row.deviation is not None]
        for problem in titles
    }
    lines: list[tuple[str, ...]] = []
    for place, row in enumerate(rows):
        if not place or rows[place - 1].problem != row.problem:
            lines.append(
                (row.problem if one else f"{row.problem} ({titles[row.problem]})", *[""] * (len(headings) - 1))
            )
        digits = decimals(spreads[row.problem])
        spread = "" if row.deviation is None else f" ± {row.deviation:.{digits}f}"
        lines.append(
            (
                f"  {row.controller}",
                _show(row.value, digits) + spread,
                _show(row.best, digits),
                "" if row.test is None else f"{100 * row.test:.2f}",
                "" if row.within is None else f"{row.within}/{row.runs}",
                f"{_show(row.evaluations, 0)} / {_show(row.distinct, 0)}",
                "" if row.proposal_seconds is None else f"{1000 * row.proposal_seconds:.2f}",
            )
        )
    shown = [place for place in range(len(headings)) if any(line[place] for line in lines)]
    grid = Grid(box=None, pad_edge=False)
    for place in shown:
        grid.add_column(headings[place], justify="right" if place else "left", no_wrap=bool(place), overflow="fold")
    for line in lines:
        grid.add_row(*(Text(line[place]) for place in shown))
    return grid


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _show(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _verdict_dict(one: Verdict) -> Mapping[str, Any]:
    return {
        "first": one.first,
        "second": one.second,
        "where": one.where,
        "outcome": str(one.outcome),
        "quantity": one.quantity,
        "unit": one.unit,
        "first_mean": one.first_mean,
        "second_mean": one.second_mean,
        "difference": one.difference.value,
        "low": one.difference.low,
        "high": one.difference.high,
        "p": one.p,
        "corrected_p": one.corrected,
        "detectable": one.detectable,
        "seeds_needed": one.seeds_needed,
        "sentence": one.sentence,
    }
