"""Data sets with fewer labelled samples."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.data.fewer import fewer
from nas.errors import UsageError
from tests.prediction.exported import Exported


@pytest.mark.parametrize("seed", range(5))
def test_some_samples_in_the_proportions_of_all(corners: Dataset, seed: int) -> None:
    found = fewer(corners, 40, seed=seed)
    assert (len(found.train), len(found.val)) == (30, 10)
    assert np.bincount(found.train.targets).min() >= 7
    assert found.task == corners.task.fitted(corners.outputs, found.train.targets)
    for part in ("train", "val"):
        rows = [corners.name_of(part, row) for row in range(len(corners.parts[part]))]
        for place in range(len(found.parts[part])):
            row = rows.index(found.name_of(part, place))
            assert np.array_equal(found.parts[part].inputs[place], corners.parts[part].inputs[row])
            assert found.parts[part].targets[place] == corners.parts[part].targets[row]
    assert found.fingerprint == fewer(corners, 40, seed=seed).fingerprint
    assert found.fingerprint != fewer(corners, 40, seed=seed + 2).fingerprint


def test_all_that_is_known_of_samples(exported: Mapping[str, Exported]) -> None:
    for one in exported.values():
        data = one.data
        marked = replace(data, groups=np.arange(len(data.train) + len(data.val)))
        found = fewer(marked, 8, seed=0)
        assert sum(len(found.parts[part]) for part in ("train", "val")) == 8
        assert found.test is data.test
        assert found.groups is not None
        for row, group in enumerate(found.groups[: len(found.train)]):
            assert found.name_of("train", row) == data.name_of("train", int(group))
        if data.raws:
            preparation = data.intake.preparation
            for part in ("train", "val", "test"):
                assert np.array_equal(preparation(found.raws[part]), found.parts[part].inputs)


def test_counts_that_cannot_be(corners: Dataset) -> None:
    assert fewer(corners, 400, seed=0) is corners
    with pytest.raises(UsageError, match="samples: corners has 400 training and validation samples, got 401"):
        fewer(corners, 401, seed=0)
    with pytest.raises(UsageError, match="samples: 2 samples of corners are 2 to train on and 0 to validate on"):
        fewer(corners, 2, seed=0)
    few = from_arrays(np.zeros((3, 2)), [0.5, 1.5, 2.5], val=(np.zeros((3, 2)), [0.5, 1.5, 2.5]))
    with pytest.raises(UsageError, match="1 to train on and 1"):
        fewer(few, 2, seed=0)
