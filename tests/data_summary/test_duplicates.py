"""Equal inputs within and between parts."""

import numpy as np
import pytest

import nas
from nas.data_summary import duplicates
from nas.data_summary.duplicates import find_duplicates
from tests.data_summary.tiny_data import two_blobs


def numbered(*values: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array(values, np.float32)[:, None]


def test_within_and_between_parts() -> None:
    data = nas.from_arrays(
        numbered(1, 2, 2, 3, 4),
        [0, 1, 1, 0, 1],
        val=(numbered(5, 3, 6), [1, 1, 0]),
        test=(numbered(2, 9, 9), [1, 0, 0]),
    )
    found = find_duplicates(data)
    assert found.within == {"train": 1, "val": 0, "test": 1}
    assert found.between == {"train, val": 1, "train, test": 1, "val, test": 0}
    assert found.contradictory == 2
    assert (found.looked_at, found.of) == (11, 11)
    assert [[(one.part, one.name, one.target) for one in members] for members in found.examples] == [
        [("train", "train row 3", "0"), ("val", "val row 1", "1")],
        [("train", "train row 1", "1"), ("train", "train row 2", "1"), ("test", "test row 0", "1")],
        [("test", "test row 1", "0"), ("test", "test row 2", "0")],
    ]


def test_there_are_none() -> None:
    found = find_duplicates(two_blobs())
    assert (set(found.within.values()), found.contradictory, found.examples) == ({0}, 0, ())


def test_some_samples_of_large_data_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_BYTES", 30 * 12)
    found = find_duplicates(two_blobs(60))
    assert (found.looked_at, found.of) == (30, 60)
