"""Inputs that are prepared whenever they are read."""

from pathlib import Path

import numpy as np
import pytest

from nas.data.input_spec import spec_of_arrays
from nas.data.streamed import Streamed
from tests.data.counting import Numbered


@pytest.fixture
def streamed(tmp_path: Path) -> Streamed:
    return Streamed(np.arange(50), Numbered(str(tmp_path / "log")), np.dtype(np.uint8))


def test_it_is_read_like_an_array(streamed: Streamed) -> None:
    whole = (np.arange(50)[:, None] + np.arange(4)).astype(np.uint8).reshape(-1, 1, 2, 2)
    assert (len(streamed), streamed.shape, streamed.ndim) == (50, (50, 1, 2, 2), 4)
    assert np.array_equal(streamed[3], whole[3])
    assert np.array_equal(streamed[10:13], whole[10:13])
    assert np.array_equal(streamed[np.array([7, 2, 7])], whole[[7, 2, 7]])


def test_batches_come_in_order(streamed: Streamed) -> None:
    places = [np.arange(start, start + 5) for start in range(45, -1, -5)]
    found = list(streamed.batches(iter(places)))
    assert [batch[0, 0, 0, 0] for batch in found] == list(range(45, -1, -5))


def test_all_inputs_come_in_order(streamed: Streamed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.data.streamed.BLOCK", 4 * 15)
    found = list(streamed.in_order())
    assert [len(block) for block in found] == [15, 15, 15, 5]
    assert np.array_equal(np.concatenate(found), streamed[:])


def test_an_error_in_a_thread_reaches_the_reader(streamed: Streamed) -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        list(streamed.batches([np.arange(5), np.array([99]), np.arange(5)]))


def test_moments_are_those_of_the_array(streamed: Streamed) -> None:
    found, expected = (spec_of_arrays((1, 2, 2)).moments(one) for one in (streamed, streamed[:]))
    assert np.allclose(found[0], expected[0])
    assert np.allclose(found[1], expected[1])
