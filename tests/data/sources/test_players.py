"""Synthetic players."""

import numpy as np

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


def test_they_are_a_data_set() -> None:
    data = load_data("players", count=400, test_share=0.25)
    assert (data.name, data.task.name, data.outputs) == ("players", "classification", ("no", "yes"))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (240, 60, 100)
    assert len(data.input.categories) == 4
