import numpy as np
import pytest

from nas.errors import UsageError
from nas.statistics.estimate import interval, mean_interval, resampled_seeds, share_interval, times_drawn


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


def test_the_interval_of_a_mean() -> None:
    """Student (1908), the sleep data of drug 2 less drug 1: mean 1.58, 95 % interval 0.70 to 2.46 (R, `t.test`)."""
    found = mean_interval([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert (found.value, found.low, found.high) == pytest.approx((1.58, 0.7001, 2.4599), abs=1e-4)
    with pytest.raises(UsageError, match="needs at least 2 seeds, got 1"):
        mean_interval([1.0])


def test_the_interval_of_a_share_has_the_published_values() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662, and 0 of 20 gives 0 to 0.1611."""
    some, none = share_interval(81 / 263, 263), share_interval(0.0, 20)
    assert (some.low, some.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (none.low, none.high) == pytest.approx((0.0, 0.1611), abs=5e-5)
    for share, count in ((1.5, 10), (0.5, 0)):
        with pytest.raises(UsageError, match="a share from 0 to 1 of one sample or more"):
            share_interval(share, count)
