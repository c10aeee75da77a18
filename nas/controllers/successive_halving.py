"""Successive halving: Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
AISTATS 2016 (arXiv:1502.07943), figure 3; with the η of Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband",
JMLR 18 (185), 2018, algorithm 1, lines 5 to 10.

A *bracket* trains n networks for a few epochs. The best n/η are trained for η times as many, the best n/η² of these for
η² times as many, and so on up to the full training. Then the next bracket begins.

Deviations: new networks come from the wrapped controller, where the paper samples them at random. A network that occurs
twice in a bracket is promoted once, and a failed one is not promoted. A stage must be complete before the next one
begins; a worker that would have to wait begins the next bracket (as in the comparison of Li et al., MLSys 2020, section
3.1).
"""

from typing import ClassVar

from nas.arguments import Positive, checked
from nas.controllers.backends.brackets import Brackets, Stage
from nas.controllers.backends.promoting import Eta, Promoting, levels_of
from nas.controllers.controller import Controller
from nas.errors import UsageError


@checked
class SuccessiveHalving(Promoting):
    """Trains many networks for a few epochs, the better ones for longer, and so on.

    Args:
        controller: what proposes networks. It is told their results after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: r, the fewest epochs that a network is trained for.
        eta: η, one in η networks is promoted (the papers' 2, and 3 or 4).
        networks: n, the size of a bracket; None: the smallest of which one network reaches the full training.
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
            raise UsageError(f"networks must be {least} or more, or none reaches the full training, got {networks}")
        begun = networks or least
        stages = [Stage(level, begun // eta**level) for level in range(len(levels))]
        super().__init__(controller, levels, Brackets(lambda _: stages))
