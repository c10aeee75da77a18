"""Rows as runs: each run that is recorded is there once, in the order of the rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas.errors import UsageError
from nas.tabular.merged import means, side_by_side
from nas.tabular.reading import MOST_RUNS


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 3), st.integers(0, 1000))
def test_side_by_side(owners: list[int], runs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.random((len(owners), runs, 2), dtype=np.float32)
    recorded = rng.random((len(owners), runs)) < 0.7
    alike = [[row for row, owner in enumerate(owners) if owner == one] for one in sorted(set(owners))]
    found = side_by_side(values, alike, recorded)
    for place, rows in enumerate(alike):
        expected = [values[row, run].tolist() for row in rows for run in range(runs) if recorded[row, run]]
        assert found[place, : len(expected)].tolist() == expected
        assert np.isnan(found[place, len(expected) :]).all()


def test_means_of_what_is_recorded() -> None:
    values = np.array([1, np.nan, 4, np.nan], dtype=np.float32)
    assert means(values, [[0, 1, 2], [3]]) == pytest.approx(np.array([2.5, np.nan]), nan_ok=True)


def test_more_runs_than_there_can_be() -> None:
    rows = MOST_RUNS + 1
    with pytest.raises(UsageError, match="101 runs, expected at most 100"):
        side_by_side(np.zeros((rows, 1, 1), dtype=np.float32), [range(rows)], np.ones((rows, 1), dtype=bool))
