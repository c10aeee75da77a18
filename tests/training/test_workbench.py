"""Scores, and the precision of a bench."""

import numpy as np
import pytest
import torch

from nas.data import Dataset
from nas.training import workbench
from nas.training.workbench import Workbench
from tests.training.networks import arch_of


def test_scores_by_hand(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(corners, device="cpu")
    arch = arch_of("{linear: {units: 16}}, {dropout: {p: 0.9}}, {linear: {units: classes}}", corners)
    network = bench.build(arch)
    inputs, labels = corners.val
    network.eval()
    with torch.no_grad():
        logits = network(torch.from_numpy(inputs)).double().numpy()
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    accuracy = (logits.argmax(axis=1) == labels).mean()
    for size in (7, 100, 2048):
        # The batches are for memory alone: the last, smaller one counts by its samples.
        monkeypatch.setattr(workbench, "SCORING_BATCH", size)
        network.train()
        scored = bench.score_samples(network, corners.val, "val")
        assert scored == {"val_loss": pytest.approx(loss, rel=1e-5), "val_acc": accuracy}
        assert not network.training
    assert list(bench.score_samples(network, corners.val, "test")) == ["test_loss", "test_acc"]


def test_full_precision_is_the_default_on_a_cpu(corners: Dataset) -> None:
    assert Workbench(corners, device="cpu").dtype is torch.float32
    assert Workbench(corners, device="cpu", precision="float32").dtype is torch.float32
