"""The parts of the page of a comparison that have plots: one for each problem, and those over all problems."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nas.analysis.judged import against, winner_of
from nas.analysis.measures import Scale, stacked
from nas.analysis.words import slug
from nas.errors import UsageError
from nas.formatting import NOTHING
from nas.pages.comparison.page import Page
from nas.pages.comparison.plots import (
    Interval,
    Line,
    Picture,
    Who,
    curves_plot,
    intervals_plot,
    matrix_plot,
    ranks_plot,
    share_plot,
    strips_plot,
)
from nas.pages.comparison.tables import problem_table
from nas.simulation.results import Floats, ProblemFacts
from nas.statistics.curves import Band, aggregate, resample, time_grid
from nas.statistics.effect import interquartile_mean, vargha_delaney
from nas.statistics.ranks import block_ranks, cliques, critical_difference, friedman
from nas.statistics.survival import Survival, survival, until_within

POINTS = 500
"""The most points of a curve that are drawn."""
NEVER = 1e12
"""The regret of a run that has no incumbent yet, which is never near the optimum."""


def problem_section(page: Page, place: int) -> Mapping[str, Any]:
    """The plots and the table of a problem."""
    problem = page.results.problems[place]
    scale = page.scale(problem)
    stem = f"{place + 1}-{slug(problem.name)}"
    subject = "regret of the incumbent" if scale.regret else "incumbent"
    unit = f"{subject}, {scale.unit}" if scale.regret else _shown_quantity(problem, scale)
    curves: list[tuple[str, str, Picture | None]] = []
    evaluations = partial(_evaluation_lines, page, problem)

    def plot(kind: str, caption: str, lines: Callable[[], Sequence[Line]], across: str, upward: str) -> None:
        title = f"{problem.name}: {upward} over {across}"
        make = partial(_curves, f"{stem}-{kind}", title, lines, across, upward, scale.regret)
        curves.append((kind, caption, page.draw(f"{problem.name}, {caption}", make)))

    plot("incumbent-evaluations", "incumbent over evaluations", lambda: evaluations("incumbent"), "evaluations", unit)
    unit_name, seconds = _time_unit(page, problem)
    if seconds:
        lines = partial(_time_lines, page, problem, seconds)
        plot("incumbent-time", "incumbent over simulated time", lines, f"simulated time, {unit_name}", unit)
    else:
        page.missing.append(f"{problem.name}, curves over time: no seconds were recorded.")
    if scale.true:
        best = f"{scale.quantity} of the best evaluated, {scale.unit}" if scale.regret else f"best evaluated, {unit}"
        plot("best-evaluations", "best evaluated over evaluations", lambda: evaluations("best"), "evaluations", best)
    final = f"{subject} at the end, {scale.unit}" if scale.regret else f"final {scale.quantity}"
    last = page.draw(
        f"{problem.name}, final values of all runs", partial(_final_plot, page, place, f"{stem}-final", final)
    )
    curves.append(("final", "final values of all runs", last))
    captions = {
        "incumbent-evaluations": "Incumbent",
        "incumbent-time": "Incumbent over simulated time",
        "best-evaluations": "Best evaluated",
        "final": "Final values",
    }
    notes = {
        "incumbent-evaluations": f"{unit}: {page.options.statistic} over the seeds, with a 95 % band.",
        "incumbent-time": "Recorded seconds, including idle time of workers. Each curve ends where its first run ends.",
        "best-evaluations": "The architecture that would be selected by true quality.",
        "final": "Dot: a run; box: middle half; thick line: median; diamond: mean. Lower is better.",
    }
    return {
        "name": problem.name,
        "source": problem.source,
        "regret": scale.regret,
        "plots": [(captions[kind], notes[kind], picture) for kind, _, picture in curves if picture],
        "table": problem_table(page, place),
    }


def _shown_quantity(problem: ProblemFacts, scale: Scale) -> str:
    known = "true" if scale.true else "observed"
    return f"{known} {problem.metric} of the incumbent" + (", %" if scale.accuracy else "")


def _curves(name: str, title: str, lines: Callable[[], Sequence[Line]], across: str, upward: str, log: bool) -> Picture:
    found = lines()
    if not found:
        raise UsageError("there is no point at which the values of all runs of a controller are known")
    return curves_plot(name, title, found, across=across, upward=upward, log=log)


def _evaluation_lines(page: Page, problem: ProblemFacts, which: Literal["incumbent", "best"]) -> Sequence[Line]:
    found = []
    for who in page.who:
        tracks = page.tracks(problem, who)
        if not tracks:
            continue
        table = stacked([track.incumbent if which == "incumbent" else track.best for track in tracks])
        across = np.arange(1.0, table.shape[1] + 1)
        if len(across) > POINTS:
            kept = np.unique(np.rint(np.linspace(0, len(across) - 1, POINTS)).astype(int))
            table, across = table[:, kept], across[kept]
        line = _line(page, problem, who, across, table)
        if line:
            found.append(line)
    return found


def _time_lines(page: Page, problem: ProblemFacts, unit: float) -> Sequence[Line]:
    kind, amount = page.results.budget
    found = []
    for who in page.who:
        known = [(track, np.isfinite(track.incumbent)) for track in page.tracks(problem, who)]
        if not known or not all(there[-1] and there[np.argmax(there) :].all() for _, there in known):
            continue
        clocks = [track.run.clock[there] for track, there in known]
        curves = [track.incumbent[there] for track, there in known]
        ends = [max(float(clock[-1]), amount) if kind == "seconds" else float(clock[-1]) for clock in clocks]
        try:
            grid = time_grid(clocks, ends)
        except UsageError as error:
            page.missing.append(f"{problem.name}, {who.name} over simulated time: {error}.")
            continue
        line = _line(page, problem, who, grid / unit, resample(clocks, curves, grid, ends), of="over simulated time")
        if line:
            found.append(line)
    return found


def _line(page: Page, problem: ProblemFacts, who: Who, across: Floats, table: Floats, of: str = "") -> Line | None:
    """A curve with its band; without one for one seed. None, and a note, where no point is known for all runs."""
    known = ~np.isnan(table).any(axis=0)
    if not known.any():
        place = f"{problem.name}, {who.name} {of}".rstrip()
        page.missing.append(f"{place}, curve: there is no point at which the values of all its runs are known.")
        return None
    if len(table) > 1:
        band = aggregate(table, rng=page.rng, statistic=page.options.statistic)
    else:
        page.missing.append(f"{problem.name}: {who.name} has a single run, so its curves have no band.")
        band = Band(table[0], table[0], table[0], page.options.statistic, 0.95, 1)
    center, low, high = band.center, band.low, band.high
    scale = page.scale(problem)
    if not scale.regret:  # what is seen is the quality itself, higher is better
        whole = 100 if scale.accuracy else 0
        center, low, high = whole - center, whole - high, whole - low
    return Line(who, across, center, low, high)


def _time_unit(page: Page, problem: ProblemFacts) -> tuple[str, float]:
    """A unit for the clocks of a problem, in seconds; 0 where they are not recorded."""
    runs = [track.run for who in page.who for track in page.tracks(problem, who)]
    if not runs or not all(np.isfinite(run.clock).all() for run in runs):
        return "s", 0.0
    longest = max(float(run.clock[-1]) for run in runs)
    if longest <= 0 or not any(np.nansum(run.seconds) > 0 for run in runs):
        return "s", 0.0
    for name, seconds in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if longest >= 2 * seconds:
            return name, seconds
    return "s", 1.0


def _final_plot(page: Page, place: int, name: str, across: str) -> Picture:
    problem = page.results.problems[place]
    rows = [
        (who, runs[np.isfinite(runs)])
        for who, runs in zip(page.who, page.measures.final[place], strict=True)
        if np.isfinite(runs).any()
    ]
    if not rows:
        raise UsageError("no run has a final value")
    return strips_plot(name, f"{problem.name}: {across}, all runs", rows, across=across, log=page.scale(problem).regret)


def near_section(page: Page) -> Mapping[str, Any]:
    """How long until a run is near the optimum."""
    deltas = sorted({*page.options.deltas, page.options.delta}, reverse=True)
    blocks = []
    for place, problem in enumerate(page.results.problems):
        scale = page.scale(problem)
        if not (scale.regret and scale.accuracy):
            page.missing.append(
                f"{problem.name}, evaluations until near-optimal: there is no regret in percentage points."
            )
            continue
        curves = {delta: _survivals(page, problem, delta) for delta in deltas}
        if not curves[page.options.delta]:
            continue
        name = f"{place + 1}-{slug(problem.name)}-within"
        picture = page.draw(
            f"{problem.name}, evaluations until near-optimal",
            partial(_within_plot, page, problem, name, curves[page.options.delta]),
        )
        rows = []
        for who, _ in curves[page.options.delta]:
            tracks = page.tracks(problem, who)
            near = sum(track.within(page.options.delta) for track in tracks)
            medians = [_median(dict(curves[delta])[who]) for delta in deltas]
            rows.append({"name": who.name, "cells": [*medians, f"{near} of {len(tracks)}"]})
        blocks.append({"name": problem.name, "picture": picture, "rows": rows})
    return {"blocks": blocks, "deltas": [f"{delta:g}" for delta in deltas], "delta": f"{page.options.delta:g}"}


def _survivals(page: Page, problem: ProblemFacts, delta: float) -> Sequence[tuple[Who, Survival]]:
    found = []
    for who in page.who:
        tracks = page.tracks(problem, who)
        if tracks:
            regrets = [
                np.where(np.arange(len(track.run)) < track.begin, NEVER, np.nan_to_num(track.recorded, nan=NEVER))
                for track in tracks
            ]
            found.append((who, survival(*until_within(regrets, delta))))
    return found


def _within_plot(page: Page, problem: ProblemFacts, name: str, found: Sequence[tuple[Who, Survival]]) -> Picture:
    longest = max(float(curve.times[-1]) for _, curve in found)
    lines = []
    for who, curve in found:
        # Once all runs have been there, the share is known for good.
        more = [longest] if curve.waiting[-1] == 0 and curve.times[-1] < longest else []
        across = np.array([0.0, *curve.times, *more])
        shares = [
            np.array([0.0, *(1 - part), *(1 - part[-1:] if more else ())])
            for part in (curve.waiting, curve.high, curve.low)
        ]
        lines.append(Line(who, across, *shares))
    delta = f"{page.options.delta:g}"
    return share_plot(
        name,
        f"{problem.name}: share of runs that were within {delta} points of the optimum at some time, over evaluations",
        lines,
        across="evaluations",
        upward=f"runs that have come within {delta} points of the optimum",
    )


def _median(curve: Survival) -> str:
    """The median with its interval; if there is none, how many runs came near the optimum."""
    reached = int(curve.reached.sum())
    if curve.median is None:
        return f"not reached ({reached} of {curve.runs} runs)"
    low = NOTHING if curve.median_low is None else f"{curve.median_low:.0f}"
    high = f"to {curve.median_high:.0f}" if curve.median_high is not None else "or more"
    return f"{curve.median:.0f} ({low} {high})"


def overall_section(page: Page) -> Mapping[str, Any]:
    """The plots over all problems."""
    ranks = iqm = matrix = None
    if len(page.ranked) > 1:
        ranks = page.draw("Critical-difference diagram", partial(_ranks, page))
        matrix = page.draw("Matrix of pairs", partial(_matrix, page))
    if page.judged.common and page.ranked:
        iqm = page.draw("Interquartile mean", partial(_iqm, page))
    test = None
    if ranks:
        result = friedman(block_ranks(page.judged.values), alpha=page.judged.alpha)
        p = f"p = {result.p:.2g}" if result.p >= 1e-4 else "p < 0.0001"
        test = f"Friedman's test over {result.blocks} seeds: χ² = {result.statistic:.1f}, {p}."
    return {"ranks": ranks, "matrix": matrix, "iqm": iqm, "test": test, "any": bool(ranks or matrix or iqm)}


def _ranks(page: Page) -> Picture:
    result = friedman(block_ranks(page.judged.values), alpha=page.judged.alpha)
    difference = critical_difference(len(page.ranked), result.blocks, alpha=page.judged.alpha)
    ranks = [(who, float(rank)) for who, rank in zip(page.ranked, result.mean_ranks, strict=True)]
    return ranks_plot(
        "ranks",
        "critical-difference diagram: mean ranks of the controllers",
        ranks,
        difference=difference,
        groups=cliques(result.mean_ranks, difference),
    )


def _matrix(page: Page) -> Picture:
    judged = page.judged
    count = len(page.ranked)
    chances: Floats = np.full((count, count), 0.5)
    shown: NDArray[np.bool_] = np.zeros((count, count), dtype=bool)
    for i in range(count):
        for j in range(count):
            if i != j:
                pairs = zip(judged.values[:, i], judged.values[:, j], strict=True)
                chances[i, j] = np.mean([vargha_delaney(*runs) for runs in pairs])
                verdict = against(judged.mean, judged.controllers[i], judged.controllers[j])
                shown[i, j] = verdict is not None and winner_of(verdict) is not None
    return matrix_plot("matrix", "chance that the row beats the column", page.ranked, chances, shown)


def _iqm(page: Page) -> Picture:
    rows = []
    for index, who in enumerate(page.ranked):
        found = interquartile_mean(page.judged.values[:, index], rng=page.rng)
        rows.append(Interval(who, found.value, found.low, found.high))
    scale = page.judged.common
    across = f"{scale.quantity}, {scale.unit}" if scale else ""
    return intervals_plot("iqm", "interquartile mean over all problems and seeds", rows, across=across)
