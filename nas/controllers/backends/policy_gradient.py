"""The family of `reinforce` and `ppo`: a policy that is updated from each batch of its own trials.

A controller of the family is made of two parts: a function that makes the policy network, and an *update rule*, which
changes the policy by what a batch of trials and their advantages say (`advantage.py`). Everything else is the same: an
architecture is sampled from the policy, and the trials are collected until a batch is complete. The initial weights
follow from the seed of the first trial.

Controllers import this module without loading torch; what needs it is loaded when a controller is made.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nas.controllers.backends.advantage import Advantages
from nas.controllers.controller import Decided, ValueKind, draw_other
from nas.space import Architecture, Choice, Space
from nas.trial import Proposal, Trial

if TYPE_CHECKING:
    from torch import Tensor

    from nas.controllers.backends.sequence_policy import Policy
    from nas.controllers.backends.vocabulary import Sentence

MakePolicy = Callable[[int], "Policy"]
"""A new policy, whose weights follow from a seed."""

Update = Callable[["Policy", Sequence["Sentence"], Sequence[float]], None]
"""An update rule: changes a policy, given B architectures and the advantage of each."""


class PolicyGradient:
    """A policy that samples architectures, and is updated after every `batch_size` trials.

    Args:
        space: where to search.
        make_policy: makes the policy network.
        update: the update rule.
        batch_size: trials that an update learns from.
        baseline_decay: of the moving average of rewards, in [0, 1).
    """

    value_kind: ValueKind = "probability"

    def __init__(
        self, space: Space, make_policy: MakePolicy, update: Update, *, batch_size: int, baseline_decay: float
    ) -> None:
        self.space = space
        self._make_policy = make_policy
        self._update = update
        self._batch_size = batch_size
        self._advantages = Advantages(baseline_decay)
        self._policy = make_policy(0)
        self._told = 0
        self._batch: list[tuple[Sentence, float]] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(draw_other(lambda: self._policy.draw(rng), self.space, rng, pending))

    def tell(self, trial: Trial) -> None:
        if self._told == 0:
            self._policy = self._make_policy(trial.seed)
        self._told += 1
        self._batch.append((self._policy.sentence(trial.architecture), self._advantages.tell(trial.score)))
        if len(self._batch) == self._batch_size:
            sentences, advantages = zip(*self._batch, strict=True)
            self._batch = []
            self._update(self._policy, sentences, advantages)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        """The probability of each option of a decision."""
        return self._policy.values(choice, decided)

    def predict(self, arch: Architecture) -> float:
        """The log-likelihood of an architecture."""
        return self._policy.log_probability(arch)


def recurrent_policy(
    space: Space,
    *,
    units: int,
    layers: int,
    bound: float,
    lr: float,
    tanh_constant: float | None = None,
    temperature: float = 1.0,
) -> MakePolicy:
    """Makes policies that are LSTMs.

    Args:
        space: where to search.
        units: of each layer.
        layers: of the LSTM.
        bound: the initial weights are uniform in [-bound, bound].
        lr: learning rate of Adam.
        tanh_constant: see `SequenceModel`.
        temperature: see `SequenceModel`.
    """

    def make(seed: int) -> "Policy":
        from nas.controllers.backends.sequence_bodies import Recurrent, uniform
        from nas.controllers.backends.sequence_policy import Policy

        return Policy(
            space,
            lambda: Recurrent(width=units, layers=layers),
            uniform(bound),
            seed=seed,
            width=units,
            lr=lr,
            tanh_constant=tanh_constant,
            temperature=temperature,
        )

    return make


def maximize(
    policy: "Policy",
    sentences: Sequence["Sentence"],
    gain: Callable[["Tensor"], "Tensor"],
    *,
    entropy: float = 0.0,
    steps: int = 1,
) -> None:
    """Steps of the optimiser up 1/B Σ_k Σ_t (gain(log p)_kt + entropy · H_kt), over B architectures of T decisions.

    Args:
        policy: the policy, which is changed.
        sentences: the architectures.
        gain: a function of log p of each decision, `(B, T)`, whose values of the same shape are maximised.
        entropy: weight of the entropies H of the distributions.
        steps: of the optimiser.
    """

    def loss(log_p: "Tensor", entropies: "Tensor") -> "Tensor":
        return -(gain(log_p) + entropy * entropies).sum(dim=1).mean()

    policy.learn(sentences, loss, steps=steps)
