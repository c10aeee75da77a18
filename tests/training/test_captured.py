"""Steps that are captured and replayed are the steps that they replace; where capture is refused, those are taken."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nas.data import Augment, Dataset, load_data
from nas.errors import DeviceWarning
from nas.space import Architecture
from nas.training import Recipe, captured, graphs
from nas.training.captured import FEWEST, WARM_UP, Captured
from nas.training.loop import Training
from nas.training.seeding import seeded
from nas.training.workbench import Workbench
from tests.training import recorded
from tests.training.networks import Probe, arch_of

CNN = "{conv: {width: 3}}, batch_norm, relu, {dropout: {p: 0.2}}, flatten, layer_norm, {linear: {units: outputs}}"
Fitted = tuple[dict[str, list[float]], dict[str, Tensor]]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    whole = load_data("digits")
    return Dataset("few", type(whole.train)(*(part[:90] for part in whole.train)), whole.val, None, whole.task)


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Graphs on the CPU; the list says when something was watched, captured and replayed."""
    seen: list[str] = []

    def unsuited(compute: Callable[[], None]) -> str:
        seen.append("watch")
        compute()
        return ""

    def capture(compute: Callable[[], None]) -> Callable[[], None]:
        seen.append("capture")
        replay = recorded.capture(compute)

        def note() -> None:
            seen.append("replay")
            replay()

        return note

    monkeypatch.setattr(graphs, "unsuited", unsuited)
    monkeypatch.setattr(graphs, "capture", capture)
    return seen


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    captured.told.clear()
    yield
    captured.told.clear()


def _fitted(data: Dataset, arch: Architecture, recipe: Recipe, *, steps: int, precision: Any = "float32") -> Fitted:
    """A training on the CPU as on CUDA; with fewer than `FEWEST` steps, nothing is captured."""
    bench = Workbench(data, device="cpu", precision=precision)
    with seeded(5, bench.device):
        training = Training(bench, bench.build(arch), recipe, seed=5)
        size = min(recipe.batch_size, bench.samples)
        training.take = Captured(training.step, size=size, steps=steps)
        for _ in range(recipe.epochs):
            training.advance()
        return training.curves, training.network.state_dict()


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_replays_are_the_steps_themselves(digits: Dataset, captures: list[str], optimizer: Any, precision: str) -> None:
    """Bit for bit: with dropout, running means, a schedule, a penalty, clipping, augmentation, a last smaller batch."""
    loss: dict[str, Any] = {"loss": "focal", "class_weights": "balanced"} if optimizer == "sgd" else {}
    recipe = Recipe(epochs=4, batch_size=40, optimizer=optimizer, l1=1e-4, lr=0.01, augment=Augment(shift=1), **loss)
    arch = arch_of(CNN, digits)
    plain, weights = _fitted(digits, arch, recipe, steps=FEWEST - 1, precision=precision)
    assert captures == []
    again, others = _fitted(digits, arch, recipe, steps=FEWEST, precision=precision)
    assert captures == ["watch", "capture", *["replay"] * (8 - WARM_UP)]
    assert again == plain
    for name, tensor in weights.items():
        assert torch.equal(tensor, others[name]), name
    assert plain["train_loss"][-1] < plain["train_loss"][0]


def test_mixed_samples_are_replayed(digits: Dataset, captures: list[str]) -> None:
    """With the targets and shares of each batch, not those of the one that was captured."""
    recipe = Recipe(epochs=4, batch_size=40, augment=Augment(rotate=10, mixup=1.0, cutmix=1.0))
    arch = arch_of("flatten, {linear: {units: outputs}}", digits)
    plain, again = (_fitted(digits, arch, recipe, steps=steps) for steps in (FEWEST - 1, FEWEST))
    assert captures.count("replay") == 8 - WARM_UP
    assert again[0] == plain[0]
    assert all(torch.equal(again[1][name], tensor) for name, tensor in plain[1].items())


def test_what_a_network_asks_for_is_replayed(digits: Dataset, captures: list[str]) -> None:
    """With other samples in each step: they are changed before they are copied to those of the capture."""
    recipe = Recipe(epochs=4, batch_size=40)
    layers = "flatten, {linear: {units: outputs}}"
    arch = arch_of(f"{{augment: {{policy: trivial_augment, mixup: 1}}}}, {layers}", digits)
    plain, again = (_fitted(digits, arch, recipe, steps=steps) for steps in (FEWEST - 1, FEWEST))
    assert captures.count("replay") == 8 - WARM_UP
    assert again[0] == plain[0] != _fitted(digits, arch_of(layers, digits), recipe, steps=FEWEST - 1)[0]
    assert all(torch.equal(again[1][name], tensor) for name, tensor in plain[1].items())


def _refused(linear: nn.Linear, x: Tensor) -> Tensor:
    return x if x.sum().item() > -1e9 else -x


@pytest.mark.parametrize("watched", [True, False])
def test_where_capture_is_refused(
    corners: Dataset, captures: list[str], monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    """Whether that is seen in a step that is watched, or only when it is captured: the result is the same."""

    def unsuited(compute: Callable[[], None]) -> str:
        compute()
        return "it waits for the device"

    if watched:
        monkeypatch.setattr(graphs, "unsuited", unsuited)
    arch, recipe = Probe(_refused).arch, Recipe(epochs=4, batch_size=50)
    plain = _fitted(corners, arch, recipe, steps=1)
    reason = "it waits for the device" if watched else recorded.REFUSAL
    message = rf"^a training step is not captured as a CUDA graph: {reason}\. Its steps run one by one, with the same"
    with pytest.warns(DeviceWarning, match=message) as caught:
        results = [_fitted(corners, arch, recipe, steps=FEWEST) for _ in range(2)]
    assert len(caught) == 1, "it is said once"
    assert "replay" not in captures
    for curves, weights in results:
        assert curves == plain[0]
        assert all(torch.equal(tensor, plain[1][name]) for name, tensor in weights.items())
