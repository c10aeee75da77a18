"""What follows from a seed, how a training may fail, and what networks learn."""

import copy
import signal
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.data import Augment, Dataset, from_arrays, load_data
from nas.errors import DeviceWarning, EvaluationFailed, FailureKind, ShapeError, StorageError, UsageError
from nas.interrupt import Stopped
from nas.model import Network
from nas.ops.op import FREE
from nas.space import Architecture, Layer, Space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.private.privacy import Privacy
from nas.training.workbench import Workbench
from tests.training.networks import MLP, Probe, arch_of, random_states, weights_of


def test_a_training_follows_from_its_seed(bench: Workbench, corners: Dataset) -> None:
    recipe = Recipe(epochs=3)
    before = random_states()
    first = fit(bench, arch_of(MLP, corners), recipe, seed=7)
    assert random_states() == before
    with torch.random.fork_rng():
        torch.manual_seed(99)
        torch.rand(5)
        # On a bench of its own, so that nothing is left over from the first.
        again = fit(Workbench(corners, device="cpu"), arch_of(MLP, corners), recipe, seed=7)
    other = fit(bench, arch_of(MLP, corners), recipe, seed=8)
    assert torch.equal(weights_of(first), weights_of(again))
    assert first.curves == again.curves
    assert not torch.equal(weights_of(first), weights_of(other))
    assert first.curves["train_loss"] != other.curves["train_loss"]


def test_images_with_everything_random_follow_from_the_seed(corners: Dataset) -> None:
    rng = np.random.default_rng(0)
    data = from_arrays(rng.integers(0, 256, (60, 2, 6, 6)).astype(np.uint8), np.arange(60) % 3)
    layers = "{conv: {width: 4}}, batch_norm, {dropout: {p: 0.5}}, {residual: [{conv: {width: 4}}]}, flatten, "
    arch = arch_of(layers + "{linear: {units: outputs}}", data)
    recipe = Recipe(epochs=2, batch_size=16, augment=Augment(shift=2, flip=True))
    fits = [fit(Workbench(data, device="cpu"), arch, recipe, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(weights_of(fits[0]), weights_of(fits[1]))
    assert fits[0].curves == fits[1].curves != fits[2].curves


def test_what_a_training_gives(bench: Workbench, corners: Dataset) -> None:
    seen: list[tuple[int, Mapping[str, float]]] = []
    fitted = fit(
        bench, arch_of(MLP, corners), Recipe(epochs=9), seed=0, epochs=4, on_epoch=lambda *told: seen.append(told)
    )
    assert list(fitted.curves) == ["train_loss", "val_loss", "val_acc"]
    assert {len(curve) for curve in fitted.curves.values()} == {4}
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4]
    for name, curve in fitted.curves.items():
        assert tuple(metrics[name] for _, metrics in seen) == curve
    assert fitted.seconds > 0
    assert not fitted.network.training
    assert not any(module.training for module in fitted.network.modules())
    inputs, labels = map(torch.from_numpy, corners.val)
    with torch.no_grad():
        logits = fitted.network(inputs)
    assert (logits.argmax(1) == labels).double().mean().item() == fitted.curves["val_acc"][-1]
    assert functional.cross_entropy(logits, labels).item() == pytest.approx(fitted.curves["val_loss"][-1], rel=1e-5)


def test_training_takes_an_epoch(bench: Workbench, corners: Dataset) -> None:
    with pytest.raises(UsageError, match=r"^training needs at least 1 epoch, got 0$"):
        fit(bench, arch_of(MLP, corners), Recipe(), seed=0, epochs=0)


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_that_diverges_is_nonfinite(bench: Workbench, corners: Dataset, optimizer: Any) -> None:
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: (train|val)_loss is (nan|inf) after epoch 1$") as caught:
        fit(bench, arch_of(MLP, corners), Recipe(lr=1e30, optimizer=optimizer), seed=0)
    assert caught.value.kind is FailureKind.NONFINITE


def _raises(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "in_module", "in_training"),
    [
        (RuntimeError("wrong\nshape"), "BUILD_ERROR: wrong", "CRASH: wrong"),
        (ShapeError("does not fit"), "BUILD_ERROR: does not fit", "CRASH: does not fit"),
        (KeyError("weight"), "BUILD_ERROR: KeyError: 'weight'", "CRASH: KeyError: 'weight'"),
        (SystemExit(0), "BUILD_ERROR: SystemExit: 0", "CRASH: SystemExit: 0"),
        (MemoryError(), "OOM_HOST: out of memory", "OOM_HOST: out of memory"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_what_a_search_survives(bench: Workbench, error: BaseException, in_module: str, in_training: str) -> None:
    for message, probe in ((in_module, Probe(start=_raises(error))), (in_training, Probe(look=_raises(error)))):
        with pytest.raises(EvaluationFailed) as caught:
            fit(bench, probe.arch, Recipe(epochs=1), seed=0)
        assert str(caught.value).startswith(message)
        assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Stopped(signal.SIGINT), StorageError("the disk is full")])
def test_what_is_not_about_the_candidate_passes(bench: Workbench, error: BaseException) -> None:
    for probe in (Probe(start=_raises(error)), Probe(look=_raises(error))):
        with pytest.raises(type(error)) as caught:
            fit(bench, probe.arch, Recipe(epochs=1), seed=0)
        assert caught.value is error


def _too_large(most: int, sizes: list[int], begun: list[int]) -> Probe:
    """A network for which the memory suffices for batches of `most` samples; `begun` gets how many networks were alive
    at each start."""
    alive = weakref.WeakSet[nn.Module]()

    def start(linear: nn.Linear) -> None:
        alive.add(linear)
        begun.append(len(alive))

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        if linear.training:
            sizes.append(len(x))
            if len(x) > most:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return x

    return Probe(look, start)


def test_out_of_memory_on_a_device_halves_the_batch(bench: Workbench) -> None:
    sizes: list[int] = []
    begun: list[int] = []
    told: list[int] = []
    recipe, arch = Recipe(epochs=2, batch_size=150), _too_large(80, sizes, begun).arch
    message = r"^CUDA out of memory\. Tried to allocate 2 GiB\. The network is trained with halves of its batches$"
    with pytest.warns(DeviceWarning, match=message):
        fitted = fit(bench, arch, recipe, seed=0, on_epoch=lambda epoch, _: told.append(epoch))
    assert fitted.batch_parts == 2
    assert sizes == [150, *[75] * 8]
    assert begun == [1, 1], "the first network is no more when the second is built"
    assert told == [1, 2]
    whole = fit(bench, Probe().arch, recipe, seed=0)
    assert whole.batch_parts == 1
    torch.testing.assert_close(weights_of(fitted), weights_of(whole), rtol=1e-4, atol=1e-5)


def test_epochs_are_told_once_if_memory_runs_out_later(bench: Workbench) -> None:
    sizes: list[int] = []
    told: list[int] = []

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        if linear.training:
            sizes.append(len(x))
            if len(sizes) == 4:
                raise torch.OutOfMemoryError("CUDA out of memory")
        return x

    recipe = Recipe(epochs=3, batch_size=150)
    with pytest.warns(DeviceWarning):
        fit(bench, Probe(look).arch, recipe, seed=0, on_epoch=lambda epoch, _: told.append(epoch))
    assert told == [1, 2, 3]
    assert sizes == [150] * 4 + [75] * 12


def test_out_of_memory_with_halves_fails(bench: Workbench) -> None:
    with pytest.warns(DeviceWarning), pytest.raises(EvaluationFailed, match=r"^OOM_CUDA: CUDA out of memory"):
        fit(bench, _too_large(70, [], []).arch, Recipe(epochs=2, batch_size=150), seed=0)


def test_a_forward_that_returns_nothing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Network, "forward", lambda network, x: None)
    with pytest.raises(EvaluationFailed, match=r"^CRASH: AttributeError: 'NoneType' object has no attribute 'float'"):
        fit(bench, Probe().arch, Recipe(epochs=1), seed=0)


