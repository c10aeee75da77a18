"""What a comparison came to, in a few numbers and sentences, for the terminal and for programs."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from nas.comparison.curves import best_so_far, incumbent
from nas.comparison.results import Floats, Results, Run, TaskFacts
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
        best: the same for the best of what was evaluated.
        test: the incumbent's test accuracy; None where it is not known.
        reached: in how many runs an incumbent was within `delta` of the optimum; None where that is not known.
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


def final_quality(run: Run, facts: TaskFacts) -> Floats:
    """Quality of the incumbent after each successful evaluation; 0 alone, if there was none.

    It is the true one; where that is not known, the observed one.
    """
    fine = ~np.isnan(run.observed)
    if not fine.any():
        return np.zeros(1)
    observed = run.observed[fine]
    return incumbent(observed, run.truth[fine] if facts.known else observed, run.trained[fine])


def loss(quality: Floats, facts: TaskFacts) -> Floats:
    """Percentage points below the optimum, or below 100 % where no optimum is known."""
    optimum = 1.0 if facts.optimum is None else facts.optimum
    return np.maximum((optimum - quality) * 100, 0.0)


def final_values(results: Results) -> Floats:
    """What each run's incumbent lacks at the end, shape `(tasks, controllers, seeds)`; lower is better.

    Regret in percentage points; on tasks whose optimum is not known, 100 % less the accuracy. A run in which every
    evaluation failed hands over nothing, which counts as an accuracy of 0.
    """
    return np.array(
        [
            [
                [
                    loss(final_quality(results.runs[facts.name, controller, seed], facts)[-1:], facts)[0]
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
            here = values[place, column]
            tests = np.array([_handed_over(run) for run in runs])
            known = facts.optimum is not None
            reached = sum(bool((loss(final_quality(run, facts), facts) <= delta + ROUNDING).any()) for run in runs)
            rows.append(
                Row(
                    task=facts.name,
                    controller=controller,
                    value=float(here.mean()),
                    deviation=float(here.std(ddof=1)) if len(here) > 1 else None,
                    best=float(np.mean([loss(_best(run, facts), facts)[0] for run in runs])),
                    test=None if np.isnan(tests).any() else float(tests.mean()),
                    reached=reached if known else None,
                    evaluations=float(np.mean([len(run) for run in runs])),
                    distinct=float(np.mean([len(set(run.ids)) for run in runs])),
                    proposal_seconds=float(np.concatenate([run.own_seconds for run in runs]).mean()),
                )
            )
    return rows


def _best(run: Run, facts: TaskFacts) -> Floats:
    fine = ~np.isnan(run.observed)
    if not fine.any():
        return np.zeros(1)
    return best_so_far((run.truth if facts.known else run.observed)[fine], run.trained[fine])[-1:]


def _handed_over(run: Run) -> float:
    """The incumbent's test accuracy."""
    fine = np.flatnonzero(~np.isnan(run.observed))
    if not len(fine):
        return np.nan
    return float(run.test[int(incumbent(run.observed[fine], fine, run.trained[fine])[-1])])


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
