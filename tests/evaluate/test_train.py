"""The evaluator that trains: what it reports, and what it never touches."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Augment, Dataset, from_arrays
from nas.errors import DeviceWarning, EvaluationFailed, UsageError
from nas.evaluate import Train
from nas.model import Network
from nas.space import Space, parse_space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Metrics

METRICS = ("train_loss", "val_loss", "val_acc")


def test_metrics_are_frozen_and_those_of_the_training(corners: Dataset, space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    metrics = Train(corners, Recipe(epochs=3), device="cpu")(arch, epochs=None, seed=4)
    curves = [f"{name}_curve" for name in METRICS]
    # Run files name objectives by these, and logs hold them: a change belongs in the changelog.
    assert list(metrics) == [*METRICS, "params", "macs", "seconds", *curves]
    assert set(Train.metrics) >= {*METRICS, "params", "macs", "seconds"}
    fitted = fit(Workbench(corners, device="cpu"), arch, Recipe(epochs=3), seed=4)
    for name in METRICS:
        assert metrics[f"{name}_curve"] == fitted.curves[name]
        assert metrics[name] == fitted.curves[name][-1]
    assert (metrics["params"], metrics["macs"]) == (arch.params, arch.macs)


def test_epochs_are_the_recipes_unless_told_otherwise(corners: Dataset, space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    seen: list[int] = []

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        assert tuple(metrics) == METRICS
        seen.append(epoch)

    train = Train(corners, Recipe(epochs=3), device="cpu", on_epoch=on_epoch)
    for epochs, expected in ((None, 3), (1, 1), (3, 3)):
        seen.clear()
        metrics = train(arch, epochs=epochs, seed=0)
        assert seen == list(range(1, expected + 1))
        assert [len(value) for value in metrics.values() if isinstance(value, tuple)] == [expected] * 3
    with pytest.raises(UsageError, match=r"^the full training has 3 epochs, but 5 were requested$"):
        train(arch, epochs=5, seed=0)


def test_fewer_epochs_are_the_beginning_of_the_full_training(corners: Dataset, space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    train = Train(corners, Recipe(epochs=4), device="cpu")
    whole = train(arch, epochs=None, seed=0)
    for epochs in (1, 2, 3, 4):
        part = train(arch, epochs=epochs, seed=0)
        for name in METRICS:
            assert part[f"{name}_curve"] == _curve(whole, name)[:epochs]
            assert part[name] == _curve(whole, name)[epochs - 1]
    short = Train(corners, Recipe(epochs=1), device="cpu")(arch, epochs=None, seed=0)
    assert short["val_loss"] != _curve(whole, "val_loss")[0], "a training of one epoch has a schedule of its own"


def _curve(metrics: Metrics, name: str) -> tuple[float, ...]:
    curve = metrics[f"{name}_curve"]
    assert isinstance(curve, tuple)
    return curve


def test_no_recipe_is_the_default_recipe(corners: Dataset) -> None:
    assert Train(corners).recipe == Recipe()


class _Guarded(Dataset):
    """A data set whose test part cannot be read."""

    def __getattribute__(self, name: str) -> Any:
        if name == "test":
            raise AssertionError("the test part was read")
        return super().__getattribute__(name)


def test_the_test_part_is_never_read(corners: Dataset, space: Space) -> None:
    guarded = _Guarded(corners.name, corners.train, corners.val, corners.val, corners.task)
    with pytest.raises(AssertionError, match="the test part was read"):
        _ = guarded.test
    arch = space.sample(np.random.default_rng(0))
    train = Train(guarded, Recipe(epochs=1), device="cpu")
    assert train(arch, epochs=None, seed=0)["val_acc"] == train(arch, epochs=None, seed=0)["val_acc"]


def test_failures(corners: Dataset, space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    arch = space.sample(np.random.default_rng(0))
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: "):
        Train(corners, Recipe(lr=1e30), device="cpu")(arch, epochs=None, seed=0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    train = Train(corners, device="cuda")  # made where there is no device, perhaps to be sent to where there is one
    with pytest.raises(UsageError, match="device 'cuda' was requested"):
        train(arch, epochs=None, seed=0)


def test_halves_of_batches_are_in_the_metrics(corners: Dataset, space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    arch, forward = space.sample(np.random.default_rng(0)), Network.forward
    train = Train(corners, Recipe(epochs=1, batch_size=100), device="cpu")
    assert "batch_parts" not in train(arch, epochs=None, seed=0)

    def limited(network: Network, x: torch.Tensor) -> torch.Tensor:
        if network.training and len(x) > 60:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(network, x)

    monkeypatch.setattr(Network, "forward", limited)
    with pytest.warns(DeviceWarning, match="trained with halves of its batches"):
        assert train(arch, epochs=None, seed=0)["batch_parts"] == 2


def _measured() -> Mapping[str, Any]:
    """A training with everything random in it."""
    rng, labels = np.random.default_rng(0), np.arange(200) % 10
    images = rng.integers(0, 256, (200, 1, 8, 8)).astype(np.uint8)
    data = from_arrays(images, labels, val=(images, labels))
    layers = "[{conv: {width: 8}}, batch_norm, relu, {dropout: {p: 0.2}}, flatten, {linear: {units: outputs}}]"
    arch = parse_space(f"layers: {layers}", input=data.shape, outputs=10).rebuild({})
    recipe = Recipe(epochs=2, augment=Augment(shift=1, flip=True))
    return {**Train(data, recipe, device="cpu")(arch, epochs=None, seed=11), "seconds": 0.0}


def test_another_process_gives_the_same() -> None:
    command = [sys.executable, __file__, str(torch.get_num_threads())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True)
    assert json.loads(done.stdout) == json.loads(json.dumps(_measured()))


if __name__ == "__main__":  # the other process
    torch.set_num_threads(int(sys.argv[1]))
    print(json.dumps(_measured()))
