"""The tables of the page of a comparison."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nas.analysis.judged import winner_of
from nas.analysis.words import decimals, show_p, show_spread
from nas.errors import UsageError
from nas.formatting import NOTHING, show_count, show_duration
from nas.pages.comparison.page import Page
from nas.simulation.results import Floats
from nas.statistics.effect import probability_of_improvement
from nas.statistics.verdict import Outcome, outcomes

BUDGETS = (50, 100, 200)
"""Numbers of evaluations at which the tables have columns, if all runs are longer."""


def problem_table(page: Page, place: int) -> Mapping[str, Any]:
    """Means and standard deviations on a problem, with marks for the best and those not shown to differ from it."""
    problem = page.results.problems[place]
    scale = page.scale(problem)
    lengths = [len(track.run) for who in page.who for track in page.tracks(problem, who)]
    shortest = min(lengths, default=0)
    budgets = [budget for budget in BUDGETS if budget < max(lengths, default=0) and budget <= shortest]
    same = bool(lengths) and shortest == max(lengths)
    columns = [
        *((f"after {budget}", _at(page, place, budget)) for budget in budgets),
        (f"after {shortest}, the end" if same else "at the end", page.measures.final[place]),
    ]
    spreads = [
        float(np.std(runs[np.isfinite(runs)], ddof=1))
        for _, values in columns
        for runs in values
        if np.isfinite(runs).sum() > 1
    ]
    digits = decimals(spreads)
    cells: dict[str, list[Mapping[str, str]]] = {who.name: [] for who in page.who}
    for number, (_, values) in enumerate(columns, start=1):
        level = _level_at_the_end(page, problem.name) if number == len(columns) else _level(page, values)
        means = [float(np.nanmean(runs)) if np.isfinite(runs).any() else np.inf for runs in values]
        best = page.who[int(np.argmin(means))]
        for who, runs, mean in zip(page.who, values, means, strict=True):
            mark = "best" if who == best and np.isfinite(mean) and len(page.who) > 1 else ""
            if {who.name, best.name} in level:
                mark = "level"
            cells[who.name].append({"text": show_spread(runs, digits), "mark": mark})
    rows = []
    for who in page.who:
        tracks = page.tracks(problem, who)
        tests = np.array([track.test[-1] for track in tracks])
        counts = sorted({len(track.run) for track in tracks})
        rows.append(
            {
                "name": who.name,
                "cells": cells[who.name],
                "best": show_spread(page.measures.final_best[place, who.place], digits) if scale.true else NOTHING,
                "test": show_spread(100 * tests, 2) if np.isfinite(tests).all() else NOTHING,
                "evaluations": NOTHING
                if not counts
                else show_count(counts[0])
                if len(counts) == 1
                else f"{show_count(counts[0])}–{show_count(counts[-1])}",
                "runs": show_count(len(tracks)),
            }
        )
    return {
        "columns": [title for title, _ in columns],
        "quantity": f"{scale.quantity}, {scale.unit}",
        "rows": rows,
        "marked": bool(page.judged.each),
    }


def _at(page: Page, place: int, budget: int) -> Floats:
    """`(controllers, seeds)`, the loss of the incumbent after a number of evaluations; NaN if the run is missing."""
    problem = page.results.problems[place]
    values = np.full(page.measures.final.shape[1:], np.nan)
    seeds = {seed: index for index, seed in enumerate(page.results.seeds)}
    for who in page.who:
        for track in page.tracks(problem, who):
            values[who.place, seeds[track.run.seed]] = track.incumbent[budget - 1]
    return values


def _level_at_the_end(page: Page, problem: str) -> Sequence[set[str]]:
    """The pairs of controllers without a verdict on a problem."""
    return [
        {verdict.first, verdict.second}
        for verdict in page.judged.each
        if verdict.where == f"on {problem}" and not winner_of(verdict)
    ]


def _level(page: Page, values: Floats) -> Sequence[set[str]]:
    """The same for a smaller budget, corrected over the pairs of the problem; empty if the tests are impossible."""
    if len(page.ranked) < 2 or not page.judged.each:
        return ()
    used = values[[who.place for who in page.ranked]]
    used = used[:, np.isfinite(used).all(axis=0)]
    try:
        found = outcomes(used, alpha=page.judged.alpha)
    except UsageError:
        return ()
    names = page.judged.controllers
    return [{names[i], names[j]} for (i, j), outcome in found.items() if outcome is Outcome.NOT_SHOWN]


def pair_rows(page: Page) -> Sequence[Mapping[str, str]]:
    """The numbers of each pair of controllers."""
    index = {who.name: place for place, who in enumerate(page.ranked)}
    rows = []
    for verdict in page.judged.mean:
        values = [page.judged.values[:, index[name]] for name in (verdict.first, verdict.second)]
        chance = probability_of_improvement(values[0], values[1], rng=page.rng)
        gap = verdict.difference
        low, value, high = map(page.judged.show, (gap.low, gap.value, gap.high))
        rows.append(
            {
                "pair": f"{verdict.first} against {verdict.second}",
                "outcome": str(verdict.outcome),
                "difference": f"{value} ({low} to {high})",
                "p": show_p(verdict.p),
                "corrected": show_p(verdict.corrected),
                "chance": f"{chance.value:.2f} ({chance.low:.2f} to {chance.high:.2f})",
                "wins": f"{verdict.wins} of {verdict.pairs}" + (f", {verdict.ties} ties" if verdict.ties else ""),
                "needed": NOTHING if verdict.seeds_needed is None else show_count(verdict.seeds_needed),
            }
        )
    return rows


def cost_rows(page: Page) -> Sequence[Mapping[str, str]]:
    """The own time of each controller."""
    rows = []
    for who in page.who:
        runs = [track.run for problem in page.results.problems for track in page.tracks(problem, who)]
        own = np.concatenate([run.own_seconds for run in runs]) if runs else np.empty(0)
        known = own[np.isfinite(own)]
        if not len(known):
            page.missing.append(f"{who.name}: its own time was not recorded.")
            continue
        median, high = np.quantile(known, [0.5, 0.9])
        evaluation = sum(float(np.nansum(run.seconds)) for run in runs)
        rows.append(
            {
                "name": who.name,
                "median": f"{1000 * median:.3g}",
                "high": f"{1000 * high:.3g}",
                "run": show_duration(float(known.sum()) / len(runs)),
                "evaluation": show_duration(evaluation / len(runs)) if evaluation else NOTHING,
            }
        )
    return rows
