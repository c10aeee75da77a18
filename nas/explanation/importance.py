"""How much single decisions matter for being among the best: PED-ANOVA (S. Watanabe, A. Bansal & F. Hutter, IJCAI 2023,
arXiv:2304.10255), in the form for conditional decisions (arXiv:2601.20800), as Optuna has it.

It compares which options the best networks have with which options all networks have. So it does not matter that a
controller tries the good options more often. The importance is a variance: that of "the network is one of the best" as
far as the decision alone explains it. Here it is divided by the whole variance, q (1 - q) with q the share of the best.

**Chance.** A decision that does not matter explains something too, since the best are a sample. N times the share is
then about chi-squared with one degree of freedom less than the decision has options, also for decisions that not every
network meets (the variance is that within those that do). Its 95 % quantile over N is given beside the importance: of
twenty decisions that do not matter, one comes out above it.

It is blind to decisions that matter only together with others, and takes those that go together for one another.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nas.explanation.greedy import option_place
from nas.space import Space, Value
from nas.trial import Trial, best_trials

LEAST = 20
"""Networks with a score that importances need."""
TOP = 20
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
        have = f"{count} network{'s' if count != 1 else ''} with a score"
        return Importances((), count, 0, f"importances need {LEAST} networks with a score, and there are {have}")
    quantile = min(0.25, max(0.1, TOP / count))
    scores = sorted((trial.score or 0.0 for trial in networks), reverse=True)
    best = sum(score >= scores[math.ceil(quantile * count) - 1] for score in scores)
    if best == count:
        return Importances((), count, 0, "the scores are too much alike to tell the best from the rest")
    options: dict[str, set[tuple[type, Value]]] = {}
    met: dict[str, int] = {}
    for trial in networks:
        for name, value in trial.architecture.choices:
            options.setdefault(name, set()).add((type(value), value))
            met[name] = met.get(name, 0) + 1
    varied = [name for name in space.universe if len(options.get(name, ())) > 1]
    whole = best / count * (1 - best / count)
    found = [
        Importance(name, min(1.0, variance / whole), chance_level(len(options[name]), count), met[name])
        for name, variance in _ped_anova(space, networks, varied, quantile).items()
    ]
    found.sort(key=lambda one: (-one.share, one.name))
    return Importances(tuple(found), count, best)


def chance_level(options: int, networks: int) -> float:
    """The share that a decision which does not matter stays below in 95 % of cases."""
    from scipy.stats import chi2

    return min(1.0, float(chi2.ppf(0.95, options - 1)) / networks)


def _ped_anova(space: Space, networks: Sequence[Trial], names: Sequence[str], quantile: float) -> Mapping[str, float]:
    """The variance that each decision explains alone."""
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    class Places(CategoricalDistribution):
        """The places of options, as to Optuna 1 and True are one. Trials are grouped by these, and copied with them,
        which would be most of the work if it were not known that an equal one is the same and never changes."""

        def __eq__(self, other: object) -> bool:
            return other is self

        __hash__ = object.__hash__

        def __deepcopy__(self, memo: dict[int, Any]) -> "Places":
            return self

    if not names:
        return {}
    places: dict[str, BaseDistribution] = {name: Places(range(len(space.universe[name]))) for name in names}
    with _quiet():
        study = optuna.create_study(direction="maximize")
        for trial in networks:
            params = {
                name: option_place(space.universe[name], value)
                for name, value in trial.architecture.choices
                if name in places
            }
            distributions = {name: places[name] for name in params}
            study.add_trial(optuna.trial.create_trial(value=trial.score, params=params, distributions=distributions))
        evaluator = PedAnovaImportanceEvaluator(target_quantile=quantile)
        return get_param_importances(study, evaluator=evaluator, params=list(names), normalize=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what Optuna says of new studies, experimental arguments and rare decisions from the user."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(level, optuna.logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", message="Some regimes for parameter")
            yield
    finally:
        optuna.logging.set_verbosity(level)
