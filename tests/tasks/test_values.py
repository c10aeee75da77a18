"""The targets of a regression."""

from typing import Any

import numpy as np
import pytest

from nas.errors import UsageError
from nas.tasks.values import read_values


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([1, 2, 3], [[1], [2], [3]]),
        ([[1.5, 2], [3, 4], [5, 6]], [[1.5, 2], [3, 4], [5, 6]]),
        (np.array([True, False, True]), [[1], [0], [1]]),
        (np.array([1e-300, 1, 2]), [[0], [1], [2]]),
    ],
)
def test_values(given: Any, expected: Any) -> None:
    values = read_values("train", given, 3)
    assert values.dtype == np.float32
    assert values.tolist() == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", "b", "c"], "val targets: expected numbers, got texts such as 'a'"),
        ([1.5, 2.5], "val targets: expected shape (3,) or (3, K), got (2,)"),
        (np.zeros((3, 0)), "val targets: expected shape (3,) or (3, K), got (3, 0)"),
        (np.zeros((3, 1, 1)), "val targets: expected shape (3,) or (3, K), got (3, 1, 1)"),
        ([0.5, np.nan, 1], "val targets: sample 1 has the target nan, expected finite numbers of float32"),
        ([[0, 1], [0, 1e39], [0, 1]], "val targets: sample 1 has the target [0.0, 1e+39], expected finite numbers of"),
        (np.ma.masked_array([1.0, 2, 3], [False, False, True]), "val targets: sample 2 has a masked value"),
    ],
)
def test_what_is_no_value(given: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_values("val", given, 3)
    assert str(caught.value).startswith(message)
