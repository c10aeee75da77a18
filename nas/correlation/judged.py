"""Correlations of proxies with a measured quality, judged against the number of parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nas.statistics.correlation import Ranked, Values, matrix
from nas.statistics.estimate import Estimate

BASELINE = "params"
"""What a proxy has to be better than."""
TOP = 5
"""The best one in so many networks are ranked by themselves as well."""
FEWEST_AT_THE_TOP = 10
RESAMPLES = 2000


@dataclass(frozen=True)
class Judged:
    """One proxy.

    Attributes:
        name: its name.
        spearman, kendall: its correlations with the quality, with 95 % intervals; None: it is constant.
        top: Spearman's correlation among the best fifth of the networks; None: there are too few, or it is constant.
        gain: its Spearman's correlation minus that of the number of parameters, with a paired interval; None for that
            number itself, or if one of them is constant.
        undefined: the number of networks for which it is undefined; they are ranked last.
    """

    name: str
    spearman: Estimate | None
    kendall: Estimate | None
    top: float | None
    gain: Estimate | None
    undefined: int

    @property
    def better_than_size(self) -> bool:
        """Whether it is shown to rank better than the number of parameters does."""
        return self.gain is not None and self.gain.low > 0


@dataclass(frozen=True)
class ProxyComparison:
    """How well proxies rank networks.

    Attributes:
        space: the name of the space.
        quality: what networks are ranked by, such as `val_acc` after a training.
        source: where the quality comes from.
        networks: the number of networks.
        failed: the number of networks that could not be evaluated, which are left out.
        proxies: the proxies, the best one first.
        between: Spearman's correlation of each pair of proxies, by their names; None if one is constant.
    """

    space: str
    quality: str
    source: str
    networks: int
    failed: int
    proxies: Sequence[Judged]
    between: Mapping[str, Mapping[str, float | None]]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        rows = [{**asdict(one), "better_than_params": one.better_than_size} for one in self.proxies]
        return {**{key: value for key, value in vars(self).items() if key != "proxies"}, "proxies": rows}


def judge(
    scores: Mapping[str, Values], quality: Values, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Sequence[Judged], Mapping[str, Mapping[str, float | None]]]:
    """The proxies, the best one first, and their correlations with each other.

    Args:
        scores: (networks,) of each proxy by its name; higher is better, and -∞ where it is undefined.
        quality: (networks,) higher is better.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        UsageError: there are fewer than 4 networks.
    """
    ranked = Ranked.of(len(quality), resamples=resamples, seed=seed)
    with_quality = {name: ranked.spearman(values, quality) for name, values in scores.items()}
    size = with_quality.get(BASELINE)

    def judged(name: str) -> Judged:
        values, own = scores[name], with_quality[name]
        gain = None if size is None or name == BASELINE else ranked.estimate(own - size)
        kendall = ranked.estimate(ranked.kendall(values, quality))
        undefined = int(np.isneginf(values).sum())
        return Judged(name, ranked.estimate(own), kendall, _among_the_best(values, quality), gain, undefined)

    found = [judged(name) for name in scores]
    found.sort(key=lambda one: -one.spearman.value if one.spearman is not None else np.inf)
    names = [one.name for one in found]
    sample = Ranked(ranked.counts[:1])
    between = matrix([scores[name] for name in names], sample.spearman)
    rows = ((None if np.isnan(value) else float(value) for value in row) for row in between)
    return found, {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}


def _among_the_best(values: Values, quality: Values) -> float | None:
    """Spearman's correlation among the best one in `TOP` networks."""
    count = len(quality) // TOP
    if count < FEWEST_AT_THE_TOP:
        return None
    best = np.argsort(-quality, kind="stable")[:count]
    value = float(Ranked(np.ones((1, count))).spearman(values[best], quality[best])[0])
    return None if np.isnan(value) else value
