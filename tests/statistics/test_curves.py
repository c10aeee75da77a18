import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.statistics.curves import aggregate, best_so_far, incumbent, regret, resample, time_grid


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_incumbent_is_what_was_observed_best_and_the_first_of_ties() -> None:
    observed = [0.5, 0.7, 0.6, 0.7, 0.8]
    truth = [0.55, 0.60, 0.66, 0.69, 0.58]
    assert incumbent(observed, truth).tolist() == [0.55, 0.60, 0.60, 0.60, 0.58]
    assert best_so_far(truth).tolist() == [0.55, 0.60, 0.66, 0.69, 0.69]


scores = arrays(np.float64, (3, 7), elements=st.sampled_from([0.1, 0.2, 0.3, 0.4]))


@given(scores, scores)
def test_curves_agree_with_their_definitions(observed: NDArray[np.float64], truth: NDArray[np.float64]) -> None:
    held, best = incumbent(observed, truth), best_so_far(truth)
    for run in range(3):
        for n in range(7):
            assert held[run, n] == truth[run, np.argmax(observed[run, : n + 1])]
            assert best[run, n] == max(truth[run, : n + 1])
    assert (held <= best).all()
    assert (incumbent(truth, truth) == best).all()


def test_leaders_are_among_those_of_the_most_epochs() -> None:
    observed = [[0.9, 0.2, 0.2, 0.3, 0.1], [0.1, 0.2, 0.3, 0.4, 0.5]]
    truth = [[0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.4, 0.3, 0.2, 0.1]]
    trained = [[1, 3, 3, 1, 9], [9, 1, 1, 9, 9]]
    assert incumbent(observed, truth, trained).tolist() == [[0.1, 0.2, 0.2, 0.2, 0.5], [0.5, 0.5, 0.5, 0.2, 0.1]]
    assert best_so_far(truth, trained).tolist() == [[0.1, 0.2, 0.3, 0.3, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5]]
    same = np.ones((2, 5))
    assert incumbent(observed, truth, same).tolist() == incumbent(observed, truth).tolist()
    assert best_so_far(truth, same).tolist() == best_so_far(truth).tolist()
    with pytest.raises(UsageError, match=r"^observed has shape \(2, 5\) and trained \(5,\): one of each"):
        incumbent(observed, truth, [1] * 5)


def test_regret_is_in_percentage_points() -> None:
    assert regret([0.9, 0.943], 0.943).tolist() == pytest.approx([4.3, 0.0])
    assert regret([0.953], 0.943).tolist() == pytest.approx([-1.0]), "a single run may be better than the best mean"


def test_curves_refuse_what_is_not_a_number_or_does_not_fit() -> None:
    with pytest.raises(UsageError, match="observed: 1 of 2 values are not finite"):
        incumbent([0.1, np.nan], [0.1, 0.2])
    with pytest.raises(UsageError, match=r"observed has shape \(2,\) and truth \(3,\)"):
        incumbent([0.1, 0.2], [0.1, 0.2, 0.3])


def test_resampling_is_a_step_function_that_begins_and_ends_with_the_run() -> None:
    clocks, curves = [[10, 20, 20, 30], [15]], [[4, 3, 2, 1], [9]]
    grid = [5, 10, 19.9, 20, 30, 31]
    known = resample(clocks, curves, grid)
    np.testing.assert_array_equal(
        known, [[np.nan, 4, 4, 2, 1, np.nan], [np.nan, np.nan, np.nan, np.nan, np.nan, np.nan]]
    )
    # Both were stopped by a budget of 30 seconds: what they had is what they hand over.
    known = resample(clocks, curves, grid, ends=[30, 30])
    np.testing.assert_array_equal(known, [[np.nan, 4, 4, 2, 1, np.nan], [np.nan, np.nan, 9, 9, 9, np.nan]])
    known = resample(clocks, curves, [1000], ends=[np.inf, np.inf])
    np.testing.assert_array_equal(known, [[1], [9]])


def test_resample_refuses() -> None:
    with pytest.raises(UsageError, match="clock of run 0: it runs backwards"):
        resample([[2, 1]], [[1, 1]], [1])
    with pytest.raises(UsageError, match="cannot end before its last evaluation"):
        resample([[1, 2]], [[1, 1]], [1], ends=[1.5])
    with pytest.raises(UsageError, match="cannot end before its last evaluation"):
        resample([[1, 2]], [[1, 1]], [1], ends=[np.nan])
    with pytest.raises(UsageError, match="expected one for each of 1 runs"):
        resample([[1, 2]], [[1, 1]], [1], ends=[3, 3])
    with pytest.raises(UsageError, match="a run has 2 times and 1 values"):
        resample([[1, 2]], [[1]], [1])
    with pytest.raises(UsageError, match="1 clocks for 2 curves"):
        resample([[1, 2]], [[1, 2], [1, 2]], [1])
    with pytest.raises(UsageError, match="there are no runs"):
        resample([], [], [1])


