"""Policy gradients: when a policy is updated and by what, and the loss that is minimised."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from nas.controllers.backends.policy_gradient import PolicyGradient, maximize, recurrent_policy
from nas.space import Architecture, Space, parse_space
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def two() -> Space:
    """One decision of two options."""
    return parse_space("input: [4]\nlayers: [{name: a, choice: [relu, gelu]}]")


def _trial(number: int, arch: Architecture, score: float | None, seed: int = 0) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), seed, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _controller(space: Space, updates: list[Sequence[float]], batch_size: int) -> PolicyGradient:
    """Notes the advantages of each update, and changes nothing."""
    return PolicyGradient(
        space,
        recurrent_policy(space, units=4, layers=1, bound=0.1, lr=0.1),
        lambda policy, sentences, advantages: updates.append(advantages),
        batch_size=batch_size,
        baseline_decay=0.0,
    )


def test_an_update_learns_from_a_batch(two: Space) -> None:
    """The baseline without a memory is the reward before; the deviations are those of (1, 3), (1, 3, 1) and so on."""
    relu, gelu = two
    updates: list[Sequence[float]] = []
    controller = _controller(two, updates, 2)
    for number, (arch, score) in enumerate([(relu, 1.0), (gelu, 3.0), (relu, None), (gelu, 3.0), (gelu, 9.0)]):
        controller.tell(_trial(number, arch, score))
    assert updates == [
        pytest.approx([0.0, 2.0]),
        pytest.approx([-2.0 / np.std([1, 3, 1]), 2.0 / np.std([1, 3, 1, 3])]),
    ]


def test_the_initial_weights_follow_from_the_seed_of_the_first_trial(two: Space) -> None:
    relu, gelu = two

    def first(*seeds: int) -> float:
        controller = _controller(two, [], 9)
        for number, seed in enumerate(seeds):
            controller.tell(_trial(number, relu, 1.0, seed))
        return controller.predict(gelu)

    assert first(1, 3) == first(1, 4) != first(2, 3)


class Policy:
    """Keeps the losses that it was to minimise."""

    def __init__(self) -> None:
        self.losses: list[Any] = []

    def learn(self, sentences: Sequence[Any], loss: Any, *, steps: int) -> None:
        self.losses += [loss] * steps


def test_the_loss_by_hand() -> None:
    """Two architectures of two decisions: the mean over architectures, the sum over decisions."""
    policy: Any = Policy()
    maximize(policy, (), lambda log_p: 2 * log_p, entropy=0.5, steps=3)
    assert len(policy.losses) == 3
    log_p, entropy = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[10.0, 0.0], [0.0, 0.0]])
    assert float(policy.losses[0](log_p, entropy)) == -(2 * (1 + 2 + 3 + 4) + 0.5 * 10) / 2
