"""REINFORCE with a recurrent controller: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017
(arXiv:1611.01578), sections 3.1 and 3.2.

An LSTM writes an architecture decision by decision: the option that is taken is the input of the next step. Its weights
θ follow the policy gradient of the expected reward (Williams 1992), averaged over m architectures:

    1/m Σ_k Σ_t ∇ log P(a_t | a_(t-1):1; θ) (R_k - b)                                           (section 3.2)

with b the exponential moving average of the rewards before. The network (two layers of 35 units, weights drawn evenly
from [-0.08, 0.08]), Adam, its learning rate and m = 8 are those of section 4.1. It was made for 12,800 architectures;
for a few hundred, learn faster: the reference code of NAS-Bench-201 and its successor, which has no network, uses a
learning rate of 0.01 after every single trial. The paper is silent about the decay of b: 0.9 is theirs.

Deviations: the reward is the score itself, not its cube, and R - b is divided by the standard deviation of the rewards
so far (`backends/advantage.py`). The entropy of the distributions can be added to the objective, which is no
part of the paper, but of later practice (ENAS adds it to the reward); by default it is not. There are no anchor points
and no parameter servers. The first weights come from the seed of the first trial.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from nas.arguments import checked
from nas.controllers.backends.advantage import Advantages
from nas.controllers.controller import Decided, draw_other
from nas.errors import UsageError
from nas.space import Architecture, Choice, Space
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from torch import Tensor

    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence


@checked
class Reinforce:
    """A recurrent policy, trained by its gradient.

    Args:
        space: where to search.
        learning_rate: of Adam (the paper's 0.0006).
        batch: m, trials that a step of the optimiser learns from (the paper's 8).
        baseline_decay: of the moving average b, in [0, 1) (0.9 in the reference code of NAS-Bench-201).
        entropy: weight of the entropy, in units of the standard deviation of the rewards (the paper has none: 0).
        units: of each layer of the LSTM (the paper's 35).
        layers: of the LSTM (the paper's 2).
    """

    value_kind: Literal["Q", "probability"] = "probability"

    def __init__(
        self,
        space: Space,
        *,
        learning_rate: float = 0.0006,
        batch: int = 8,
        baseline_decay: float = 0.9,
        entropy: float = 0.0,
        units: int = 35,
        layers: int = 2,
    ) -> None:
        if not learning_rate > 0 or entropy < 0:
            raise UsageError(f"learning_rate must be above 0 and entropy 0 or more, got {learning_rate} and {entropy}")
        if not 0 <= baseline_decay < 1:
            raise UsageError(f"baseline_decay must be in [0, 1), got {baseline_decay}")
        if batch < 1 or units < 1 or layers < 1:
            raise UsageError(f"batch, units and layers must be 1 or more, got {batch}, {units} and {layers}")
        self.space = space
        self.learning_rate = learning_rate
        self.batch = batch
        self.entropy = entropy
        self.units = units
        self.layers = layers
        self._advantages = Advantages(baseline_decay)
        self._policy = self._new_policy(seed=0)
        self._told = 0
        self._waiting: list[tuple[Sentence, float]] = []

    def _new_policy(self, *, seed: int) -> "Policy":
        from nas.controllers.backends.sequence_policy import Policy, Recurrent, uniform

        return Policy(
            self.space,
            lambda: Recurrent(width=self.units, layers=self.layers),
            uniform(0.08),
            seed=seed,
            width=self.units,
            learning_rate=self.learning_rate,
        )

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(draw_other(lambda: self._policy.draw(rng), self.space, rng, pending))

    def tell(self, trial: Trial) -> None:
        if self._told == 0:
            self._policy = self._new_policy(seed=trial.seed)
        self._told += 1
        self._waiting.append((self._policy.sentence(trial.architecture), self._advantages.tell(trial.score)))
        if len(self._waiting) == self.batch:
            sentences, advantages = zip(*self._waiting, strict=True)
            self._waiting = []
            self._learn(sentences, advantages)

    def _learn(self, sentences: Sequence["Sentence"], advantages: Sequence[float]) -> None:
        from nas.controllers.backends.sequence_policy import column

        advantage = column(advantages)

        def loss(log_p: "Tensor", entropy: "Tensor") -> "Tensor":
            return -(log_p * advantage + self.entropy * entropy).sum(dim=1).mean()

        self._policy.learn(sentences, loss)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        return self._policy.values(choice, decided)

    def predict(self, arch: Architecture) -> float:
        """The log-likelihood of the architecture."""
        return self._policy.log_probability(arch)
