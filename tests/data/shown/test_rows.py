"""Rows of tables as their most unusual values."""

import numpy as np

from nas.data.shown.rows import COLUMNS, Usual, unusual


def test_unusual_numbers_and_rare_categories_come_first() -> None:
    """Two numbers, one of them constant, and a category that is rarely 2."""
    rng = np.random.default_rng(0)
    table = np.stack([rng.normal(size=500), np.full(500, 7.0), (rng.random(500) < 0.01) * 1.0 + 1], axis=1)
    usual = Usual(table, categories=(3,))
    columns = [("size", "a"), ("constant", "b"), ("kind", "c")]
    assert unusual(np.array([5.0, 7, 1]), usual, columns).columns[0] == ("size", "a")
    assert unusual(np.array([0.0, 7, 2]), usual, columns).columns[0] == ("kind", "c")
    found = usual.surprises(np.array([float(table[:, 0].mean()), 7, 1]))
    assert np.allclose(found, 0)


def test_columns_that_are_left_out_are_counted() -> None:
    table = np.random.default_rng(0).normal(size=(50, COLUMNS + 4))
    names = [(str(place), "") for place in range(COLUMNS + 4)]
    found = unusual(table[0], Usual(table, ()), names)
    assert (len(found.columns), found.left_out) == (COLUMNS, 4)
