"""Samples that cannot be read are left out with all that is known of them."""

from typing import Any

import numpy as np
import pytest

from nas.data.assemble import RawPart
from nas.data.intact import intact
from nas.data.skipping import Skipping
from nas.errors import UsageError

SKIP = Skipping("skip", 0.5)


def _check(values: Any, place: int) -> None:
    if values[place] < 0:
        raise UsageError(f"{values[place]:g} is corrupt")


def _parts(*train: float, labels: str = "") -> dict[str, RawPart]:
    values = np.array(train)
    told = list(labels) or np.arange(len(values))
    return {
        "train": RawPart(values, told, [f"g{value:g}" for value in values], np.arange(len(values))),
        "val": RawPart(np.array([1.0]), told[:1]),
    }


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_are_left_out(threads: int) -> None:
    parts = _parts(5, -1, 6, -2, labels="aabb")
    found, notes = intact(parts, _check, SKIP, what="numbers", threads=threads)
    train = found["train"]
    assert np.asarray(train.inputs).tolist() == [5, 6]
    assert train.targets == ["a", "b"]
    assert train.groups == ["g5", "g6"]
    assert train.times is not None
    assert train.times.tolist() == [0, 2]
    assert found["val"].targets == ["a"]
    assert notes == ("2 of 5 numbers cannot be read and are left out: -1 is corrupt; -2 is corrupt",)


def test_nothing_is_read_unless_samples_are_skipped() -> None:
    parts = _parts(-1)
    assert intact(parts, _check, Skipping(), what="numbers") == (parts, ())
    whole = _parts(1, 2)
    assert intact(whole, _check, SKIP, what="numbers") == (whole, ())


def test_a_class_does_not_vanish() -> None:
    with pytest.raises(UsageError, match=r"^train: none of the numbers of the class b can be read: 1 of 4 "):
        intact(_parts(5, 6, -1, labels="aab"), _check, SKIP, what="numbers")
    with pytest.raises(UsageError, match=r"^train: none of the numbers can be read: 1 of 2 "):
        intact(_parts(-1), _check, SKIP, what="numbers")


def test_a_set_of_labels_may_vanish() -> None:
    parts = _parts(5, 6, -1, labels="aab")
    assert len(intact(parts, _check, SKIP, what="numbers", several=True)[0]["train"].inputs) == 2
    lists = {"train": RawPart(np.array([1, 2, -1]), [["a"], ["a", "b"], ["b"]])}
    assert intact(lists, _check, SKIP, what="numbers")[0]["train"].targets == [["a"], ["a", "b"]]
