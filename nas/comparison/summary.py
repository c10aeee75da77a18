"""What a comparison came to, in a few numbers and sentences, for the terminal and for programs."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from nas.comparison.measures import track_of
from nas.comparison.results import Floats, Results, TaskFacts
from nas.comparison.verdict import Verdict, verdicts
from nas.space.show import PIPE_WIDTH

ROUNDING = 1e-9
"""Percentage points that are no difference."""


@dataclass(frozen=True)
class Row:
    """A controller on a task; means over the seeds.

    Attributes:
        task, controller: their names.
        value: of the incumbent, lower is better, in percentage points; see `final_values`.
        deviation: of `value`, between seeds; None with one seed.
        best: the same for the best of what was evaluated, by all recorded runs.
        test: the incumbent's test accuracy; None where it is not known.
        reached: in how many runs an incumbent was within `delta` of the optimum, by all recorded runs; None where that
            is not known.
        evaluations: of a run.
        distinct: architectures among these.
        proposal_seconds: the controller's own time for an evaluation.
    """

    task: str
    controller: str
    value: float
    deviation: float | None
    best: float
    test: float | None
    reached: int | None
    evaluations: float
    distinct: float
    proposal_seconds: float


def loss(curve: Floats, facts: TaskFacts) -> Floats:
    """A curve of `Track` with the loss of an accuracy of 0 where nothing is there."""
    return np.nan_to_num(curve, nan=100 * (1.0 if facts.optimum is None else facts.optimum))


def final_values(results: Results) -> Floats:
    """What each run's incumbent lacks at the end, shape `(tasks, controllers, seeds)`; lower is better.

    Regret in percentage points; on tasks whose optimum is not known, 100 % less the accuracy. A run in which every
    evaluation failed hands over nothing, which counts as an accuracy of 0.
    """
    return np.array(
        [
            [
                [
                    loss(track_of(results.runs[facts.name, controller, seed], facts).incumbent[-1:], facts)[0]
                    for seed in results.seeds
                ]
                for controller in results.controllers
            ]
            for facts in results.tasks
        ]
    )


def quantity(results: Results) -> str:
    """What `final_values` are."""
    known = {facts.optimum is not None for facts in results.tasks}
    return {True: "regret", False: "validation error"}[known.pop()] if len(known) == 1 else "regret or error"


def judge(results: Results) -> Sequence[Verdict]:
    """A verdict on each pair of controllers, on the mean over the tasks; none where there is one controller."""
    if len(results.controllers) < 2:
        return ()
    tasks = [facts.name for facts in results.tasks]
    return verdicts(final_values(results), list(results.controllers), tasks, quantity=quantity(results))


def summarize(results: Results, delta: float) -> Sequence[Row]:
    """Task by task, a row for each controller; `delta` is in percentage points."""
    values = final_values(results)
    rows = []
    for place, facts in enumerate(results.tasks):
        for column, controller in enumerate(results.controllers):
            runs = [results.runs[facts.name, controller, seed] for seed in results.seeds]
            tracks = [track_of(run, facts) for run in runs]
            here = values[place, column]
            tests = np.array([track.test[-1] for track in tracks])
            known = facts.optimum is not None
            reached = sum(bool((track.recorded <= delta + ROUNDING).any()) for track in tracks)
            rows.append(
                Row(
                    task=facts.name,
                    controller=controller,
                    value=float(here.mean()),
                    deviation=float(here.std(ddof=1)) if len(here) > 1 else None,
                    best=float(np.mean([loss(track.best[-1:], facts)[0] for track in tracks])),
                    test=None if np.isnan(tests).any() else float(tests.mean()),
                    reached=reached if known else None,
                    evaluations=float(np.mean([len(run) for run in runs])),
                    distinct=float(np.mean([len(set(run.ids)) for run in runs])),
                    proposal_seconds=float(np.concatenate([run.own_seconds for run in runs]).mean()),
                )
            )
    return rows


def show_summary(results: Results, rows: Sequence[Row], found: Sequence[Verdict], delta: float) -> None:
    """Prints the rows as a table, and the verdicts below it."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    tested = any(row.test is not None for row in rows)
    grid = Grid(box=None, pad_edge=False)
    for name in ("task", "controller"):
        grid.add_column(name, no_wrap=True)
    columns = [quantity(results), "best seen", *(["test"] if tested else []), f"within {delta:g}"]
    for name in (*columns, "trials", "distinct", "ms each"):
        grid.add_column(name, justify="right", no_wrap=True)
    before = ""
    for row in rows:
        cells = [
            f"{row.value:.2f}" + ("" if row.deviation is None else f" ± {row.deviation:.2f}"),
            f"{row.best:.2f}",
            *(["" if row.test is None else f"{100 * row.test:.2f} %"] if tested else []),
            "" if row.reached is None else f"{row.reached}/{len(results.seeds)}",
            f"{row.evaluations:.0f}",
            f"{row.distinct:.0f}",
            f"{1000 * row.proposal_seconds:.2f}",
        ]
        grid.add_row(Text("" if row.task == before else row.task), Text(row.controller), *cells)
        before = row.task
    console.print(grid)
    for one in found:
        console.print(Text(f"{one.sentence}."), soft_wrap=True)
