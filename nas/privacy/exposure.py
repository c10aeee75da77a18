"""How well scores tell members, the samples that a network was trained on, from others. Importing this does not load
torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError
from nas.statistics.check import finite
from nas.statistics.estimate import Estimate, interval, resampled_seeds

FALSE_ALARMS = 0.01
"""The greatest share of others that are taken for members where `Exposure.caught` is measured."""

RESAMPLES = 1000
"""Number of bootstrap resamples. The Monte Carlo error of the ends of a 95 % interval is about 0.08 standard errors."""

BLOCK = 2**20
"""Samples that are drawn at once."""


@dataclass(frozen=True)
class Exposure:
    """What an attack reaches, with 95 % intervals by the bootstrap over members and over others.

    Attributes:
        members: the number of samples that the network was trained on.
        others: the number of samples that it was not trained on.
        advantage: the share of members that are taken for members, less that of others (Yeom et al. 2018), in
            [-1, 1]; 0: the attack is as good as chance.
        auc: the area under the ROC curve, the probability that a member has a greater score than another sample, in
            [0, 1]; 0.5: chance.
        caught: the share of members that are recognised by a threshold above which there is a share of `FALSE_ALARMS`
            of the others at most (Carlini et al. 2022), in [0, 1].
    """

    members: int
    others: int
    advantage: Estimate
    auc: Estimate
    caught: Estimate

    def to_dict(self) -> dict[str, Any]:
        """As plain data: counts, and each figure with the ends of its interval."""
        figures = {"advantage": self.advantage, "auc": self.auc, "caught": self.caught}
        counts = {"members": self.members, "others": self.others}
        return {**counts, **{name: [one.value, one.low, one.high] for name, one in figures.items()}}


def exposure_of(members: ArrayLike, others: ArrayLike, threshold: float, rng: np.random.Generator) -> Exposure:
    """What an attack reaches that takes samples for members if their score is `threshold` or more.

    Args:
        members: the scores of members, `(M,)`: the greater, the more a sample seems to be one.
        others: the scores of others, `(O,)`.
        threshold: of the advantage; it stays the same in all resamples.
        rng: draws the resamples.

    Raises:
        UsageError: there are fewer than two members or others, or a score is not finite.
    """
    given = [finite(members, "scores of members", 1), finite(others, "scores of others", 1)]
    fewest = min(map(len, given))
    if fewest < 2:
        raise UsageError(f"an attack needs at least 2 members and 2 others, got {len(given[0])} and {len(given[1])}")
    levels = np.unique(np.concatenate(given))
    inside, outside = (np.searchsorted(levels, scores) for scores in given)
    start = int(np.searchsorted(levels, threshold))

    def figures(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
        return _figures(_counted(first, len(levels)), _counted(second, len(levels)), start)

    size = max(1, BLOCK // (len(inside) + len(outside)))
    counts = [min(size, RESAMPLES - begin) for begin in range(0, RESAMPLES, size)]
    drawn = [
        figures(*(places[resampled_seeds(len(places), count, rng)] for places in (inside, outside))) for count in counts
    ]
    low, high = interval(np.concatenate(drawn), fewest, 0.95)
    found = zip(figures(inside[None], outside[None])[0], low, high, strict=True)
    advantage, auc, caught = (Estimate(*map(float, one)) for one in found)
    return Exposure(len(inside), len(outside), advantage, auc, caught)


def _counted(drawn: NDArray[np.intp], levels: int) -> NDArray[np.float64]:
    """How often each score is drawn, `(resamples, levels)`, from the places of scores `(resamples, samples)`."""
    cells = drawn + np.arange(len(drawn))[:, None] * levels
    return np.bincount(cells.ravel(), minlength=len(drawn) * levels).reshape(-1, levels).astype(np.float64)


def _figures(inside: NDArray[np.float64], outside: NDArray[np.float64], start: int) -> NDArray[np.float64]:
    """Advantage, AUC and what is caught, `(resamples, 3)`.

    Args:
        inside: how often members have each score, in ascending order of the scores, `(resamples, levels)`.
        outside: how often others have it.
        start: the place of the first score that is the threshold or more.
    """
    members, others = inside[0].sum(), outside[0].sum()
    below = np.cumsum(outside, axis=1)
    auc = (inside * (below - outside / 2)).sum(axis=1) / (members * others)  # ties count one half
    advantage = inside[:, start:].sum(axis=1) / members - outside[:, start:].sum(axis=1) / others
    alarms = others - below + outside  # of the threshold at each score
    caught = (inside * (alarms <= FALSE_ALARMS * others)).sum(axis=1) / members
    return np.stack([advantage, auc, caught], axis=1)
