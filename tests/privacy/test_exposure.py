"""Figures of attacks, from scores."""

from statistics import NormalDist

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from nas.errors import UsageError
from nas.privacy.exposure import FALSE_ALARMS, Exposure, exposure_of


def _drawn(shift: float, seed: int, members: int = 700, others: int = 500) -> Exposure:
    """Of Gaussian scores, greater by `shift` for members, with the best threshold."""
    rng = np.random.default_rng(seed)
    inside, outside = rng.normal(shift, 1, members), rng.normal(0, 1, others)
    return exposure_of(inside, outside, shift / 2, rng)


def test_gaussian_scores_have_known_figures() -> None:
    normal, found = NormalDist(), [_drawn(1.0, seed) for seed in range(6)]
    truth = {
        "advantage": 2 * normal.cdf(0.5) - 1,
        "auc": normal.cdf(0.5**0.5),
        "caught": 1 - normal.cdf(normal.inv_cdf(0.99) - 1),
    }
    for name, value in truth.items():
        estimates = [getattr(one, name) for one in found]
        assert name == "caught" or sum(one.low <= value <= one.high for one in estimates) >= 5
        assert np.mean([one.value for one in estimates]) == pytest.approx(value, abs=0.03)


def test_equal_scores_give_nothing_away() -> None:
    found = [_drawn(0.0, seed) for seed in range(6)]
    assert sum(one.advantage.low <= 0 <= one.advantage.high for one in found) >= 5
    assert sum(one.auc.low <= 0.5 <= one.auc.high for one in found) >= 5
    constant = exposure_of(np.ones(5), np.ones(7), 1.0, np.random.default_rng(0))
    assert (constant.advantage.value, constant.auc.value, constant.caught.value) == (0, 0.5, 0)


@pytest.mark.parametrize("digits", [6, 1, 0])
def test_figures_are_those_of_scikit_learn(digits: int) -> None:
    """With ties and without."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        inside, outside = rng.normal(0.7, 1, 150).round(digits), rng.normal(0, 1, 230).round(digits)
        found = exposure_of(inside, outside, 0.3, rng)
        truth, scores = np.repeat([1, 0], [150, 230]), np.concatenate([inside, outside])
        false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
        assert found.auc.value == pytest.approx(roc_auc_score(truth, scores))
        assert found.caught.value == pytest.approx(true[false <= FALSE_ALARMS].max())
        assert found.advantage.value == pytest.approx((inside >= 0.3).mean() - (outside >= 0.3).mean())
        for one in (found.advantage, found.auc, found.caught):
            assert one.low <= one.value <= one.high


def test_members_above_all_others_are_all_recognised() -> None:
    found = exposure_of(np.arange(10, 15), np.arange(10), 9.5, np.random.default_rng(0))
    assert found.to_dict() == {"members": 5, "others": 10, **{key: [1, 1, 1] for key in ("advantage", "auc", "caught")}}


@pytest.mark.parametrize(
    ("members", "others", "message"),
    [([1.0], [1.0, 2.0], "at least 2 members and 2 others, got 1 and 2"), ([1.0, 2.0], [np.nan, 1.0], "not finite")],
)
def test_errors(members: list[float], others: list[float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        exposure_of(members, others, 0.0, np.random.default_rng(0))
