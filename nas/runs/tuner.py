"""Proposals of hyper-parameters by TPE (Bergstra et al. 2011), as in Optuna (Akiba et al. 2019)."""

from collections.abc import Sequence

import optuna

from nas.driver.database import quiet
from nas.final.tuning import SPANS, Hyperparameters
from nas.training import Recipe


class Tuner:
    """Proposes hyper-parameters, one training after the other; the first are those of the recipe, within `SPANS`.

    Proposals follow from the seed and the values that were told.

    Args:
        recipe: where tuning begins.
        names: the hyper-parameters to tune.
        seed: of the proposals.
        maximize: whether the greatest value is the best, or the least.
    """

    def __init__(self, recipe: Recipe, names: Sequence[str], *, seed: int, maximize: bool) -> None:
        self._names = names
        with quiet():
            self._study = optuna.create_study(
                sampler=optuna.samplers.TPESampler(seed=seed), direction="maximize" if maximize else "minimize"
            )
        known = {name: float(getattr(recipe, name)) for name in names}
        self._study.enqueue_trial(
            {name: min(max(value, SPANS[name].low), SPANS[name].high) for name, value in known.items()}
        )

    def ask(self) -> Hyperparameters:
        """The next proposal. It is told before another is asked for."""
        self._asked = self._study.ask()
        for name in self._names:
            span = SPANS[name]
            self._asked.suggest_float(name, span.low, span.high, log=span.log)
        return dict(self._asked.params)

    def tell(self, value: float | None) -> None:
        """The value of the last proposal; None: its training failed."""
        if value is None:
            self._study.tell(self._asked, state=optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(self._asked, value)
