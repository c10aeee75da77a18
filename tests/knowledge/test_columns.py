"""The columns of tables as questions."""

from dataclasses import replace

import numpy as np
import pytest

from nas.data import from_arrays
from nas.knowledge.columns import MOST_VALUES, Column, table_columns
from tests.data.preparation.test_tables import TRAIN, fitted, table

INF = float("inf")


@pytest.mark.parametrize(
    ("column", "bounds", "text"),
    [
        (Column("age"), (-INF, 37.5), "age ≤ 37.5"),
        (Column("age"), (37.5, INF), "age > 37.5"),
        (Column("age"), (2.0, 37.51234), "2 < age ≤ 37.51"),
        (Column("year"), (1997.5, INF), "year > 1997.5"),
        (Column("job", "clerk"), (0.5, INF), "job is clerk"),
        (Column("job", "clerk"), (-INF, 0.5), "job is not clerk"),
        (Column("pay", quantiles=(0.0, 10.0, 1000.0)), (0.0, INF), "pay > 10"),
    ],
)
def test_what_they_say(column: Column, bounds: tuple[float, float], text: str) -> None:
    assert column.condition(*bounds) == text


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_the_features_of_a_table(scaling: str) -> None:
    preparation = fitted(scaling=scaling)
    rows = preparation(table())
    data = replace(from_arrays(rows, [0, 1] * 3, val=(rows, [0, 1] * 3)), preparation=preparation)
    found = table_columns(data)
    assert found is not None
    features = found(rows)
    assert features.shape == (6, len(found.columns))
    by_name = {(one.name, one.value): features[:, place] for place, one in enumerate(found.columns)}
    assert by_name["city", "b"].tolist() == [1, 0, 1, 0, 0, 0]
    assert by_name["floor", "1.5"].tolist() == [0, 0, 0, 0, 0, 1]
    assert by_name["pay", "missing"].tolist() == [0, 0, 1, 0, 0, 0]
    assert np.array_equal(by_name["pay", ""], rows[:, 0])
    middle = float(np.sort(by_name["pay", ""])[2:4].mean())
    below = by_name["pay", ""] <= middle
    (pay,) = (one for one in found.columns if (one.name, one.value) == ("pay", ""))
    bound = float(pay.condition(-INF, middle).removeprefix("pay ≤ "))
    assert ((TRAIN["pay"] <= bound) == below)[[0, 1, 3, 4, 5]].all(), "the unit is that of the table"
    assert "since: weekday" in {one.name for one in found.columns}


def test_the_most_frequent_values_alone() -> None:
    cities = np.array([f"c{place}" for place in range(30)], object)
    raw = table(city=cities, pay=np.ones(30), since=np.full(30, "2024-01-01", "datetime64[us]"), floor=np.ones(30))
    preparation = fitted(raw)
    rows = preparation(raw)
    data = replace(from_arrays(rows, [0, 1] * 15, val=(rows, [0, 1] * 15)), preparation=preparation)
    found = table_columns(data)
    assert found is not None
    assert sum(one.name == "city" for one in found.columns) == MOST_VALUES


def test_arrays_are_numbered_and_images_are_no_table() -> None:
    found = table_columns(from_arrays(np.zeros((20, 2), np.float32), [0, 1] * 10))
    assert found is not None
    assert [one.name for one in found.columns] == ["feature 0", "feature 1"]
    assert table_columns(from_arrays(np.zeros((20, 1, 4, 4), np.float32), [0, 1] * 10)) is None
