"""A portfolio of controllers, chosen by a bandit: the area-under-curve bandit of OpenTuner (Ansel, Kamil,
Veeramachaneni, Ragan-Kelley, Bosboom, O'Reilly & Amarasinghe, PACT 2014), after Fialho, Schoenauer & Sebag, "Toward
Comparison-based Adaptive Operator Selection", GECCO 2010.

The next proposal comes from the controller t with the greatest

    AUC_t + C √(2 log₂ |H| / H_t)

where H is the history of the last `window` proposals and H_t the number of t's among them. AUC_t is the area under a
curve that rises by one for each proposal of t that gave a new best score and is flat for the others, as a fraction of
the greatest possible area: 2 / (H_t (H_t + 1)) Σ i V_{t,i}, V_{t,i} = 1 where the i-th was a new best. Only the order
of scores matters. A controller without a proposal in the window comes first.

All controllers are told all trials, whichever proposed them: each learns from the results of the others, as the
techniques of OpenTuner share theirs.

Which controller proposed a trial is not recorded; it follows from the history. The choice is a function of the trials
told at that time and of the number of pending ones (each counted as a proposal without a new best, so that several
workers do not all serve one controller), and a trial records both: `asked_after`, and `number - asked_after`. A trial
proposed by something else counts for the controller whose turn it was.

Deviation: ties go to the first controller in the list, where OpenTuner breaks them at random.
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
"""The index of the controller that proposed a trial, and whether the trial was a new best."""


@checked
class Portfolio:
    """Several controllers, of which the one with the most recent improvements is asked.

    Args:
        controllers: one or more.
        window: W, the number of last proposals that the choice considers (OpenTuner's 500).
        exploration: C, the weight of exploration (OpenTuner's 0.05).

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
        """The index of the controller that is asked after `told` trials, with `in_flight` others pending."""
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
    """The area under the curve of successes, in [0, 1]: later successes count more."""
    count = len(successes)
    return 2 / (count * (count + 1)) * sum(place for place, success in enumerate(successes, start=1) if success)
