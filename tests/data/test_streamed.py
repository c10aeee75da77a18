"""Inputs that are prepared whenever they are read."""

from pathlib import Path

import numpy as np
import pytest

from nas.data.streamed import AHEAD, Streamed
from tests.data.counting import Numbered


@pytest.fixture
def streamed(tmp_path: Path) -> Streamed:
    return Streamed(np.arange(50), Numbered(str(tmp_path / "log")))


def test_it_is_read_like_an_array(streamed: Streamed) -> None:
    whole = (np.arange(50)[:, None] + np.arange(4)).astype(np.uint8).reshape(-1, 1, 2, 2)
    assert (len(streamed), streamed.shape, streamed.ndim) == (50, (50, 1, 2, 2), 4)
    assert np.array_equal(streamed[3], whole[3])
    assert np.array_equal(streamed[10:13], whole[10:13])
    assert np.array_equal(streamed[np.array([7, 2, 7])], whole[[7, 2, 7]])


def test_batches_come_in_order(streamed: Streamed) -> None:
    places = [np.arange(start, start + 5) for start in range(45, -1, -5)]
    found = [int(batch[0, 0, 0, 0]) for batch in streamed.batches(iter(places))]
    assert found == list(range(45, -1, -5))


def test_batches_take_the_memory_of_one_window(streamed: Streamed) -> None:
    held = {batch.ctypes.data: batch for batch in streamed.batches(np.arange(5) for _ in range(20))}
    assert len(held) == AHEAD + 1
    lengths = [len(batch) for batch in streamed.batches(np.arange(count) for count in (5, 3, 9, 1, 7, 2))]
    assert lengths == [5, 3, 9, 1, 7, 2]


def test_all_inputs_come_in_order(streamed: Streamed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.data.input_spec.BLOCK", 4 * 15)
    found = [block.copy() for block in streamed.in_order()]
    assert [len(block) for block in found] == [15, 15, 15, 5]
    assert np.array_equal(np.concatenate(found), streamed[:])


def test_an_error_in_a_thread_reaches_the_reader(streamed: Streamed) -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        list(streamed.batches([np.arange(5), np.array([99]), np.arange(5)]))
