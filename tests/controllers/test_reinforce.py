"""REINFORCE: the policy gradient by hand, and that it finds what is hidden."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from nas.controllers import Predicting, Reinforce, Valuing
from nas.driver.search import search
from nas.space import Architecture, Choice, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def two() -> Space:
    """One decision of two options."""
    return parse_space("input: [4]\nlayers: [{name: a, choice: [relu, gelu]}]")


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _choice(space: Space) -> Choice:
    return space.choices_of(next(iter(space)))[0]


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., torch.Tensor]]:
    """The losses that a policy was to learn by, each a function of log p and of the entropies."""
    from nas.controllers.backends.sequence_policy import Policy

    found: list[Callable[..., torch.Tensor]] = []
    monkeypatch.setattr(Policy, "learn", lambda self, sentences, loss, steps: found.extend([loss] * steps))
    return found


def _gradients(loss: Callable[..., torch.Tensor], batch: int) -> tuple[list[float], list[float]]:
    """Of a loss by log p and by the entropy of the only decision of each architecture."""
    log_p, entropy = (torch.zeros(batch, 1, requires_grad=True) for _ in range(2))
    by_log_p, by_entropy = torch.autograd.grad(loss(log_p, entropy), (log_p, entropy))
    return by_log_p[:, 0].tolist(), by_entropy[:, 0].tolist()


def test_the_policy_gradient_by_hand(two: Space, losses: list[Callable[..., torch.Tensor]]) -> None:
    """The advantages are 0 and (3 - 1) / 1; the loss is minus the mean of log p times them."""
    relu, gelu = two
    controller = Reinforce(two, batch_size=2)
    controller.tell(_trial(0, relu, 1.0))
    controller.tell(_trial(1, gelu, 3.0))
    (loss,) = losses
    assert _gradients(loss, 2) == ([0.0, pytest.approx(-1.0)], [0.0, 0.0])


def test_the_weight_of_the_entropy(two: Space, losses: list[Callable[..., torch.Tensor]]) -> None:
    relu, _ = two
    controller = Reinforce(two, batch_size=1, entropy=0.5)
    controller.tell(_trial(0, relu, 1.0))
    (loss,) = losses
    assert _gradients(loss, 1) == ([0.0], [-0.5])


def test_what_is_better_than_expected_becomes_more_likely(two: Space) -> None:
    relu, gelu = two
    controller = Reinforce(two, batch_size=2)
    controller.tell(_trial(0, relu, 1.0))
    p = controller.values(_choice(two), [])
    controller.tell(_trial(1, gelu, 3.0))
    assert controller.values(_choice(two), [])[1] > p[1]
    assert controller.predict(gelu) == pytest.approx(np.log(controller.values(_choice(two), [])[1]), abs=1e-5)


def test_it_learns_from_whole_batches(two: Space) -> None:
    relu, gelu = two
    controller = Reinforce(two, batch_size=3)
    controller.tell(_trial(0, relu, 1.0))
    first = controller.values(_choice(two), [])
    controller.tell(_trial(1, gelu, 3.0))
    assert controller.values(_choice(two), []) == first
    controller.tell(_trial(2, gelu, None))
    assert controller.values(_choice(two), []) != first


def test_a_failed_trial_makes_less_likely_what_failed(two: Space) -> None:
    relu, gelu = two
    controller = Reinforce(two, batch_size=1)
    for number, (arch, score) in enumerate([(relu, 0.2), (relu, 0.9)]):
        controller.tell(_trial(number, arch, score))
    before = controller.values(_choice(two), [])[1]
    controller.tell(_trial(2, gelu, None))
    assert controller.values(_choice(two), [])[1] < before


def test_the_first_weights_follow_from_the_seed_of_the_first_trial(two: Space) -> None:
    relu, _ = two

    def first(seed: int) -> float:
        controller = Reinforce(two)
        controller.tell(Trial(0, Proposal(relu), seed, {}, (1.0,), 1.0, None, 0))
        return controller.predict(relu)

    assert first(1) == first(1) != first(2)


def test_it_says_what_it_believes(two: Space) -> None:
    controller = Reinforce(two)
    assert isinstance(controller, Valuing)
    assert isinstance(controller, Predicting)
    assert controller.value_kind == "probability"


def test_it_finds_what_is_hidden() -> None:
    """The mean score of the last 30 of 120 trials. Random search scores 0.25, with a deviation of 0.03."""
    space = parse_space("input: [4]\nlayers: [{repeat: 6, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    last = []
    for seed in range(2):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        study = search(Reinforce(space, lr=0.02, batch_size=2, units=16), target, trials=120, seed=seed)
        last.append(float(np.mean([trial.score or 0.0 for trial in study][-30:])))
    assert np.mean(last) > 0.4
