"""A portfolio of controllers, of which a bandit chooses: the area-under-curve bandit of OpenTuner (Ansel, Kamil,
Veeramachaneni, Ragan-Kelley, Bosboom, O'Reilly & Amarasinghe, PACT 2014), after Fialho, Schoenauer & Sebag, "Toward
Comparison-based Adaptive Operator Selection", GECCO 2010.

The next proposal is that of the controller t with the greatest

    AUC_t + C √(2 log₂ |H| / H_t)

where H is the history of the last `window` proposals, H_t how many of them were t's, and AUC_t the area under the curve
that rises by one for each of these that gave a new best score and is flat for the others, as a share of the greatest
possible: 2 / (H_t (H_t + 1)) Σ i V_{t,i}, V_{t,i} = 1 where the i-th was a new best. Only the order of scores matters.
A controller without a proposal in the window comes first.

All controllers are told all trials, whoever proposed them: each learns from what the others found, as OpenTuner's share
their results.

Who proposed a trial is not recorded; it follows from the history. The choice is a function of the trials that had been
told and of how many were in flight (each taken for a proposal without a new best, so that several workers do not all
serve one controller), and both can be read from the trial: `asked_after`, and `number - asked_after`. A trial that
something else proposed counts for the controller whose turn it was.

Deviation: of equal controllers the first in the list is chosen, where OpenTuner chooses at random.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from nas.arguments import NotNegativeFloat, Positive, checked
from nas.controllers.controller import Controller
from nas.errors import UsageError
from nas.trial import Proposal, Trial

Use = tuple[int, bool]
"""The controller that proposed a trial, by its place, and whether the trial was a new best."""


@checked
class Portfolio:
    """Several controllers, of which the one that found improvements lately is asked.

    Args:
        controllers: one or more.
        window: W, proposals that the choice looks back on (OpenTuner's 500).
        exploration: C, how much rarely asked controllers are favoured (OpenTuner's 0.05).

    Attributes:
        history: of each trial that was told, which controller proposed it and whether it was a new best.
    """

    name: ClassVar = "portfolio"

    def __init__(
        self, controllers: Sequence[Controller], *, window: Positive = 500, exploration: NotNegativeFloat = 0.05
    ) -> None:
        if not controllers:
            raise UsageError("a portfolio needs a controller")
        self.controllers = tuple(controllers)
        self.window = window
        self.exploration = exploration
        self.history: list[Use] = []
        self._best: float | None = None

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return self.controllers[self.turn(len(self.history), len(pending))].ask(rng, pending)

    def tell(self, trial: Trial) -> None:
        score = trial.score
        improved = score is not None and (self._best is None or score > self._best)
        if improved:
            self._best = score
        self.history.append((self.turn(trial.asked_after, trial.number - trial.asked_after), improved))
        for controller in self.controllers:
            controller.tell(trial)

    def turn(self, told: int, in_flight: int) -> int:
        """The place of the controller that is asked when so many trials were told and so many are in flight."""
        uses = self.history[max(0, told - self.window) : told]
        for _ in range(in_flight):
            uses.append((self._choose(uses[-self.window :]), False))
        return self._choose(uses[-self.window :])

    def _choose(self, history: Sequence[Use]) -> int:
        successes: list[list[bool]] = [[] for _ in self.controllers]
        for place, improved in history:
            successes[place].append(improved)
        scores = [
            area(mine) + self.exploration * math.sqrt(2 * math.log2(len(history)) / len(mine)) if mine else math.inf
            for mine in successes
        ]
        return scores.index(max(scores))


def area(successes: Sequence[bool]) -> float:
    """The area under the curve of successes, in [0, 1]: the later one came, the more it counts."""
    count = len(successes)
    return 2 / (count * (count + 1)) * sum(place for place, success in enumerate(successes, start=1) if success)
