"""A small causal transformer that writes architectures: the model of GPT-2 (Radford et al. 2019), trained by the
cross-entropy method (Rubinstein 1999, "The Cross-Entropy Method for Combinatorial and Continuous Optimization").

An architecture is a sequence of decisions, and the model says how probable each option is after those before:

    p(y) = Π_j p(y_j | y_<j)

The first `warm_up` proposals are random. Then the model is trained after every few trials to write the best of all
trials so far, the elite, by steps down the cross-entropy

    -1/|E| Σ_(y in E) log p(y)

from the weights that it has, so that it moves on as the elite gets better, and never stays with an early one for long.
Proposals are drawn from p. Instead of a network that is known another one is drawn, each time a little hotter (from
flatter distributions), so that a model that has settled looks around where it is and does not repeat itself.

With `objective: policy_gradient` the same model learns from the last trials alone, by the clipped surrogate of PPO
(`nas.controllers.ppo`), instead of imitating the elite.

The model can be trained on earlier searches of the same space before its first trial, and its weights saved:

    trained = GPT(space)
    trained.pretrain(first_search, second_search)
    trained.save("prior.safetensors")
    controller = GPT(space, weights="prior.safetensors")

A controller that begins with weights makes no random proposals, and learns from `warm_up` trials of its own on. The
weights are an argument like any other, and all else that it knows follows from the trials it is told: a search that is
to be resumed needs them as a file.

The idea of a language model that writes networks is that of GPT-NAS (Yu et al. 2023, arXiv:2305.05351), and the LSTM
policies before it; what is trained here is small, and learns from nothing but the trials. A trial that failed never
belongs to the elite.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from nas.arguments import checked
from nas.controllers.backends.advantage import Advantages
from nas.controllers.controller import Decided, draw_other
from nas.controllers.ppo import clipped_surrogate
from nas.errors import UsageError
from nas.space import Architecture, Choice, Space
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from torch import Tensor

    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence

TRIES = 50
"""Draws that are made of the model to find a network that is not known, and of the space if they were in vain."""

HEAT = 1.05
"""Times hotter that each draw is than the one before that was in vain; the last of them are nearly even."""

CLIP = 0.2
"""ε of the clipped surrogate (the paper of PPO's)."""

BASELINE_DECAY = 0.9
"""Of the moving average of rewards that the policy gradient compares with."""


class _Told(NamedTuple):
    sentence: "Sentence"
    score: float | None
    advantage: float


@checked
class GPT:
    """A transformer that learns to write what scored best.

    Args:
        space: where to search.
        warm_up: random proposals at the beginning; the model learns from that many trials on.
        objective: imitate the `elite`, or follow the `policy_gradient`.
        elite: share of the trials that belongs to the elite, in (0, 1].
        least: trials that belong to the elite at least.
        every: trials between two trainings.
        steps: of the optimiser at each training.
        learning_rate: of Adam.
        temperature: what the scores are divided by to draw; above 1 it explores more.
        uniform: share of the proposals after the warm-up that are random, in [0, 1].
        width: of the model; `heads` divides it.
        layers: of the model.
        heads: of its attention.
        weights: a file that `save` wrote; `width`, `layers` and `heads` are then those of the model that wrote it.
    """

    value_kind: Literal["Q", "probability"] = "probability"

    def __init__(
        self,
        space: Space,
        *,
        warm_up: int = 20,
        objective: Literal["elite", "policy_gradient"] = "elite",
        elite: float = 0.1,
        least: int = 5,
        every: int = 5,
        steps: int = 10,
        learning_rate: float = 0.01,
        temperature: float = 1.0,
        uniform: float = 0.0,
        width: int = 32,
        layers: int = 1,
        heads: int = 2,
        weights: str | None = None,
    ) -> None:
        if not 0 < elite <= 1 or not 0 <= uniform <= 1:
            raise UsageError(f"elite must be in (0, 1] and uniform in [0, 1], got {elite} and {uniform}")
        if warm_up < 0 or min(least, every, steps) < 1:
            raise UsageError(
                f"warm_up must be 0 or more, least, every and steps 1 or more, got {warm_up}, {least}, {every}, {steps}"
            )
        if not learning_rate > 0 or not temperature > 0:
            raise UsageError(f"learning_rate and temperature must be above 0, got {learning_rate} and {temperature}")
        if min(width, layers, heads) < 1 or width % heads:
            raise UsageError(
                f"width, layers and heads must be 1 or more, and heads divide width, got {width}, {layers} and {heads}"
            )
        self.space = space
        self.warm_up = warm_up
        self.objective = objective
        self.elite = elite
        self.least = least
        self.every = every
        self.steps = steps
        self.learning_rate = learning_rate
        self.temperature = temperature
        self.uniform = uniform
        self.shape: Mapping[str, int] = {"width": width, "layers": layers, "heads": heads}
        self._policy = self._new_policy(seed=0)
        self._trained = weights is not None
        if weights is not None:
            self._load(weights)
        self._told: list[_Told] = []
        self._known: set[str] = set()
        self._advantages = Advantages(BASELINE_DECAY)

    def _new_policy(self, *, seed: int) -> "Policy":
        from nas.controllers.backends.sequence_policy import Policy, Transformer, normal

        return Policy(
            self.space,
            lambda: Transformer(**self.shape),
            normal(0.02),
            seed=seed,
            width=self.shape["width"],
            learning_rate=self.learning_rate,
        )

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        warming = not self._trained and len(self._told) + len(pending) < self.warm_up
        random = warming or rng.random() < self.uniform
        taken = self._known | {proposal.architecture.id for proposal in pending}
        for number in range(2 * TRIES):
            if random or number >= TRIES:
                arch = self.space.sample(rng)
            else:
                arch = self._policy.draw(rng, heat=self.temperature * HEAT**number)
            if arch.id not in taken:
                return Proposal(arch)
        return Proposal(draw_other(lambda: self.space.sample(rng), self.space, rng, pending))

    def tell(self, trial: Trial) -> None:
        if not self._told and not self._trained:
            self._policy = self._new_policy(seed=trial.seed)
        sentence = self._policy.sentence(trial.architecture)
        self._told.append(_Told(sentence, trial.score, self._advantages.tell(trial.score)))
        self._known.add(trial.architecture.id)
        if len(self._told) >= self.warm_up and len(self._told) % self.every == 0:
            if self.objective == "elite":
                self._imitate(self._best(self._told), self.steps)
            else:
                self._follow_gradient(self._told[-self.every :])

    def _best(self, told: Sequence[_Told]) -> list["Sentence"]:
        """The elite, best first; of equals the earlier."""
        count = max(self.least, round(self.elite * len(told)))
        ranked = sorted((one for one in told if one.score is not None), key=lambda one: -(one.score or 0.0))
        return [one.sentence for one in ranked[:count]]

    def _imitate(self, elite: Sequence["Sentence"], steps: int) -> None:
        def cross_entropy(log_p: "Tensor", _: "Tensor") -> "Tensor":
            return -log_p.sum(dim=1).mean()

        if elite:
            self._policy.learn(elite, cross_entropy, steps=steps)

    def _follow_gradient(self, last: Sequence[_Told]) -> None:
        from nas.controllers.backends.sequence_policy import column

        sentences = [one.sentence for one in last]
        advantage = column([one.advantage for one in last])
        log_p_old = self._policy.log_probabilities(sentences)

        def loss(log_p: "Tensor", _: "Tensor") -> "Tensor":
            return -clipped_surrogate(log_p, log_p_old, advantage, CLIP).sum(dim=1).mean()

        self._policy.learn(sentences, loss, steps=self.steps)

    def pretrain(self, *searches: Iterable[Trial], steps: int = 200) -> None:
        """Trains the model to write what was best in earlier searches of the same space, before the first trial.

        Args:
            searches: the trials of each. Each has an elite of its own, so that scores may be of different data.
            steps: of the optimiser.

        Raises:
            UsageError: the controller was told a trial before, or the trials are of another space or have all failed.
        """
        if self._told:
            raise UsageError(f"pretrain comes before the first trial, and {len(self._told)} were told")
        if steps < 1:
            raise UsageError(f"steps must be 1 or more, got {steps}")
        elite = []
        for search in searches:
            elite += self._best([_Told(self._policy.sentence(one.architecture), one.score, 0.0) for one in search])
        if not elite:
            raise UsageError("there is nothing to learn from: none of the trials has a score")
        self._imitate(elite, steps)
        self._trained = True

    def save(self, path: str | Path) -> None:
        """Writes the weights of the model to a safetensors file. Raises StorageError."""
        from nas.controllers.backends.policy_file import save_policy

        save_policy(self._policy, self.shape, path)

    def _load(self, path: str) -> None:
        from nas.controllers.backends.policy_file import read_policy

        self.shape, weights = read_policy(path, self._policy.vocabulary)
        self._policy = self._new_policy(seed=0)
        self._policy.set_weights(weights)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        return self._policy.values(choice, decided)

    def predict(self, arch: Architecture) -> float:
        """The log-likelihood of the architecture."""
        return self._policy.log_probability(arch)
