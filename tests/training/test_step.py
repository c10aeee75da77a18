"""A step with a batch in parts is the step with the whole, but for what batch norm makes of it."""

from typing import Any

import pytest
import torch

from nas.data import Dataset
from nas.descent import Pace
from nas.training import Recipe
from nas.training.batch import Batch
from nas.training.seeding import seeded
from nas.training.step import Step, compiled
from nas.training.workbench import Workbench
from tests.training.networks import arch_of


def _after(bench: Workbench, layers: str, recipe: Recipe, parts: int) -> tuple[dict[str, torch.Tensor], float]:
    """The weights and the summed loss after three steps of 75 samples."""
    with seeded(0, bench.device):
        network = bench.build(arch_of(layers, bench.data)).train()
        step = Step(bench, network, recipe, parts=parts)
        for start in range(3):
            rows = torch.arange(start * 75, start * 75 + 75)
            inputs, targets = (tensor[rows] for tensor in bench.train)
            step(Batch(inputs, targets, rows), start / 3, Pace(0.05))
    return network.state_dict(), step.summed.item()


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize(
    "settings", [{"optimizer": "sgd"}, {"l1": 0.1, "clip_norm": None}, {"optimizer": "muon"}], ids=str
)
def test_gradients_are_accumulated(corners: Dataset, settings: dict[str, Any], precision: Any) -> None:
    bench = Workbench(corners, device="cpu", precision=precision)
    layers, recipe = "{linear: {units: 8}}, tanh, {linear: {units: outputs}}", Recipe(**settings)
    (whole, loss), (halves, halved) = (_after(bench, layers, recipe, parts) for parts in (1, 2))
    rtol = 1e-4 if precision == "float32" else 2e-2
    for name, tensor in whole.items():
        torch.testing.assert_close(halves[name], tensor, rtol=rtol, atol=0.1 * rtol)
    assert halved == pytest.approx(loss, rel=rtol)


def test_batch_norm_normalises_parts(bench: Workbench) -> None:
    layers = "{linear: {units: 8}}, batch_norm, {linear: {units: outputs}}"
    (whole, _), (halves, _) = (_after(bench, layers, Recipe(), parts) for parts in (1, 2))
    assert [each["batch_norm1.num_batches_tracked"].item() for each in (whole, halves)] == [3, 6]
    assert not torch.allclose(whole["batch_norm1.running_mean"], halves["batch_norm1.running_mean"])


@pytest.mark.parametrize(
    ("when", "device", "wanted"),
    [("never", "cuda", False), ("cuda", "cpu", False), ("cuda", "cuda", True), ("always", "cpu", True)],
)
def test_where_a_network_is_compiled(when: Any, device: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    network: Any = torch.nn.Identity()
    monkeypatch.setattr(torch, "compile", lambda module: ("compiled", module))
    expected = ("compiled", network) if wanted else network
    assert compiled(network, Recipe(compile=when), torch.device(device)) == expected


def test_steps_run_the_compiled_network(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def compiling(module: torch.nn.Module) -> Any:
        def run(x: torch.Tensor) -> torch.Tensor:
            calls.append(len(x))
            found: torch.Tensor = module(x)
            return found

        return run

    layers = "{linear: {units: outputs}}"
    plain = _after(bench, layers, Recipe(), 1)
    monkeypatch.setattr(torch, "compile", compiling)
    weights, loss = _after(bench, layers, Recipe(compile="always"), 1)
    assert calls == [75, 75, 75]
    assert loss == plain[1]
    assert all(map(torch.equal, weights.values(), plain[0].values()))
