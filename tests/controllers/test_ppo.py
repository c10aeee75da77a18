"""PPO: the clipped surrogate by hand, and that it finds what is hidden."""

import numpy as np
import pytest
import torch

from nas.controllers import PPO, Predicting, Valuing
from nas.controllers.ppo import clipped_surrogate
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


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        # figure 1 of the paper, ε = 0.2: beyond the clip nothing is gained, but what is lost counts
        (1.0, 1.0, 1.0),
        (1.5, 1.0, 1.2),
        (0.5, 1.0, 0.5),
        (1.0, -1.0, -1.0),
        (1.5, -1.0, -1.5),
        (0.5, -1.0, -0.8),
        (0.5, -2.0, -1.6),
    ],
)
def test_equation_7_by_hand(ratio: float, advantage: float, expected: float) -> None:
    log_p = torch.tensor(np.log(0.3 * ratio))
    log_p_old = torch.tensor(np.log(0.3))
    found = clipped_surrogate(log_p, log_p_old, torch.tensor(advantage, dtype=torch.float64), 0.2)
    assert float(found) == pytest.approx(expected)


def test_a_ratio_outside_of_the_clip_has_no_gradient() -> None:
    log_p = torch.tensor([0.1, 0.3], requires_grad=True)
    clipped_surrogate(log_p, torch.zeros(2), torch.ones(2), 0.2).sum().backward()  # type: ignore[no-untyped-call]
    assert log_p.grad is not None
    assert log_p.grad.tolist() == pytest.approx([np.exp(0.1), 0])


def test_the_clip_keeps_the_policy_near() -> None:
    """What is far better than expected is made likely by many steps, but once beyond ε only Adam's momentum goes on."""
    space = parse_space("input: [4]\nlayers: [{name: a, choice: [relu, gelu]}]")
    relu, gelu = space

    def ratio(clip: float) -> float:
        controller = PPO(space, batch_size=2, epochs=20, clip=clip, units=8, lr=0.02)
        controller.tell(_trial(0, relu, 0.5))
        before = controller.predict(gelu)
        controller.tell(_trial(1, gelu, 0.9))
        return float(np.exp(controller.predict(gelu) - before))

    assert 1.05 < ratio(0.1) < 1.5 < ratio(0.99)


def test_it_learns_from_whole_batches_and_what_failed_is_worst(two: Space) -> None:
    relu, gelu = two
    controller = PPO(two, batch_size=3, units=8)
    controller.tell(_trial(0, relu, 0.5))
    first = controller.values(_choice(two), [])
    controller.tell(_trial(1, relu, 0.9))
    assert controller.values(_choice(two), []) == first
    controller.tell(_trial(2, gelu, None))
    assert controller.values(_choice(two), [])[1] < first[1]


def test_scores_are_bounded(two: Space) -> None:
    relu, gelu = two
    controller = PPO(two, batch_size=4, epochs=10, units=8, clip=0.99, lr=0.1, tanh_constant=0.5, temperature=0.1)
    for number in range(8):
        controller.tell(_trial(number, (relu, gelu)[number % 2], number % 2))
    # Scores within ±0.5: the odds are e at the most.
    assert 0.6 < controller.values(_choice(two), [])[1] <= np.e / (1 + np.e) + 1e-6


def test_it_says_what_it_believes(two: Space) -> None:
    controller = PPO(two)
    assert isinstance(controller, Valuing)
    assert isinstance(controller, Predicting)
    assert controller.value_kind == "probability"


def test_it_finds_what_is_hidden() -> None:
    """The mean score of the last 30 of 120 trials. Random search scores 0.25, with a deviation of 0.03."""
    space = parse_space("input: [4]\nlayers: [{repeat: 6, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    last = []
    for seed in range(2):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        study = search(PPO(space, units=16), target, trials=120, seed=seed)
        last.append(float(np.mean([trial.score or 0.0 for trial in study][-30:])))
    assert np.mean(last) > 0.4
