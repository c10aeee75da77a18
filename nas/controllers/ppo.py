"""Proximal policy optimisation with a recurrent controller: Schulman, Wolski, Dhariwal, Radford & Klimov, "Proximal
Policy Optimization Algorithms", 2017 (arXiv:1707.06347), eq. 7, on the controller of ENAS: Pham, Guan, Zoph, Le & Dean,
"Efficient Neural Architecture Search via Parameter Sharing", ICML 2018 (arXiv:1802.03268).

The controller is one layer of LSTM with 100 units, weights drawn evenly from [-0.1, 0.1]. Its scores are bounded by
2.5 tanh(score / 5), so that it does not settle too early (section 3 of ENAS; Bello et al. 2017). After each batch of
trials it takes several steps up

    L(θ) = E_t[ min(r_t(θ) A_t, clip(r_t(θ), 1 - ε, 1 + ε) A_t) ],   r_t(θ) = π_θ(a_t | s_t) / π_old(a_t | s_t)  (eq. 7)

and the entropy. A step t is a decision, and all decisions of an architecture have the same advantage A.

Deviations: there is no value function; A is (R - b) / σ with ENAS's moving average b (`backends/advantage.py`).
π_old is the policy as it was when the batch was complete: with trials in flight, some were drawn by the one before. The
whole batch is one minibatch. ENAS adds the sampled entropy to the reward; here the entropy itself is part of what is
maximised, as in PPO (eq. 9). Its attention over earlier nodes (anchors) is left out: here decisions are of any kind.
The learning rate is larger than ENAS's 0.00035, which is made for thousands of samples. The first weights come from the
seed of the first trial.
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


def clipped_surrogate(log_p: "Tensor", log_p_old: "Tensor", advantage: "Tensor", clip: float) -> "Tensor":
    """What equation 7 takes the mean of."""
    ratio = (log_p - log_p_old).exp()
    return (ratio * advantage).minimum(ratio.clamp(1 - clip, 1 + clip) * advantage)


@checked
class PPO:
    """A recurrent policy, trained by steps that are kept small.

    Args:
        space: where to search.
        batch: trials between two updates.
        epochs: steps of the optimiser at each update.
        clip: ε, how far a ratio may go from 1 (the paper's 0.2).
        learning_rate: of Adam (ENAS: 0.00035).
        entropy: weight of the entropy (ENAS's code: 0.0001).
        baseline_decay: of the moving average b, in [0, 1).
        units: of the LSTM (ENAS: 100).
        tanh_constant: bound of the scores (ENAS: 2.5); None: they are not bounded.
        temperature: what scores are divided by (ENAS: 5).
    """

    value_kind: Literal["Q", "probability"] = "probability"

    def __init__(
        self,
        space: Space,
        *,
        batch: int = 10,
        epochs: int = 10,
        clip: float = 0.2,
        learning_rate: float = 0.01,
        entropy: float = 0.0001,
        baseline_decay: float = 0.9,
        units: int = 100,
        tanh_constant: float | None = 2.5,
        temperature: float = 5.0,
    ) -> None:
        if batch < 1 or epochs < 1 or units < 1:
            raise UsageError(f"batch, epochs and units must be 1 or more, got {batch}, {epochs} and {units}")
        if not 0 < clip < 1 or not 0 <= baseline_decay < 1:
            raise UsageError(f"clip must be in (0, 1) and baseline_decay in [0, 1), got {clip} and {baseline_decay}")
        if not learning_rate > 0 or entropy < 0:
            raise UsageError(f"learning_rate must be above 0 and entropy 0 or more, got {learning_rate} and {entropy}")
        if not temperature > 0 or (tanh_constant is not None and not tanh_constant > 0):
            raise UsageError(f"tanh_constant and temperature must be above 0, got {tanh_constant} and {temperature}")
        self.space = space
        self.batch = batch
        self.epochs = epochs
        self.clip = clip
        self.learning_rate = learning_rate
        self.entropy = entropy
        self.units = units
        self.tanh_constant = tanh_constant
        self.temperature = temperature
        self._advantages = Advantages(baseline_decay)
        self._policy = self._new_policy(seed=0)
        self._told = 0
        self._waiting: list[tuple[Sentence, float]] = []

    def _new_policy(self, *, seed: int) -> "Policy":
        from nas.controllers.backends.sequence_policy import Policy, Recurrent, uniform

        return Policy(
            self.space,
            lambda: Recurrent(width=self.units, layers=1),
            uniform(0.1),
            seed=seed,
            width=self.units,
            learning_rate=self.learning_rate,
            tanh_constant=self.tanh_constant,
            temperature=self.temperature,
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
        log_p_old = self._policy.log_probabilities(sentences)

        def loss(log_p: "Tensor", entropy: "Tensor") -> "Tensor":
            gain = clipped_surrogate(log_p, log_p_old, advantage, self.clip)
            return -(gain + self.entropy * entropy).sum(dim=1).mean()

        self._policy.learn(sentences, loss, steps=self.epochs)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        return self._policy.values(choice, decided)

    def predict(self, arch: Architecture) -> float:
        """The log-likelihood of the architecture."""
        return self._policy.log_probability(arch)
