"""The section about the evaluations until a run is near the optimum."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from nas.analysis.words import slug
from nas.formatting import NOTHING
from nas.pages.comparison.curves_plot import Line, share_plot
from nas.pages.comparison.page import Page
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.who import Who
from nas.simulation.results import ProblemFacts
from nas.statistics.survival import Survival, survival, until_within

NEVER = 1e12
"""The regret of a run without an incumbent, which is never near the optimum."""


def near_section(page: Page) -> Mapping[str, Any]:
    """The section: a plot and a table row for each problem."""
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
        plot = page.draw(
            f"{problem.name}, evaluations until near-optimal",
            partial(_within_plot, page, problem, name, curves[page.options.delta]),
        )
        rows = []
        for who, _ in curves[page.options.delta]:
            tracks = page.tracks(problem, who)
            near = sum(track.within(page.options.delta) for track in tracks)
            medians = [_median(dict(curves[delta])[who]) for delta in deltas]
            rows.append({"name": who.name, "cells": [*medians, f"{near} of {len(tracks)}"]})
        blocks.append({"name": problem.name, "plot": plot, "rows": rows})
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


def _within_plot(page: Page, problem: ProblemFacts, name: str, found: Sequence[tuple[Who, Survival]]) -> Plot:
    longest = max(float(curve.times[-1]) for _, curve in found)
    lines = []
    for who, curve in found:
        # Once all runs have reached the target, the share stays known.
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
    """The median with its confidence interval; if there is none, the number of runs that reached the target."""
    reached = int(curve.reached.sum())
    if curve.median is None:
        return f"not reached ({reached} of {curve.runs} runs)"
    low = NOTHING if curve.median_low is None else f"{curve.median_low:.0f}"
    high = f"to {curve.median_high:.0f}" if curve.median_high is not None else "or more"
    return f"{curve.median:.0f} ({low} {high})"
