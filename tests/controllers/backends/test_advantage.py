"""Advantages: the formula by hand, and that the unit of the scores does not matter."""

import numpy as np
import pytest

from nas.controllers.backends.advantage import Advantages


def test_the_formula_by_hand() -> None:
    advantages = Advantages(0.9)
    assert advantages.tell(1.0) == 0.0  # nothing to compare with
    # Expected is 1; the deviation of {1, 3} is 1.
    assert advantages.tell(3.0) == pytest.approx(2.0)
    # Failed, so the worst: 1. Expected is (0.9 · 0.1 · 1 + 0.1 · 3) / (0.9 · 0.1 + 0.1) = 0.39 / 0.19; the deviation of
    # {1, 3, 1} is √(8/9).
    assert advantages.tell(None) == pytest.approx((1 - 0.39 / 0.19) / (8 / 9) ** 0.5)


def test_failures_before_the_first_success_teach_nothing() -> None:
    advantages = Advantages(0.9)
    assert [advantages.tell(score) for score in (None, None, 0.5, 0.5)] == [0.0] * 4


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_the_unit_of_the_scores_does_not_matter(decay: float) -> None:
    scores = np.random.default_rng(0).normal(size=50)
    here, there = Advantages(decay), Advantages(decay)
    for score in scores.tolist():
        assert here.tell(score) == pytest.approx(there.tell(1000 * score - 7), abs=1e-9)