def test_what_a_candidate_sets_for_all_is_put_back(bench: Workbench) -> None:
    def set_all(linear: nn.Linear) -> None:
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)

    clean = Probe().arch
    before = fit(bench, clean, Recipe(epochs=1), seed=0).curves
    with pytest.raises(EvaluationFailed):
        fit(bench, Probe(start=set_all).arch, Recipe(epochs=1), seed=0)
    assert fit(bench, clean, Recipe(epochs=1), seed=0).curves == before


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ValueError("a bug")])
def test_what_a_callback_raises_is_no_failed_trial(bench: Workbench, corners: Dataset, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        fit(bench, arch_of(MLP, corners), Recipe(epochs=2), seed=0, on_epoch=_raises(error))
    assert caught.value is error


def test_memory_that_no_machine_has_is_out_of_memory(bench: Workbench) -> None:
    with pytest.raises(EvaluationFailed) as caught:
        fit(bench, Probe(start=lambda linear: torch.empty(1 << 58, dtype=torch.uint8)).arch, Recipe(), seed=0)
    assert caught.value.kind is FailureKind.OOM_HOST


def test_a_network_without_parameters_crashes_in_words(bench: Workbench) -> None:
    with pytest.raises(EvaluationFailed, match=r"^CRASH: the network has no parameters to train$"):
        fit(bench, Architecture((), (), (2,)), Recipe(), seed=0)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_reduced_precision(corners: Dataset, precision: Any) -> None:
    types: set[tuple[torch.dtype, torch.dtype]] = set()

    def look(linear: nn.Linear, x: Tensor) -> Tensor:
        types.add((linear.weight.dtype, x.dtype))
        return x

    bench = Workbench(corners, device="cpu", precision=precision)
    first = arch_of("{linear: {units: 16}}, relu", corners).layers
    arch = Architecture((), (*first, Layer(Probe(look), (2,), (4,), FREE)), (2,))
    fitted = fit(bench, arch, Recipe(epochs=10, lr=0.02), seed=0)
    # Weights are kept in full, and what goes through the layers is not.
    # (Whether the device has the layer at all is asked for in full precision too.)
    assert types - {(torch.float32, torch.float32)} == {(torch.float32, getattr(torch, precision))}
    assert fitted.curves["val_acc"][-1] >= 0.95
    again = fit(bench, arch, Recipe(epochs=10, lr=0.02), seed=0)
    assert fitted.curves == again.curves


def test_points_far_apart_are_told_apart(bench: Workbench, space: Space) -> None:
    """Each network of the space, from each of two seeds, in 15 epochs of 5 steps; 100 % on a CPU."""
    for arch in space:
        for seed in range(2):
            assert fit(bench, arch, Recipe(epochs=15, lr=0.03), seed=seed).curves["val_acc"][-1] >= 0.95


def test_stripes_are_told_apart_by_a_convolution() -> None:
    """Images of horizontal, vertical and diagonal stripes under noise; 8 epochs of 4 steps."""
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    rows, columns = np.mgrid[:6, :6]
    patterns = np.stack([rows % 2, columns % 2, (rows + columns) % 2])
    images = (200 * patterns[labels] + rng.integers(0, 56, (300, 6, 6))).astype(np.uint8)[:, None]
    data = from_arrays(images, labels, val_share=0.2)
    arch = arch_of("{conv: {width: 8}}, batch_norm, relu, global_avg_pool, {linear: {units: outputs}}", data)
    fitted = fit(Workbench(data, device="cpu"), arch, Recipe(epochs=8, lr=0.03), seed=0)
    assert fitted.curves["val_acc"][-1] >= 0.95


def test_digits_are_read() -> None:
    """scikit-learn's digits in 5 epochs: 96.8 to 98.3 % of the validation part with the seeds 0 to 4, on a CPU."""
    data = load_data("digits")
    layers = "{conv: {width: 16}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 32}}, batch_norm, relu, "
    arch = arch_of(layers + "flatten, {linear: {units: outputs}}", data)
    fitted = fit(Workbench(data, device="cpu"), arch, Recipe(epochs=5, lr=0.01), seed=0)
    assert fitted.curves["val_acc"][-1] >= 0.95


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")
@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16", "float16"])
def test_training_on_a_gpu(corners: Dataset, precision: Any) -> None:
    bench = Workbench(corners, device="cuda", precision=precision)
    before = torch.cuda.get_rng_state()
    fitted = fit(bench, arch_of(MLP, corners), Recipe(epochs=8, lr=0.03), seed=0)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    assert fitted.curves["val_acc"][-1] >= 0.95


def test_the_data_set_stays_as_it_was(bench: Workbench, corners: Dataset) -> None:
    before = copy.deepcopy(corners.train)
    fit(bench, arch_of(MLP, corners), Recipe(epochs=1), seed=0)
    assert np.array_equal(before.inputs, corners.train.inputs)
    assert np.array_equal(before.targets, corners.train.targets)


def test_a_private_network_knows_nothing_else_of_its_samples(corners: Dataset) -> None:
    """It is normalised by what is public, and its gradients have noise, of which ε is known."""
    recipe = Recipe(epochs=15, lr=0.05, privacy=Privacy(4.0, 1e-4, input_range=(-2, 2)))
    bench = Workbench(corners, device="cpu")
    found, other = (fit(bench, arch_of(MLP, corners), recipe, seed=0) for _ in range(2))
    assert found.curves["val_acc"][-1] > 0.9
    assert 3.9 < found.privacy["epsilon"] <= 4
    assert found.privacy["delta"] == 1e-4
    assert fit(bench, arch_of(MLP, corners), recipe, seed=0, epochs=1).privacy["epsilon"] < 2.5
    assert found.network.mean.tolist() == [0, 0]
    assert found.network.std.tolist() == pytest.approx([4 / 12**0.5] * 2)
    assert not torch.equal(weights_of(found), weights_of(other)), "its noise follows from no seed"
    seeded = replace(recipe, epochs=2, privacy=Privacy(4.0, 1e-4, "seeded"))
    again = [weights_of(fit(bench, arch_of(MLP, corners), seeded, seed=seed)) for seed in (0, 0, 1)]
    assert torch.equal(again[0], again[1])
    assert not torch.equal(again[0], again[2])
    assert not fit(bench, arch_of(MLP, corners), Recipe(epochs=1), seed=0).privacy


@pytest.mark.parametrize("settings", [{"augment": Augment(noise=0.1)}, {"swa": 0.5}, {"patience": 1}], ids=str)
def test_batches_may_have_no_samples(settings: dict[str, Any], corners: Dataset) -> None:
    recipe = Recipe(epochs=2, batch_size=1, privacy=Privacy(50.0, 1e-4), **settings)
    view = Workbench(corners, device="cpu").view(samples=20)
    assert fit(view, arch_of(MLP, corners), recipe, seed=0).privacy["epsilon"] > 1
