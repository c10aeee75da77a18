"""Losses of samples, and confidences."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from nas.data import Dataset, from_arrays
from nas.privacy.losses import confidences, losses_of
from nas.training.workbench import Workbench


def _data(targets: NDArray[Any]) -> Dataset:
    inputs = np.random.default_rng(0).normal(size=(len(targets), 3)).astype(np.float32)
    return from_arrays(inputs, targets, val_share=0.25, task="multilabel" if targets.ndim == 2 else "auto")


@pytest.mark.parametrize(
    "targets",
    [np.arange(40) % 3, np.linspace(-1, 1, 40), np.eye(4, dtype=np.int64)[np.arange(40) % 4]],
    ids=["classes", "values", "labels"],
)
def test_the_mean_is_the_loss_that_is_measured(targets: NDArray[Any]) -> None:
    bench = Workbench(_data(targets), device="cpu")
    torch.manual_seed(0)
    network = nn.Linear(3, len(bench.task.outputs))
    found = losses_of(bench, network, *bench.train)
    with torch.inference_mode():
        measured = bench.judge(network(torch.from_numpy(bench.data.train.inputs)), bench.train[1])
    assert found.dtype == np.float64
    assert found.mean() == pytest.approx(measured["val_loss"], rel=1e-5)


def test_small_losses_differ() -> None:
    """Where float32 has 0 for both."""
    bench = Workbench(_data(np.arange(40) % 3), device="cpu")
    outputs = torch.tensor([[20.0, 0.0, 0.0], [30.0, 0.0, 0.0]])
    first, second = losses_of(bench, nn.Identity(), outputs, torch.tensor([0, 0]))
    assert first > 1e3 * second > 0


def test_confidences_are_logits() -> None:
    shares = np.array([1e-30, 0.01, 0.5, 0.99, 1 - 1e-9])
    assert confidences(-np.log(shares)) == pytest.approx(np.log(shares) - np.log1p(-shares), rel=1e-6)
    assert np.isfinite(confidences(np.array([0.0, 1e3]))).all()
