"""Texts before their preparation."""

import numpy as np
import pytest

from nas.data.preparation.raw_texts import empty_texts, raw_texts
from nas.errors import UsageError


def test_strings_become_an_array_of_objects() -> None:
    given = ["a", "long text"]
    for found in (raw_texts("train", given), raw_texts("train", np.array(given))):
        assert found.dtype == object
        assert found.tolist() == ["a", "long text"]
    with pytest.raises(UsageError, match=r"^val: text 1: expected a string, got int$"):
        raw_texts("val", np.array(["a", 3], object))
    with pytest.raises(UsageError, match=r"^val: there are no texts$"):
        raw_texts("val", [])


def test_places_of_empty_texts() -> None:
    assert empty_texts(np.array(["a", " ", "", "b"], object)).tolist() == [1, 2]
