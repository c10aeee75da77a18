"""Ranks of several controllers: Friedman's test, Nemenyi's critical difference, and the groups of a diagram.

J. Demšar, "Statistical comparisons of classifiers over multiple data sets" (JMLR 7, 2006), section 3.2.

**Blocks.** Controllers are ranked within each block, and blocks must be independent. In Demšar's design, a block is a
data set with one value per method (a mean over repetitions): the test is then about a population of data sets and needs
about ten of them. A comparison has one to three problems, often on one space, and many seeds. Blocks of problems and
seeds are not independent: a seed that draws the same first architectures on every problem correlates its blocks, and
the test rejects too often (`tests/statistics/test_ranks.py`: with three such problems in about 40 % of comparisons
instead of 5 %). By default, a block is therefore a seed: its controllers are ranked on every problem, and then by their
mean rank over the problems. The test is about these problems only.

Whether Nemenyi's test shows a difference of two controllers depends on all controllers of the diagram (A. Benavoli, G.
Corani, F. Mangili, "Should we really use post-hoc tests based on mean-ranks?", JMLR 17, 2016). The diagram is an
overview; statements about a pair are based on the pair alone (`verdict`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from nas.errors import UsageError
from nas.statistics.check import finite, fraction, settled


@dataclass(frozen=True, eq=False)
class Friedman:
    """Friedman's test of the null hypothesis that the ranks of the controllers are equally distributed.

    Attributes:
        p: from the chi-squared distribution, which is conservative for few blocks.
        statistic: chi-squared, corrected for ties.
        mean_ranks: of each controller, from 1 (the best) to the number of controllers.
        blocks: the number of blocks.
    """

    p: float
    statistic: float
    mean_ranks: NDArray[np.float64]
    blocks: int


def block_ranks(values: ArrayLike, blocks: Literal["seeds", "problems"] = "seeds") -> NDArray[np.float64]:
    """Ranks of the controllers within each block: 1 for the lowest value, mean ranks for ties.

    Args:
        values: shape `(problems, controllers, seeds)`, lower is better.
        blocks: what a block is, see the top of this file. With `"problems"`, means over the seeds are ranked on each
            problem.

    Returns:
        Shape `(blocks, controllers)`.

    Raises:
        UsageError: not three dimensions, or a value is not finite.
    """
    array = finite(values, "values", 3)
    if blocks == "problems":
        return _ranked(array.mean(axis=2))
    each = np.stack([_ranked(problem.T) for problem in array])
    return _ranked(each.mean(axis=0))


def friedman(ranks: ArrayLike, *, alpha: float = 0.05) -> Friedman:
    """Friedman's test on ranks of shape `(blocks, controllers)`; p = 1 if all controllers are tied in every block.

    Raises:
        UsageError: fewer than three controllers (use Wilcoxon's test for two), or too few blocks to reach `alpha` even
            with the same order in all of them.
    """
    array = finite(ranks, "ranks", 2)
    blocks, controllers = array.shape
    if controllers < 3:
        raise UsageError(f"Friedman's test compares three controllers or more, got {controllers}")
    needed = blocks_needed(controllers, alpha)
    if blocks < needed:
        raise UsageError(
            f"{blocks} blocks are too few: with {controllers} controllers, Friedman's test cannot give p <= "
            f"{alpha:.3g} with fewer than {needed}"
        )
    means = array.mean(axis=0)
    if (array == array[:, :1]).all():
        return Friedman(1.0, 0.0, means, blocks)
    result = stats.friedmanchisquare(*array.T)
    return Friedman(float(result.pvalue), float(result.statistic), means, blocks)


def blocks_needed(controllers: int, alpha: float = 0.05) -> int:
    """The smallest number of blocks with which Friedman's test (chi-squared) can reach `alpha`. Raises UsageError."""
    largest_per_block = controllers - 1
    least = float(special.chdtri(controllers - 1, fraction(alpha, "alpha")))
    return max(2, math.ceil(least / largest_per_block - 1e-12))


def critical_difference(controllers: int, blocks: int, *, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of mean ranks: larger differences are significant at the family-wise level `alpha`.

    `q / sqrt(2) * sqrt(k (k + 1) / (6 N))` for k controllers and N blocks, where q is the quantile of the studentized
    range of k means with infinite degrees of freedom (Demšar 2006, section 3.2.2).

    Raises:
        UsageError: fewer than two controllers or blocks.
    """
    if controllers < 2 or blocks < 2:
        raise UsageError(f"expected two controllers and two blocks or more, got {controllers} and {blocks}")
    return _quantile(controllers, fraction(alpha, "alpha")) * _rank_error(controllers, blocks)


def cliques(mean_ranks: ArrayLike, difference: float) -> Sequence[tuple[int, ...]]:
    """The bars of a critical-difference diagram: groups of controllers, by index, without a significant difference.

    A group spans at most `difference`, has two or more members, sorted by rank, and is not part of another group.
    Groups are ordered from the best rank and may overlap. A common bar means "not shown", not "equal".

    Raises:
        UsageError: not one dimension, or a value is not finite.
    """
    means = finite(mean_ranks, "mean ranks", 1)
    order = np.argsort(means, kind="stable")
    ordered = means[order]
    ends = np.searchsorted(ordered, ordered + difference + 1e-12, side="right")
    groups = []
    covered = 0
    for start, end in enumerate(ends):
        if end > max(covered, start + 1):
            groups.append(tuple(map(int, order[start:end])))
            covered = end
    return tuple(groups)


def _ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks: NDArray[np.float64] = stats.rankdata(settled(values, float(np.abs(values).max())), axis=1)
    return ranks


def _rank_error(controllers: int, blocks: int) -> float:
    return math.sqrt(controllers * (controllers + 1) / (12 * blocks))


@lru_cache(maxsize=64)
def _quantile(controllers: int, alpha: float) -> float:
    return float(stats.studentized_range.isf(alpha, controllers, np.inf))
