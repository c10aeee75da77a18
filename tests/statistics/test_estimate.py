import numpy as np
import pytest

from nas.errors import UsageError
from nas.statistics.estimate import interval, resampled_seeds, times_drawn


def test_resamples_hold_every_seed_equally_often() -> None:
    drawn = resampled_seeds(5, 4000, np.random.default_rng(0))
    assert drawn.shape == (4000, 5)
    # 20,000 draws: a share has a standard error of 0.0028, five shares are within 0.014 but once in a million.
    assert np.bincount(drawn.ravel()) / drawn.size == pytest.approx(np.full(5, 0.2), abs=0.014)
    with pytest.raises(UsageError, match="needs at least 2 seeds, got 1"):
        resampled_seeds(1, 10, np.random.default_rng(0))


def test_plain_and_expanded_quantiles() -> None:
    values = np.linspace(0, 1, 1001)
    low, high = interval(values, 10, 0.95, expanded=False)
    assert (low, high) == pytest.approx((0.025, 0.975))
    # Hesterberg (2015), table 6: with n = 10 the tail of a 95 % interval is 0.0086.
    low, high = interval(values, 10, 0.95)
    assert (low, high) == pytest.approx((0.0086, 0.9914), abs=1e-4)
    low, high = interval(values, 10_000, 0.95)
    assert (low, high) == pytest.approx((0.025, 0.975), abs=2e-4)


def test_how_often_each_seed_is_drawn() -> None:
    assert times_drawn(np.array([[0, 2, 2], [1, 1, 1]])).tolist() == [[1, 0, 2], [0, 3, 0]]
