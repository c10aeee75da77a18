"""Columns of a table as a data set."""

import numpy as np
import pytest

from nas.data.columns import Columns
from nas.data.roles import Roles
from nas.data.sources.columns import data_of_columns
from nas.data.split import Split
from nas.errors import UsageError

COUNT = 60
ARRAYS = {
    "a": np.arange(COUNT) % 7.0,
    "b": np.arange(COUNT)[::-1] % 5.0,
    "who": np.array([f"person {place // 6}" for place in range(COUNT)], object),
    "when": (np.arange(COUNT) * 37 % COUNT).astype("datetime64[D]").astype("datetime64[us]"),
    "low": np.arange(COUNT) / 7,
    "high": np.arange(COUNT) / 3,
    "kind": np.array([f"kind {place % 2}" for place in range(COUNT)], object),
}
TABLE = Columns(ARRAYS, "some.csv", np.arange(COUNT), "row")


def test_groups_and_times_divide_the_rows() -> None:
    data = data_of_columns("some", TABLE, Roles("kind", group="who", ignore=("when",)), split=Split(0.25, 0.2))
    assert data.groups is not None
    assert data.test is not None
    count = len(data.train)
    assert len(data.test) == 12
    assert not set(data.groups[:count]) & set(data.groups[count:])
    data = data_of_columns("some", TABLE.only(["low", "when", "kind"]), Roles("kind", time="when"))
    assert data.test is not None
    last = np.sort(np.argsort(ARRAYS["when"])[-12:])
    assert np.array_equal(np.sort(data.test.inputs[:, 0]), np.float32(ARRAYS["low"][last]))


def test_several_targets() -> None:
    data = data_of_columns("some", TABLE, Roles(["low", "high"], ignore=("who", "when", "kind")))
    assert (data.task.name, data.outputs, data.shape) == ("regression", ("low", "high"), (2,))
    marks = {**ARRAYS, "low": ARRAYS["a"] % 2, "high": ARRAYS["b"] % 2}
    table = Columns(marks, "some.csv", TABLE.rows)
    data = data_of_columns("some", table, Roles(["low", "high"], ignore=("who", "when", "kind")))
    assert (data.task.name, data.outputs) == ("multilabel", ("low", "high"))


def test_no_column_is_left() -> None:
    with pytest.raises(UsageError, match=r"some\.csv has no input; no column is left"):
        data_of_columns("some", TABLE.only(["kind"]))
