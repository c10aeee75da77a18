"""The probability of being the best: of clear and of equal networks, and how often it is right."""

import numpy as np
import pytest

from nas.errors import UsageError
from nas.statistics.best import probability_of_best


def test_what_is_clear_and_what_is_not() -> None:
    rng = np.random.default_rng(0)
    clear = [[[1.0, 1.1, 1.2]], [[5.0, 5.1, 5.2]]]
    assert probability_of_best(clear, rng=rng).tolist() == [1.0, 0.0]
    equal = [[[1.0, 2.0, 3.0]]] * 3
    assert probability_of_best(equal, rng=rng) == pytest.approx([1 / 3] * 3, abs=0.04)
    assert probability_of_best([[[1.0, 2.0]]], rng=rng).tolist() == [1.0]


def test_by_hand() -> None:
    """The resampled means of (0, 2) are 0, 1 and 2 with probabilities 1/4, 1/2 and 1/4, widened by √2 about 1."""
    found = probability_of_best([[[0.0, 2.0]], [[0.5, 0.5]]], rng=np.random.default_rng(1), resamples=100_000)
    assert found == pytest.approx([0.25, 0.75], abs=0.005)  # 1 - √2 alone is below 0.5
    found = probability_of_best([[[0.0, 2.0]], [[-0.4, -0.4]]], rng=np.random.default_rng(1), resamples=100_000)
    assert found == pytest.approx([0.25, 0.75], abs=0.005)  # only as it is widened


def test_ties_go_to_the_next_criterion_and_are_shared_in_the_end() -> None:
    rng = np.random.default_rng(0)
    sizes = [[[0.1] * 3, [3.0] * 3], [[0.1 + 1e-17] * 3, [2.0] * 3], [[0.2] * 3, [1.0] * 3]]
    assert probability_of_best(sizes, rng=rng).tolist() == [0.0, 1.0, 0.0]
    assert probability_of_best([[[0.1] * 3], [[0.1] * 3]], rng=rng).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("seeds", [3, 5])
def test_it_is_right_as_often_as_it_says(seeds: int) -> None:
    """Of three networks whose means differ as much as their trainings do: the one with the lowest mean is said to be
    the best with some probability, on average that with which it is. Standard error of the difference: 0.015."""
    rng = np.random.default_rng(2)
    said, right = [], []
    for _ in range(600):
        truth = rng.normal(size=(3, 1, 1))
        values = truth + rng.normal(size=(3, 1, seeds))
        chosen = int(values.mean(axis=2).argmin())
        said.append(probability_of_best(values, rng=rng, resamples=400)[chosen])
        right.append(truth.argmin() == chosen)
    assert np.mean(said) == pytest.approx(np.mean(right), abs=0.05)


def test_usage() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError, match="at least 2 seeds, got 1"):
        probability_of_best([[[1.0]]], rng=rng)
    with pytest.raises(UsageError, match="expected an array of 3 dimensions"):
        probability_of_best([1.0, 2.0], rng=rng)
