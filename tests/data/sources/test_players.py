"""Synthetic players."""

import numpy as np
import pytest

from nas.data import load_data
from nas.data.columns import is_missing
from nas.data.sources.players import OBSERVED, simulate_players

COLUMNS = simulate_players(3000, seed=0)


def test_they_are_simulated_as_described() -> None:
    values = COLUMNS.arrays
    assert len(COLUMNS) == 3000
    assert (values["sessions"] >= values["active_days"]).all()
    assert (values["active_days"] >= 1).all()
    assert (values["active_days"] + values["days_since_last_session"] <= OBSERVED).all()
    assert (values["sessions_last_week"] <= values["sessions"]).all()
    assert np.array_equal(values["sessions_last_week"] > 0, values["days_since_last_session"] < 7)
    assert np.array_equal(values["purchases"] > 0, values["spent"] > 0)
    assert ((values["win_rate"] >= 0) & (values["win_rate"] <= 1)).all()
    assert 0.2 < is_missing(values["age"]).mean() < 0.4
    assert not any(is_missing(values[name]).any() for name in COLUMNS.names if name not in ("age", "channel"))


def test_the_target_depends_on_the_inputs_and_on_chance() -> None:
    churned = COLUMNS.arrays["churned"] == "yes"
    away = COLUMNS.arrays["days_since_last_session"]
    assert 0.35 < churned.mean() < 0.65
    assert churned[away >= 7].mean() > 0.75
    assert 0.02 < churned[away == 0].mean() < 0.2
    guild = COLUMNS.arrays["guild"] == "yes"
    assert churned[guild].mean() < churned[~guild].mean()


def test_seeds() -> None:
    first, again, other = (simulate_players(50, seed=seed) for seed in (1, 1, 2))
    for name, column in first.arrays.items():
        assert np.array_equal(column[~is_missing(column)], again.arrays[name][~is_missing(again.arrays[name])])
    assert not np.array_equal(first.arrays["spent"], other.arrays["spent"])


def test_the_draws_are_those_of_every_version_of_numpy() -> None:
    golden: dict[str, list[object]] = {
        "country": ["DE", "BR", "US", "US", "US", "US"],
        "channel": ["store", "store", "friend", "store", None, "store"],
        "sessions": [37, 38, 32, 142, 15, 1],
        "minutes_per_session": [14.716095074, 4.5982336634, 5.450727032, 26.5182242435, 9.7494970609, 6.1405387989],
        "win_rate": [0.7405405405, 0.4368421053, 0.4, 0.4309859155, 0.7333333333, 0.6],
        "messages": [9, 7, 23, 391, 3, 2],
        "spent": [1.3501301653, 8.7030563165, 20.7701614384, 0, 0, 0],
        "churned": ["no", "yes", "no", "no", "no", "yes"],
    }
    drawn = simulate_players(6, seed=2**40).arrays
    for name, expected in golden.items():
        found = drawn[name].tolist()
        assert found == (pytest.approx(expected) if isinstance(expected[0], int | float) else expected), name


def test_they_are_a_data_set() -> None:
    data = load_data("players", count=400, test_share=0.25)
    assert (data.name, data.task.name, data.outputs) == ("players", "classification", ("no", "yes"))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (240, 60, 100)
    assert len(data.input.categories) == 4
