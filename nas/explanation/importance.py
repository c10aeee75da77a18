"""How much single decisions matter for being among the best: PED-ANOVA (S. Watanabe, A. Bansal & F. Hutter, IJCAI 2023,
arXiv:2304.10255), in the form for conditional decisions (arXiv:2601.20800).

It compares which options the best networks have with which options all networks have. So it does not matter that a
controller tries the good options more often. Of N networks, n_v took option v of a decision, and best_v of these are
among the best; a decision that not every network meets is judged by those that do. The importance is a variance, that
of the share of the best over the options:

    Σ_v n_v / N (best_v / n_v - Σ best_v / Σ n_v)²

which is here divided by the whole variance of being one of the best, q (1 - q) with q their share.

**Chance.** A decision that does not matter explains something too, since the best are a sample. N times the share is
then about chi-squared with one degree of freedom less than the decision has options. Its 95 % quantile over N is given
beside the importance: of twenty decisions that do not matter, one comes out above it.

Deviation: options are counted, where the paper's code (and Optuna) smooth the counts by a prior. Among tens of networks
the prior hides most of the effect, and chance could not be told.

It is blind to decisions that matter only together with others, and takes those that go together for one another.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nas.space import Space, Value
from nas.trial import Trial, best_trials

LEAST = 20
"""Networks with a score that importances need."""
BEST = 20
"""Networks that count as the best, but not less than a tenth and not more than a quarter of all."""


@dataclass(frozen=True)
class Importance:
    """How much a decision matters.

    Attributes:
        name: of the decision.
        share: of the variance of being among the best, in [0, 1].
        chance: what share a decision that does not matter stays below in 95 % of cases.
        networks: how many met it.
    """

    name: str
    share: float
    chance: float
    networks: int


@dataclass(frozen=True)
class Importances:
    """The decisions of a search, the most important first.

    Attributes:
        decisions: those in which the networks differ.
        networks: how many were compared: each once, with its best trial.
        best: how many of these count as the best.
        reason: why there are no importances; empty where there are.
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
        return Importances((), count, 0, "the scores are too much alike to tell the best from the rest")
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
    """For each option, whether each network that took it is one of the best."""
    groups: dict[tuple[type, Value], list[bool]] = defaultdict(list)
    for value, among_best in met:
        groups[type(value), value].append(among_best)  # 1, 1.0 and True are three options
    return list(groups.values())


def _explained(groups: Sequence[Sequence[bool]], networks: int) -> float:
    """The variance between the options, as at the top of this file."""
    overall = sum(map(sum, groups)) / sum(map(len, groups))
    return sum(len(group) / networks * (sum(group) / len(group) - overall) ** 2 for group in groups)


def chance_level(options: int, networks: int) -> float:
    """The share that a decision which does not matter stays below in 95 % of cases."""
    from scipy.stats import chi2

    return min(1.0, float(chi2.ppf(0.95, options - 1)) / networks)