def test_the_common_time() -> None:
    clocks = [[10, 20, 30], [15, 22]]
    assert time_grid(clocks, points=3).tolist() == [15, 18.5, 22]
    assert time_grid(clocks, [30, 30], points=2).tolist() == [15, 30]
    assert time_grid(clocks, [np.inf, np.inf], points=2).tolist() == [15, 30]
    with pytest.raises(UsageError, match="no common time: a run ends at 2 s, another has its first result at 3 s"):
        time_grid([[1, 2], [3, 4]])


def test_a_band_holds_its_center_and_is_of_the_unit_of_the_data() -> None:
    curves = rng().gamma(1, 2, size=(20, 5))
    for statistic, center in (("mean", curves.mean(0)), ("median", np.median(curves, axis=0))):
        band = aggregate(curves, rng=rng(1), statistic=statistic)  # type: ignore[arg-type]
        assert band.center == pytest.approx(center)
        assert (band.low <= band.center).all()
        assert (band.center <= band.high).all()
        assert (band.low >= curves.min(0)).all()
        again = aggregate(10 * curves + 3, rng=rng(1), statistic=statistic)  # type: ignore[arg-type]
        assert again.low == pytest.approx(10 * band.low + 3)
        assert again.high == pytest.approx(10 * band.high + 3)
        assert band.seeds == 20


def test_there_is_no_value_where_a_run_is_not_known() -> None:
    curves = np.array([[1, 2, np.nan], [3, 4, 5], [np.nan, 1, 1]])
    band = aggregate(curves, rng=rng())
    for part in (band.center, band.low, band.high):
        assert np.isnan(part).tolist() == [True, False, True]
    with pytest.raises(UsageError, match="where all runs are known: there are no values"):
        aggregate([[1, np.nan], [np.nan, 1]], rng=rng())


def test_runs_that_agree_have_no_band() -> None:
    band = aggregate(np.full((6, 2), 0.25), rng=rng())
    assert band.low.tolist() == band.high.tolist() == [0.25, 0.25]


def test_the_order_of_seeds_matters_by_no_more_than_the_resampling() -> None:
    curves = rng().normal(size=(12, 3))
    band, other = (aggregate(c, rng=rng(2), resamples=20_000) for c in (curves, curves[::-1]))
    assert band.center == pytest.approx(other.center)
    # An end has a Monte-Carlo error of 0.03 standard errors (of 0.29) with 20,000 resamples in so far a tail.
    assert band.low == pytest.approx(other.low, abs=0.06)
    assert band.high == pytest.approx(other.high, abs=0.06)


def test_aggregate_refuses() -> None:
    with pytest.raises(UsageError, match="at least 2 seeds, got 1"):
        aggregate([[1, 2]], rng=rng())
    with pytest.raises(UsageError, match=r"expected shape \(seeds, points\), got \(2,\)"):
        aggregate([1, 2], rng=rng())
    with pytest.raises(UsageError, match="1 of 4 values are not finite"):
        aggregate([[1.0, np.inf], [1.0, 2.0]], rng=rng())
    with pytest.raises(UsageError, match="level"):
        aggregate([[1], [2]], rng=rng(), level=95)


@pytest.mark.parametrize(
    ("shape", "statistic", "seeds", "least"),
    [
        ("normal", "mean", 10, 0.93),
        ("normal", "median", 10, 0.92),
        ("exponential", "mean", 10, 0.89),
        ("exponential", "mean", 20, 0.91),
        ("exponential", "median", 20, 0.92),
    ],
)
def test_bands_cover_what_they_say(shape: str, statistic: str, seeds: int, least: float) -> None:
    # 4000 independent points: a coverage has a standard error of at most 0.005. The bounds are four of them below
    # what holds (0.945, 0.945, 0.91, 0.93, 0.94), so that another seed fails by luck once in 30,000.
    curves = getattr(rng(3), f"standard_{shape}")(size=(seeds, 4000))
    truth = {"normal": 0.0, "exponential": 1.0 if statistic == "mean" else np.log(2)}[shape]
    band = aggregate(curves, rng=rng(4), statistic=statistic, resamples=1000)  # type: ignore[arg-type]
    covered = ((band.low <= truth) & (truth <= band.high)).mean()
    assert least <= covered <= 0.97
