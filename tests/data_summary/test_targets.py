"""Facts of targets."""

import numpy as np
import pytest

import nas
from nas.data_summary.targets import summarize_targets


def test_classes() -> None:
    inputs = np.arange(8, dtype=np.float32)[:, None]
    labels = np.array(["cat"] * 6 + ["dog"] * 2)
    found = summarize_targets(nas.from_arrays(inputs, labels, val=(inputs[-3:], labels[-3:])))
    assert [(one.name, one.counts) for one in found.outputs] == [
        ("cat", {"train": 6, "val": 1}),
        ("dog", {"train": 2, "val": 2}),
    ]
    assert (found.imbalance, found.trivial) == (3, "always cat")
    assert found.metrics == {"val_acc": pytest.approx(1 / 3)}


def test_several_labels() -> None:
    inputs = np.arange(4, dtype=np.float32)[:, None]
    having = np.array([[1, 0], [1, 1], [1, 0], [0, 1]])
    found = summarize_targets(nas.from_arrays(inputs, having, val=(inputs, having), task="multilabel"))
    assert [one.counts["train"] for one in found.outputs] == [3, 2]
    assert found.imbalance == 1.5


def test_values() -> None:
    inputs = np.arange(4, dtype=np.float32)[:, None]
    found = summarize_targets(
        nas.from_arrays(inputs, [1.0, 2.0, 3.0, 6.5], val=(inputs, [1.0, 2.0, 3.0, 6.5]), task="regression")
    )
    assert found.imbalance is None
    assert found.outputs[0].values["median"] == 2.5
    assert found.metrics["val_rmse"] > 0
