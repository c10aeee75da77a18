"""What models learn scores as, by hand."""

import numpy as np
import pytest

from nas.controllers.backends.scores import impute_failures, normal_scores, ranks, standardize


def test_failures_get_the_worst_score() -> None:
    assert impute_failures([0.2, None, 0.9]).tolist() == [0.2, 0.2, 0.9]
    assert impute_failures([None, -3.0]).tolist() == [-3.0, -3.0]
    assert impute_failures([None, None]).tolist() == [0.0, 0.0]


def test_standardized_scores() -> None:
    scores, mean, deviation = standardize(np.array([1.0, 3.0]))
    assert (scores.tolist(), mean, deviation) == ([-1.0, 1.0], 2.0, 1.0)
    scores, mean, deviation = standardize(np.array([0.5, 0.5]))
    assert (scores.tolist(), mean, deviation) == ([0.0, 0.0], 0.5, 1.0)


def test_ranks_by_hand() -> None:
    # (how many are below + how many are not above) / N - 1.
    assert ranks(np.array([0.2, 0.2, 0.9, 0.2, 0.5])) == pytest.approx([-0.4, -0.4, 0.8, -0.4, 0.4])
    assert ranks(np.array([7.0])) == pytest.approx([0.0])


def test_normal_scores_by_hand() -> None:
    # Blom's (r - 3/8) / (n + 1/4): 0.625 / 4.25 = 0.147 is the quantile of -1.049; ties share the middle.
    assert normal_scores(np.array([0.1, 0.5, 0.5, 9.0])) == pytest.approx([-1.0491314, 0, 0, 1.0491314])
    assert normal_scores(np.array([3.0, 3.0])).tolist() == [0, 0]
