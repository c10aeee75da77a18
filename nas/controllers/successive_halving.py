"""Successive halving: Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
AISTATS 2016 (arXiv:1502.07943), figure 3; with the η of Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband",
JMLR 18 (185), 2018, algorithm 1, lines 5 to 10.

A *bracket* is n networks that are trained for a few epochs; the best n/η of them go on to η times as many, of these the
best n/η², and so on to the full training. Then the next bracket begins.

Deviations: new networks come from the wrapped controller, where the paper draws them at random; a network that a
bracket has twice is promoted once, and one that failed is not. A worker for which the bracket has nothing to do,
because a stage must be complete before the next one begins, begins the next bracket (as in the comparison of Li et al.,
MLSys 2020, section 3.1).
"""

from typing import ClassVar

from nas.arguments import Positive, checked
from nas.controllers.backends.brackets import Brackets, Stage
from nas.controllers.backends.promoting import Eta, Promoting, levels_of
from nas.controllers.controller import Controller
from nas.errors import UsageError


@checked
class SuccessiveHalving(Promoting):
    """Trains many networks for a few epochs, the better ones of them for longer, and so on.

    Args:
        controller: what proposes networks. It is told what came of them after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: r, the fewest that a network is trained for.
        eta: η, one in so many goes on (the papers' 2, and 3 or 4).
        networks: n, how many a bracket begins with; None: so many that one of them comes to the full training.
    """

    name: ClassVar = "successive_halving"

    def __init__(
        self,
        controller: Controller,
        *,
        full_epochs: Positive,
        min_epochs: Positive = 1,
        eta: Eta = 3,
        networks: Positive | None = None,
    ) -> None:
        levels = levels_of(full_epochs, min_epochs, eta)
        least = eta ** (len(levels) - 1)
        if networks is not None and networks < least:
            raise UsageError(f"networks must be {least} or more, or none comes to the full training, got {networks}")
        begun = networks or least
        stages = [Stage(level, begun // eta**level) for level in range(len(levels))]
        super().__init__(controller, levels, Brackets(lambda _: stages))
