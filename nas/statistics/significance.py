"""Wilcoxon's signed-rank test for runs paired by seed, and Holm's correction for multiple tests.

F. Wilcoxon, "Individual comparisons by ranking methods" (Biometrics Bulletin 1(6), 1945); zero differences are
treated as by J. W. Pratt, "Remarks on zeros and ties in the Wilcoxon signed rank procedures" (JASA 54, 1959): they are
ranked with the others, and their ranks are then omitted. Tied differences get their mean rank. The null distribution is
exact and conditional on these ranks: under the null hypothesis that the two controllers of a pair are exchangeable, all
2^m signs of the m non-zero differences are equally likely, with or without ties and zeros. SciPy implements it without
ties and zeros (`method="exact"`), and with them for few pairs (`PermutationMethod`); the tests compare with both.

S. Holm, "A simple sequentially rejective multiple test procedure" (Scandinavian Journal of Statistics 6, 1979).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from nas.errors import UsageError
from nas.statistics.check import differences, finite, fraction

EXACT_PAIRS = 300
"""The largest number of pairs for which the distribution is exact (about 20 ms); beyond, it is the normal one."""


@dataclass(frozen=True)
class SignedRank:
    """A signed-rank test.

    Attributes:
        p: two-sided.
        balance: matched-pairs rank-biserial correlation: the rank sum of the pairs in which first is higher, minus that
            of the pairs in which it is lower, divided by the sum of both. -1 if first is lower in every unequal pair, 0
            if the sums are equal.
        pairs: the number of pairs.
        zeros: the number of equal pairs.
    """

    p: float
    balance: float
    pairs: int
    zeros: int


def wilcoxon(first: ArrayLike, second: ArrayLike, *, alpha: float = 0.05) -> SignedRank:
    """Two-sided signed-rank test of `first` against `second`, both `(seeds,)`; p = 1 if all pairs are equal.

    The null hypothesis is that the differences are symmetric about 0. It is not a test of the mean, see `verdict`.

    Args:
        first: values of the first controller.
        second: of the second, with the same seeds in the same order.
        alpha: the level that must be reachable (corrected if there are several tests).

    Raises:
        UsageError: too few pairs to reach `alpha` with any outcome, different shapes, or a value is not finite.
    """
    delta = differences(first, second)
    enough_pairs(len(delta), alpha)
    ranks = stats.rankdata(np.abs(delta))
    used = delta != 0
    if not used.any():
        return SignedRank(1.0, 0.0, len(delta), len(delta))
    total, higher = ranks[used].sum(), ranks[delta > 0].sum()
    # Ranks are multiples of one half, so doubled ranks are integers.
    doubled = tuple(sorted(np.rint(2 * ranks[used]).astype(int).tolist()))
    if len(delta) <= EXACT_PAIRS:
        p = float(two_sided(doubled)[round(2 * max(higher, total - higher))])
    else:
        deviation = abs(higher - total / 2) / math.sqrt((ranks[used] ** 2).sum() / 4)
        p = float(2 * special.ndtr(-deviation))
    return SignedRank(min(p, 1.0), float((2 * higher - total) / total), len(delta), int((~used).sum()))


def pairs_needed(alpha: float = 0.05) -> int:
    """The smallest number of pairs with which a two-sided signed-rank test can reach the level `alpha`: 6 for 0.05.

    The smallest p of n pairs is 2 / 2^n. Raises UsageError unless 0 < alpha < 1.
    """
    return max(1, math.ceil(1 - math.log2(fraction(alpha, "alpha")) - 1e-12))


def enough_pairs(pairs: int, alpha: float) -> None:
    """Raises UsageError if `pairs` seeds cannot reach `alpha`; the message says how many can."""
    needed = pairs_needed(alpha)
    if pairs < needed:
        found = "1 paired seed is" if pairs == 1 else f"{pairs} paired seeds are"
        raise UsageError(
            f"{found} too few: a two-sided Wilcoxon signed-rank test cannot give p <= {alpha:.3g} with fewer than "
            f"{needed}"
        )


@lru_cache(maxsize=64)
def two_sided(doubled_ranks: tuple[int, ...]) -> NDArray[np.float64]:
    """Two-sided p for each value t = 0..sum of the larger of the two rank sums, in doubled ranks; 1 below sum / 2."""
    chance = np.ones(1)
    for rank in doubled_ranks:  # the rank belongs to one of the two sums with equal probability
        grown = np.zeros(len(chance) + rank)
        grown[: len(chance)] = chance / 2
        grown[rank:] += chance / 2
        chance = grown
    tail: NDArray[np.float64] = np.minimum(1, 2 * np.cumsum(chance[::-1])[::-1])
    tail.setflags(write=False)
    return tail


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down adjusted p-values in the given order, shape `(tests,)`: reject those at or below the level.

    The i-th smallest of m p-values is multiplied by m - i + 1; the results are made monotone and at most 1.

    Raises:
        UsageError: not one dimension, a NaN, or a value outside [0, 1].
    """
    p = finite(p_values, "p-values", 1)
    if p.min() < 0 or p.max() > 1:
        raise UsageError(f"p-values: expected numbers in [0, 1], got {p.min():g} to {p.max():g}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted
