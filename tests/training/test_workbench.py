"""Scores, and the precision of a bench."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics
import torch
from torch import Tensor, nn

from nas.data import Dataset, Samples, Tokenizing, from_texts
from nas.data.assemble import RawPart, assemble
from nas.data.split import Split
from nas.data.storage import Storage
from nas.errors import UsageError
from nas.training import workbench
from nas.training.residence import Inputs
from nas.training.workbench import Workbench
from tests.data.counting import Numbered
from tests.training.networks import MLP, Probe, arch_of


def test_scores_by_hand(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Workbench(corners, device="cpu")
    arch = arch_of("{linear: {units: 16}}, {dropout: {p: 0.9}}, {linear: {units: outputs}}", corners)
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
    outputs = torch.from_numpy(logits).float()
    assert bench.judge(outputs, torch.from_numpy(labels)) == {
        "val_loss": pytest.approx(loss, rel=1e-5),
        "val_acc": accuracy,
    }
    assert list(bench.score_samples(network, corners.val, "test")) == ["test_loss", "test_acc"]


def test_scores_with_half_the_batch_if_memory_runs_out(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, most = Workbench(corners, device="cpu"), len(corners.val)
    sizes: list[int] = []

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        sizes.append(len(x))
        if len(x) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return x

    network = bench.build(Probe(look).arch)
    plain = bench.score(network, *bench.val)
    sizes.clear()
    monkeypatch.setattr(workbench, "SCORING_BATCH", 80)
    most = 50
    assert bench.score(network, *bench.val) == {name: pytest.approx(value) for name, value in plain.items()}
    assert sizes[:2] == [80, 40]
    most = 30
    with pytest.raises(torch.OutOfMemoryError):
        bench.score(network, *bench.val)


def test_full_precision_is_the_default_on_a_cpu(corners: Dataset) -> None:
    assert Workbench(corners, device="cpu").dtype is torch.float32
    assert Workbench(corners, device="cpu", precision="float32").dtype is torch.float32


def test_metrics_that_are_asked_for(corners: Dataset) -> None:
    bench = Workbench(corners, device="cpu", metrics=["roc_auc", "f1", "acc"])
    assert bench.metrics == ("loss", "acc", "f1", "roc_auc")
    network = bench.build(arch_of(MLP, corners))
    found = bench.score_samples(network, corners.val, "val")
    with torch.no_grad():
        shares = network(torch.from_numpy(corners.val.inputs)).double().softmax(dim=1).numpy()
    labels = corners.val.targets
    assert found["val_f1"] == sklearn.metrics.f1_score(labels, shares.argmax(axis=1), average="macro", zero_division=0)
    assert found["val_roc_auc"] == pytest.approx(sklearn.metrics.roc_auc_score(labels, shares, multi_class="ovr"))
    assert {name: found[name] for name in ("val_loss", "val_acc")} == Workbench(corners, device="cpu").score_samples(
        network, corners.val, "val"
    )


def test_a_metric_that_is_not_defined_for_a_part(corners: Dataset) -> None:
    few = Samples(corners.val.inputs[:3], np.array([0, 1, 1]))
    with pytest.raises(UsageError, match=r"^roc_auc is undefined for the validation part: it has no sample of 2 of 4"):
        Workbench(replace(corners, val=few), device="cpu", metrics=["roc_auc"])
    # Of the test part nothing is looked at before the end, and a figure is no reason to lose a search.
    bench = Workbench(replace(corners, test=few), device="cpu", metrics=["roc_auc"])
    network = bench.build(arch_of(MLP, corners))
    assert list(bench.score_samples(network, few, "test")) == ["test_loss", "test_acc"]


def test_outputs_that_are_not_finite_are_no_probabilities(corners: Dataset) -> None:
    bench = Workbench(corners, device="cpu", metrics=["log_loss", "f1"])
    network = bench.build(arch_of(MLP, corners))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(np.nan)
    found = bench.score(network, *bench.val)
    assert all(np.isnan(found[name]) for name in ("val_loss", "val_log_loss"))
    assert all(0 <= found[name] <= 1 for name in ("val_acc", "val_f1"))


def held(inputs: Inputs) -> object:
    """Inputs on the device, as lists."""
    assert isinstance(inputs, Tensor)
    return inputs.tolist()


def test_a_view_prepares_all_its_samples_for_those_that_it_is_trained_on() -> None:
    texts = ["rare", "rare", "often", "often", "often", "rare rare"]
    tokenizing = Tokenizing(min_count=1, length=2)
    data = from_texts(texts[:4], [0, 1, 0, 1], val=(texts[4:], [0, 1]), tokenizing=tokenizing)
    bench = Workbench(data, device="cpu")
    assert held(bench.val[0]) == [[2, 0], [3, 3]]  # equally frequent: sorted
    rows = np.array([0, 1, 2])
    for val in (None, np.array([4, 5])):
        view = bench.view(train=rows, val=val)
        assert held(view.train[0]) == [[2, 0], [2, 0], [3, 0], [3, 0], [3, 0], [2, 2]]
        assert held(view.val[0]) == [[3, 0], [2, 2]]
        assert view.val[1].tolist() == [0, 1]


def test_part_of_the_training_samples_may_be_streamed(tmp_path: Path) -> None:
    numbered = Numbered(str(tmp_path / "log"))
    parts = {"train": RawPart(np.arange(20), np.arange(20) % 2)}
    data = assemble("some", parts, lambda _: numbered, Split(test_share=None), storage=Storage("streamed"))
    bench = Workbench(data, device="cpu")
    view = bench.view(samples=5)
    assert len(view.order(torch.Generator().manual_seed(0))) == 5
    assert view.train[0] is bench.train[0]
