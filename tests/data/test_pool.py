"""Training and validation samples as one, and the statistics of some of them."""

import numpy as np

from nas.data import Dataset, from_arrays
from nas.tasks import Regression


def test_the_training_samples_come_first(corners: Dataset) -> None:
    inputs, targets = corners.pool.samples
    assert len(targets) == len(corners.train) + len(corners.val)
    for part, place in ((corners.train, slice(0, 300)), (corners.val, slice(300, 400))):
        assert np.array_equal(inputs[place], part.inputs)
        assert np.array_equal(targets[place], part.targets)
    assert inputs.dtype == np.float32
    assert targets.dtype == np.int64
    assert corners.pool is corners.pool


def test_statistics_are_of_the_rows_alone() -> None:
    inputs = np.arange(10, dtype=np.float32)[:, None]
    data = from_arrays(inputs[:6], inputs[:6, 0] + 0.5, val=(inputs[6:], inputs[6:, 0] + 0.5))
    rows = np.array([0, 2, 7, 9])
    found = data.pool.statistics(rows)
    assert found.mean.tolist() == [4.5]
    assert found.std[0] == np.float32(np.std([0, 2, 7, 9]))
    assert isinstance(found.task, Regression)
    assert found.task.mean == (5.0,)
    assert found.task.std == (float(np.std([0, 2, 7, 9])),)
    assert found.task.outputs == data.outputs
    assert data.pool.statistics(rows.copy()) is found
    whole = data.pool.statistics(np.arange(6))
    assert np.array_equal(whole.mean, data.mean)
    assert np.array_equal(whole.std, data.std)
