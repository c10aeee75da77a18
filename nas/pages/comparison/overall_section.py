"""The section over all problems: ranks, the matrix of pairs, and interquartile means."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.analysis.judged import against, winner_of
from nas.pages.comparison.matrix_plot import matrix_plot
from nas.pages.comparison.page import Page
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.ranks_plot import ranks_plot
from nas.pages.comparison.rows_plot import Interval, intervals_plot
from nas.simulation.results import Floats
from nas.statistics.effect import interquartile_mean, vargha_delaney
from nas.statistics.ranks import block_ranks, cliques, critical_difference, friedman


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


def _ranks(page: Page) -> Plot:
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


def _matrix(page: Page) -> Plot:
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


def _iqm(page: Page) -> Plot:
    rows = []
    for index, who in enumerate(page.ranked):
        found = interquartile_mean(page.judged.values[:, index], rng=page.rng)
        rows.append(Interval(who, found.value, found.low, found.high))
    scale = page.judged.common
    across = f"{scale.quantity}, {scale.unit}" if scale else ""
    return intervals_plot("iqm", "interquartile mean over all problems and seeds", rows, across=across)
