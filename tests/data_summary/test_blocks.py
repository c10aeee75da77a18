"""Inputs block by block."""

import numpy as np
import pytest

from nas.data_summary import blocks as module
from nas.data_summary.blocks import blocks, spread


def test_places_are_spread_evenly_and_are_all_where_there_are_few() -> None:
    assert spread(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert spread(9, 3).tolist() == [0, 4, 8]


def test_blocks_are_the_samples_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 12)
    inputs = np.arange(40).reshape(10, 4)
    rows = np.array([7, 1, 2, 9, 0])
    found = list(blocks(inputs, rows))
    assert [len(block) for block in found] == [3, 2]
    assert np.array_equal(np.concatenate(found), inputs[rows])
