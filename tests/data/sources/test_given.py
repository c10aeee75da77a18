"""Parts of data sets that are given in Python."""

from typing import Any

import numpy as np
import pytest

from nas.data.sources.given import given_parts
from nas.errors import UsageError


def _raw(part: str, inputs: Any) -> Any:
    return np.array([f"{part} {value}" for value in inputs])


def test_each_part_has_its_inputs_targets_and_groups() -> None:
    found = given_parts(_raw, ([1, 2], "ab"), ([3], "c"), ([4], "d"), [7, 8], [9])
    assert {part: np.asarray(one.inputs).tolist() for part, one in found.items()} == {
        "train": ["train 1", "train 2"],
        "val": ["val 3"],
        "test": ["test 4"],
    }
    assert [(one.targets, one.groups) for one in found.values()] == [("ab", [7, 8]), ("c", [9]), ("d", None)]
    assert list(given_parts(_raw, ([1], "a"), None, None, None, None)) == ["train"]


def test_groups_of_no_samples() -> None:
    with pytest.raises(UsageError, match="val_groups: there are no validation samples"):
        given_parts(_raw, ([1], "a"), None, None, None, [1])
