"""A small causal transformer that generates architectures: the model of GPT-2 (Radford et al. 2019), trained by the
cross-entropy method (Rubinstein 1999, "The Cross-Entropy Method for Combinatorial and Continuous Optimization").

An architecture is a sequence of decisions, and the model gives the probability of each option after those before:

    p(y) = Π_j p(y_j | y_<j)

The first `initial` proposals are random. After every `batch_size` trials the model is trained on the elite, the best of
all trials so far, by steps down the cross-entropy

    -1/|E| Σ_(y in E) log p(y)

starting from its current weights, so that it follows the elite as that improves. Proposals are sampled from p. If a
sample is known, another one is drawn at a slightly higher temperature, and so on, so that a converged model explores
its neighbourhood instead of repeating itself.

With `objective: policy_gradient` the model is trained on the last trials only, with the clipped surrogate objective of
PPO (`ppo.py`), instead of imitating the elite.

The model can be pretrained on earlier searches of the same space, and its weights saved:

    trained = GPT(space)
    trained.pretrain(first_search, second_search)
    trained.save("prior.safetensors")
    controller = GPT(space, weights="prior.safetensors")

A controller with pretrained weights makes no random proposals, and is trained from `initial` trials of its own on. The
weights are an argument like any other, and everything else follows from the trials that it is told: to resume a search,
they must be in a file.

The idea of a language model that generates networks is that of GPT-NAS (Yu et al. 2023, arXiv:2305.05351), and of LSTM
policies before it; this model is small, and learns from the trials only. Failed trials never belong to the elite.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from nas.arguments import Fraction, NotNegative, Positive, PositiveFloat, checked
from nas.controllers.backends.advantage import Advantages
from nas.controllers.backends.policy_gradient import maximize
from nas.controllers.controller import Decided, ValueKind, draw_other
from nas.controllers.ppo import ascend_clipped
from nas.errors import UsageError
from nas.space import Architecture, Choice, Space
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence

TRIES = 50
"""Maximal number of draws from the model to find a new network, before the space is sampled."""

HEAT = 1.05
"""The factor by which the temperature rises with each unsuccessful draw; the last draws are almost uniform."""

CLIP = 0.2
"""ε of the clipped surrogate (as in the PPO paper)."""

BASELINE_DECAY = 0.9
"""Of the moving average of rewards, for the policy gradient."""


class _Told(NamedTuple):
    sentence: "Sentence"
    score: float | None
    advantage: float


@checked
class GPT:
    """A transformer that learns to generate what scored best.

    Args:
        space: where to search.
        initial: random proposals at the start; the model is trained from that many trials on.
        objective: imitate the `elite`, or follow the `policy_gradient`.
        elite: fraction of the trials that belongs to the elite, in (0, 1].
        min_elite: trials that belong to the elite at least.
        batch_size: trials between two updates of the model.
        steps: of the optimiser in an update.
        lr: learning rate of Adam.
        temperature: of sampling; above 1 it explores more.
        uniform: fraction of random proposals after the initial ones.
        width: of the embeddings; a multiple of `heads`.
        layers: of the transformer.
        heads: of its attention.
        weights: a file that `save` wrote; `width`, `layers` and `heads` are then those of the model that wrote it.
    """

    name: ClassVar = "gpt"
    value_kind: ValueKind = "probability"

    def __init__(
        self,
        space: Space,
        *,
        initial: NotNegative = 20,
        objective: Literal["elite", "policy_gradient"] = "elite",
        elite: Annotated[float, Field(gt=0, le=1)] = 0.1,
        min_elite: Positive = 5,
        batch_size: Positive = 5,
        steps: Positive = 10,
        lr: PositiveFloat = 0.01,
        temperature: PositiveFloat = 1.0,
        uniform: Fraction = 0.0,
        width: Positive = 32,
        layers: Positive = 1,
        heads: Positive = 2,
        weights: str | None = None,
    ) -> None:
        if width % heads:
            raise UsageError(f"width must be a multiple of heads, got {width} and {heads}")
        self.space = space
        self.initial = initial
        self.objective = objective
        self.elite = elite
        self.min_elite = min_elite
        self.batch_size = batch_size
        self.steps = steps
        self.lr = lr
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
        from nas.controllers.backends.sequence_bodies import Transformer, normal
        from nas.controllers.backends.sequence_policy import Policy

        return Policy(
            self.space,
            lambda: Transformer(**self.shape),
            normal(0.02),
            seed=seed,
            width=self.shape["width"],
            lr=self.lr,
        )

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        starting = not self._trained and len(self._told) + len(pending) < self.initial
        random = starting or rng.random() < self.uniform
        draws = count()

        def draw() -> Architecture:
            if random:
                return self.space.sample(rng)
            return self._policy.draw(rng, temperature=self.temperature * HEAT ** next(draws))

        return Proposal(draw_other(draw, self.space, rng, pending, known=self._known, tries=TRIES))

    def tell(self, trial: Trial) -> None:
        if not self._told and not self._trained:
            self._policy = self._new_policy(seed=trial.seed)
        sentence = self._policy.sentence(trial.architecture)
        self._told.append(_Told(sentence, trial.score, self._advantages.tell(trial.score)))
        self._known.add(trial.architecture.id)
        if len(self._told) >= self.initial and len(self._told) % self.batch_size == 0:
            if self.objective == "elite":
                self._imitate(self._best(self._told), self.steps)
            else:
                sentences, _, advantages = zip(*self._told[-self.batch_size :], strict=True)
                ascend_clipped(self._policy, sentences, advantages, clip=CLIP, entropy=0.0, steps=self.steps)

    def _best(self, told: Sequence[_Told]) -> list["Sentence"]:
        """The elite, best first; of ties the earlier."""
        count = max(self.min_elite, round(self.elite * len(told)))
        ranked = sorted((one for one in told if one.score is not None), key=lambda one: -(one.score or 0.0))
        return [one.sentence for one in ranked[:count]]

    def _imitate(self, elite: Sequence["Sentence"], steps: int) -> None:
        if elite:
            maximize(self._policy, elite, lambda log_p: log_p, steps=steps)

    def pretrain(self, *searches: Iterable[Trial], steps: int = 200) -> None:
        """Trains the model on the best trials of earlier searches of the same space, before the first trial.

        Args:
            searches: the trials of each. Each has an elite of its own, so their scores need not be comparable.
            steps: of the optimiser.

        Raises:
            UsageError: the controller was told a trial before, or the trials are of another space, or all failed.
        """
        if self._told:
            raise UsageError(f"pretrain must precede the first trial, but {len(self._told)} were told")
        if steps < 1:
            raise UsageError(f"steps must be 1 or more, got {steps}")
        elite = []
        for search in searches:
            elite += self._best([_Told(self._policy.sentence(one.architecture), one.score, 0.0) for one in search])
        if not elite:
            raise UsageError("there is nothing to learn from: no trial has a score")
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
        """The probability of each option of a decision."""
        return self._policy.values(choice, decided)

    def predict(self, arch: Architecture) -> float:
        """The log-likelihood of an architecture."""
        return self._policy.log_probability(arch)
