"""The importance of single decisions for being among the best: PED-ANOVA (S. Watanabe, A. Bansal & F. Hutter, IJCAI
2023, arXiv:2304.10255), in the form for conditional decisions (arXiv:2601.20800).

It compares the options of the best networks with those of all networks, so it is not affected by a controller that
tries good options more often. Of N networks, n_v took option v of a decision, and best_v of these are among the best; a
conditional decision is assessed on the networks that reach it. The importance is the variance, over the options, of the
proportion of the best:

    Σ_v n_v / N (best_v / n_v - Σ best_v / Σ n_v)²

It is divided here by the total variance of being among the best, q (1 - q), where q is their proportion.

**Chance.** A decision without any effect has a positive importance too, since the best are a sample. N times its
importance is then approximately chi-squared distributed, with one degree of freedom less than the decision has options.
The 95 % quantile, divided by N, is reported with the importance: on average, one in twenty decisions without effect
exceeds it.

Deviation: options are counted, whereas the paper's code (and Optuna) smooth the counts by a prior. With tens of
networks, the prior hides most of the effect, and the chance level would not hold.

The method does not detect decisions that matter only in interaction with others, and confuses correlated decisions.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nas.space import Space, Value
from nas.trial import Trial, best_trials

LEAST = 20
"""Minimal number of networks with a score."""
BEST = 20
"""The number of networks that count as the best; at least a tenth and at most a quarter of all."""


@dataclass(frozen=True)
class Importance:
    """The importance of a decision.

    Attributes:
        name: its name.
        share: the fraction of the variance of being among the best that it explains, in [0, 1].
        chance: the 95 % quantile of this fraction for decisions without effect.
        networks: the number of networks that reach the decision.
    """

    name: str
    share: float
    chance: float
    networks: int


@dataclass(frozen=True)
class Importances:
    """The decisions of a search, the most important first.

    Attributes:
        decisions: the decisions in which networks differ.
        networks: the number of networks that were compared, each by its best trial.
        best: how many of them count as the best.
        reason: why importances are not available; empty if they are.
    """

    decisions: tuple[Importance, ...]
    networks: int
    best: int
    reason: str = ""


def importances(space: Space, trials: Sequence[Trial]) -> Importances:
    """The importance of each decision in which the networks differ."""
    networks = best_trials(trials, len(trials))
    count = len(networks)
    if count < LEAST:
        return Importances((), count, 0, f"importances need {LEAST} networks with a score, and there are {count}")
    last = networks[math.ceil(count * min(0.25, max(0.1, BEST / count))) - 1]
    best = {trial.number for trial in networks if (trial.score or 0.0) >= (last.score or 0.0)}
    if len(best) == count:
        return Importances((), count, 0, "too many scores are equal to distinguish the best from the rest")
    met: dict[str, list[tuple[Value, bool]]] = defaultdict(list)
    for trial in networks:
        for name, value in trial.architecture.choices:
            met[name].append((value, trial.number in best))
    whole = len(best) / count * (1 - len(best) / count)
    found = []
    for name in space.universe:
        groups = _by_option(met[name])
        if len(groups) > 1:
            share = _explained(groups, count) / whole
            found.append(Importance(name, share, chance_level(len(groups), count), len(met[name])))
    found.sort(key=lambda one: -one.share)
    return Importances(tuple(found), count, len(best))


def _by_option(met: Sequence[tuple[Value, bool]]) -> Sequence[Sequence[bool]]:
    """For each option, whether each network that took it is among the best."""
    groups: dict[tuple[type, Value], list[bool]] = defaultdict(list)
    for value, among_best in met:
        groups[type(value), value].append(among_best)  # 1, 1.0 and True are three options
    return list(groups.values())


def _explained(groups: Sequence[Sequence[bool]], networks: int) -> float:
    """The variance between the options, as in the docstring of this file."""
    overall = sum(map(sum, groups)) / sum(map(len, groups))
    return sum(len(group) / networks * (sum(group) / len(group) - overall) ** 2 for group in groups)


def chance_level(options: int, networks: int) -> float:
    """The 95 % quantile of the importance of a decision without effect."""
    from scipy.special import chdtri  # `scipy.stats` would be seconds of imports

    return min(1.0, float(chdtri(options - 1, 0.05)) / networks)
