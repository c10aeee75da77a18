"""Prioritised replay: probabilities and weights by hand, and what is sampled."""

import numpy as np
import pytest

from nas.controllers.backends.replay import LEAST_PRIORITY, Replay, Step, corrections, probabilities


def _steps(count: int) -> list[Step]:
    return [Step(np.zeros(1, np.float32), np.ones(1, np.bool_), 0, 0, trial) for trial in range(count)]


def _shares(replay: Replay) -> list[float]:
    """How often each decision is sampled; of 40,000 draws a share has a deviation of 0.0025 at most."""
    places, _ = replay.sample(40_000, np.random.default_rng(0))
    return [float((places == place).mean()) for place in range(len(replay.steps))]


def test_priorities_by_hand() -> None:
    # Schaul et al., equation 1: the roots of 1, 1/4 and 1/4 are 1, 1/2 and 1/2.
    assert probabilities(np.array([1.0, 0.25, 0.25]), 0.5) == pytest.approx([0.5, 0.25, 0.25])
    assert probabilities(np.array([1.0, 0.25, 0.75]), 1.0) == pytest.approx([0.5, 0.125, 0.375])
    assert probabilities(np.array([1.0, 0.25, 0.25]), 0.0) == pytest.approx([1 / 3] * 3)
    # Section 3.4: of four decisions, one sampled twice as often as uniformly, one as often.
    assert corrections(np.array([0.5, 0.25]), 4, 1.0) == pytest.approx([0.5, 1.0])
    assert corrections(np.array([0.5, 0.25]), 4, 0.5) == pytest.approx([0.5**0.5, 1.0])
    assert corrections(np.array([0.5, 0.25]), 4, 0.0) == pytest.approx([1.0, 1.0])


def test_decisions_are_sampled_by_their_last_error_and_weighted_against_it() -> None:
    replay = Replay(alpha=1.0, beta=1.0)
    replay.add(_steps(2))
    replay.set_errors(np.array([0, 1]), np.array([0.3 - LEAST_PRIORITY, LEAST_PRIORITY - 0.1]))
    assert _shares(replay) == pytest.approx([0.75, 0.25], abs=0.0125)
    places, weights = replay.sample(100, np.random.default_rng(0))
    assert weights == pytest.approx(np.where(places == 0, 1 / 3, 1.0))


def test_a_decision_without_error_is_sampled_now_and_then() -> None:
    replay = Replay(alpha=1.0, beta=0.0)
    replay.add(_steps(2))
    replay.set_errors(np.array([0, 1]), np.array([0.0, 9 * LEAST_PRIORITY]))
    assert _shares(replay) == pytest.approx([1 / 11, 10 / 11], abs=0.0125)


def test_new_decisions_have_the_highest_priority() -> None:
    replay = Replay(alpha=1.0, beta=0.0)
    replay.add(_steps(2))
    assert _shares(replay) == pytest.approx([0.5, 0.5], abs=0.0125)
    replay.set_errors(np.array([0, 1]), np.array([0.2, 4.0]) - LEAST_PRIORITY)
    replay.add(_steps(1))
    assert _shares(replay) == pytest.approx([0.2 / 8.2, 4 / 8.2, 4 / 8.2], abs=0.0125)
    assert [step.trial for step in replay.steps] == [0, 1, 0]
