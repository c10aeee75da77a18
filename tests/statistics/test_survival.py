import numpy as np
import pytest
from scipy import stats

from nas.errors import UsageError
from nas.statistics.survival import survival, until_within

# Twelve runs, five of them stopped before they got there.
TIMES = np.array([3, 5, 5, 8, 12, 12, 15, 20, 20, 20, 7, 9.0])
REACHED = np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1], dtype=bool)


def test_as_lifelines() -> None:
    """Golden values: `KaplanMeierFitter().fit(TIMES, REACHED)` and `median_survival_times` of lifelines 0.30.3."""
    found = survival(TIMES, REACHED)
    assert found.times.tolist() == [3, 5, 7, 8, 9, 12, 15, 20]
    assert found.waiting == pytest.approx([11 / 12, 10 / 12, 20 / 27, 35 / 54, 5 / 9, *[10 / 27] * 3])
    assert found.low == pytest.approx(
        [0.5389771805707405, 0.48171494219537864, 0.39067612760778186, 0.3096622270171607, 0.23690020773318007]
        + [0.11497843767464183] * 3
    )
    assert found.high == pytest.approx(
        [0.9878255654004581, 0.955509365728065, 0.9086238694040617, 0.8517975123354391, 0.7867014663875915]
        + [0.6337504824654193] * 3
    )
    assert (found.median, found.median_low, found.median_high) == (12, 5, None)
    assert found.at_risk.tolist() == [12, 11, 9, 8, 7, 6, 4, 3]
    assert found.reached.tolist() == [1, 1, 1, 1, 1, 2, 0, 0]
    assert found.runs == 12


def test_where_all_got_there_as_lifelines_but_for_the_last_upper_end() -> None:
    found = survival([2, 3, 3, 4, 6], np.ones(5, dtype=bool))
    assert found.waiting == pytest.approx([0.8, 0.4, 0.2, 0.0])
    assert found.low == pytest.approx([0.20380926326763904, 0.05197575037746751, 0.008369039906653107, 0])
    assert found.high == pytest.approx([0.9691797888667427, 0.7528157913587553, 0.581853026048367, 0.581853026048367])
    assert (found.median, found.median_low, found.median_high) == (3, 2, None)


def test_as_scipy() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        times, reached = rng.integers(1, 9, size=15).astype(float), rng.random(15) < 0.6
        found = survival(times, reached)
        sample = stats.CensoredData(uncensored=times[reached], right=times[~reached])
        assert found.waiting == pytest.approx(stats.ecdf(sample).sf.evaluate(found.times))


def test_stopped_runs_count() -> None:
    dropped = survival(TIMES[REACHED], REACHED[REACHED])
    kept = survival(TIMES, REACHED)
    assert dropped.median == 8
    assert kept.median == 12
    none = survival([10, 10, 10], [False] * 3)
    assert none.waiting.tolist() == [1]
    assert (none.low.tolist(), none.high.tolist()) == ([1], [1])
    assert (none.median, none.median_low, none.median_high) == (None, None, None)


def test_the_interval_of_the_median_covers_it() -> None:
    # 400 experiments of 40 runs, stopped at a time that 30 % do not reach: 95 % is 380 +- 4.4. The bounds are four
    # standard errors off 93 % and 95 %: another seed fails by luck once in 15,000.
    rng, covered = np.random.default_rng(1), 0
    for _ in range(400):
        times = rng.exponential(size=40)
        found = survival(np.minimum(times, 1.2), times <= 1.2)
        low = found.median_low or np.inf
        high = found.median_high or np.inf
        covered += low <= np.log(2) <= high
    assert 352 <= covered <= 398


def test_when_a_run_is_within_delta() -> None:
    regrets = [[3.0, 1.0, 0.1, 0.5], [3.0, 2.0], [0.3 - 0.2]]
    times, reached = until_within(regrets, 0.1)
    assert times.tolist() == [3, 2, 1]
    assert reached.tolist() == [True, False, True]
    clocks = [[10, 20, 30, 40], [5, 15], [7]]
    times, reached = until_within(regrets, 0.1, clocks=clocks, ends=[40, 40, 40])
    assert times.tolist() == [30, 40, 7]
    assert until_within(regrets, 0.1, clocks=clocks)[0].tolist() == [30, 15, 7]


def test_errors() -> None:
    with pytest.raises(UsageError, match="times: expected numbers above 0, got 0"):
        survival([0, 1], [True, True])
    with pytest.raises(UsageError, match=r"times have shape \(2,\), reached has \(1,\)"):
        survival([1, 1], [True])
    with pytest.raises(UsageError, match="delta: expected 0 or more"):
        until_within([[1]], -0.1)
    with pytest.raises(UsageError, match="a time for each regret"):
        until_within([[1, 2]], 0.1, clocks=[[1]])
    with pytest.raises(UsageError, match="ends: expected one for each of 1 runs, got 2"):
        until_within([[1, 2]], 0.1, ends=[1, 2])
