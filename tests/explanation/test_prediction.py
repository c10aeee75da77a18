"""Rank correlation of predictions, and which trials count."""

import math

import numpy as np
import pytest
from scipy import stats

from nas.explanation.prediction import LEAST, WINDOW, Prediction, predictions_of, rank_correlation
from nas.space import load_space
from nas.trial import Proposal, Trial

WIDE = load_space(
    {
        "name": "wide",
        "input": [4],
        "outputs": 2,
        "layers": [{"linear": {"units": {"choice": list(range(1, 201))}}}, {"linear": {"units": "outputs"}}],
    }
)


def trial(number: int, score: float | None, *, network: int | None = None) -> Trial:
    """A trial of a network of its own, or of a given one."""
    name = next(iter(WIDE.universe))
    arch = WIDE.rebuild({name: 1 + (number if network is None else network)})
    return Trial(number, Proposal(arch), 0, {}, None if score is None else (score,), 1.0, None, number)


def pairs(predicted: list[float], observed: list[float]) -> list[Prediction]:
    return [Prediction(n, a, b) for n, (a, b) in enumerate(zip(predicted, observed, strict=True))]


def test_the_correlation_is_that_of_scipy_and_the_interval_that_of_bonett_and_wright() -> None:
    rng = np.random.default_rng(0)
    observed = list(np.round(rng.normal(size=40), 1))  # with ties
    predicted = list(np.array(observed) + rng.normal(size=40))
    found = rank_correlation(pairs(predicted, observed))
    assert found is not None
    rho = stats.spearmanr(predicted, observed).statistic
    half = stats.norm.ppf(0.975) * math.sqrt((1 + rho**2 / 2) / 37)
    assert found.value == pytest.approx(rho)
    assert (found.low, found.high) == pytest.approx((np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half)))
    assert found.n == 40


def test_the_interval_holds_what_it_promises() -> None:
    """Normal pairs with ρ = 6/π asin(r/2): of 400 intervals of 40 pairs, 95 % hold it.

    With the right level, fewer than 91 % has a chance of 1 in 2,000 (binomial).
    """
    rng, r = np.random.default_rng(1), 0.6
    truth = 6 / math.pi * math.asin(r / 2)
    held = 0
    for _ in range(400):
        x = rng.normal(size=40)
        found = rank_correlation(pairs(list(x), list(r * x + math.sqrt(1 - r * r) * rng.normal(size=40))))
        assert found is not None
        held += found.low <= truth <= found.high
    assert held / 400 > 0.91


def test_what_cannot_be_correlated() -> None:
    rising = [float(n) for n in range(LEAST)]
    assert rank_correlation(pairs(rising[1:], rising[1:])) is None
    assert rank_correlation(pairs(rising, [0.5] * LEAST)) is None
    assert rank_correlation(pairs([0.5] * LEAST, rising)) is None
    perfect, reverse = rank_correlation(pairs(rising, rising)), rank_correlation(pairs(rising, rising[::-1]))
    assert perfect is not None
    assert reverse is not None
    assert (perfect.value, perfect.low, perfect.high) == (1, 1, 1)
    assert (reverse.value, reverse.low, reverse.high) == (-1, -1, -1)


def test_the_warm_up_lasts_as_long_as_every_network_is_predicted_the_same() -> None:
    trials = [trial(n, n / 10) for n in range(6)]
    found = predictions_of([0.5, 0.5, 0.5, 0.5, 0.6, 0.5], trials)
    assert found.warm_up == 4
    assert [pair.trial for pair in found.pairs] == [4, 5]
    assert found.pairs[0] == Prediction(4, 0.6, 0.4)


def test_the_warm_up_lasts_until_a_score_was_told() -> None:
    """Before, what differs is no prediction: the random weights of a network, say."""
    trials = [trial(0, None), trial(1, None), trial(2, 0.3), trial(3, 0.4), trial(4, 0.5)]
    found = predictions_of([0.1, 0.2, 0.3, 0.4, 0.5], trials)
    assert (found.warm_up, [pair.trial for pair in found.pairs]) == (3, [3, 4])


def test_a_controller_that_cannot_predict_yet_may_say_nan() -> None:
    found = predictions_of([math.nan, math.nan, 0.5, math.nan, 0.7], [trial(n, n / 10) for n in range(5)])
    assert (found.warm_up, [pair.trial for pair in found.pairs]) == (2, [2, 4])


def test_known_networks_and_failed_trials_do_not_count() -> None:
    trials = [trial(0, 0.1), trial(1, 0.2), trial(2, 0.1, network=0), trial(3, None), trial(4, 0.2, network=3)]
    found = predictions_of([0.0, 0.1, 0.2, 0.3, 0.4], trials)
    assert [pair.trial for pair in found.pairs] == [1]
    assert (found.warm_up, found.known, found.failed) == (1, 2, 1)


@pytest.mark.parametrize(
    ("predicted", "scores"),
    [([], []), ([0.5], [0.1]), ([0.1, 0.2, 0.3], [None] * 3), ([0.5] * 40, [0.1] * 40), ([math.nan] * 3, [0.1] * 3)],
)
def test_nothing_to_compare(predicted: list[float], scores: list[float | None]) -> None:
    found = predictions_of(predicted, [trial(n, score) for n, score in enumerate(scores)])
    assert (found.pairs, found.overall, found.windows) == ((), None, ())
    assert found.warm_up == len(scores)


def test_the_window_moves() -> None:
    """Good predictions first, then the reverse: the first window says 1, the last -1."""
    size = 2 * WINDOW
    scores = [n / 100 for n in range(size + 1)]
    predicted = [score if n <= WINDOW else -score for n, score in enumerate(scores)]
    found = predictions_of(predicted, [trial(n, score) for n, score in enumerate(scores)])
    assert found.warm_up == 1
    assert [window.trial for window in found.windows] == list(range(WINDOW, size + 1))
    assert [found.windows[place].correlation.value for place in (0, -1)] == [1, -1]
    assert all(window.correlation.n == WINDOW for window in found.windows)
    assert found.overall is not None
    assert found.overall.n == size
