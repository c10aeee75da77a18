"""What holds for every kind of distillation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.distillation import KINDS
from nas.distillation.kind import Kind
from nas.settings.docstrings import entries
from nas.training import Checkpoints, graphs
from nas.training.batch import Batch
from nas.training.captured import FEWEST, Captured
from nas.training.fit import fit
from nas.training.loop import Training
from nas.training.losses import make_loss
from nas.training.seeding import seeded
from nas.training.teaching import Teaching
from tests.distillation.lessons import IMAGES, SEQUENCES, Pair, same, teacher_of
from tests.training import recorded

SEQUENTIAL = {"memory"}
"""The kinds that take recurrent networks."""


def _pair(name: str) -> Pair:
    return SEQUENCES if name in SEQUENTIAL else IMAGES


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def kind(name: str) -> Kind:
    return KINDS[name]()


@pytest.fixture
def pair(name: str) -> Pair:
    return _pair(name)


def test_it_is_explained(name: str, kind: Kind) -> None:
    """Its file names the paper; its settings are described."""
    module = __import__(type(kind).__module__, fromlist=[name])
    assert module.__doc__ is not None
    assert any(f"({year})" in module.__doc__ or f" {year})" in module.__doc__ for year in range(2006, 2027))
    assert set(vars(kind)) <= set(entries(type(kind)))
    assert kind.name == name


def test_without_weight_a_training_is_a_plain_one(kind: Kind, pair: Pair) -> None:
    unweighted = replace(kind, weight=0.0)
    assert same(pair.plain, pair.taught(unweighted))
    assert same(pair.plain, pair.taught(unweighted, unlabelled=pair.data.val.inputs, view="plain"))


def test_the_student_learns_and_the_teacher_stays(kind: Kind, pair: Pair) -> None:
    """Weights of the student are other ones, of the same names: nothing that is trained beside it is left in it."""
    teacher = teacher_of(pair)
    before = {name: tensor.clone() for name, tensor in teacher.state_dict().items()}
    state = torch.get_rng_state()
    fitted = pair.taught(kind)
    assert torch.equal(torch.get_rng_state(), state)
    assert fitted.network.state_dict().keys() == pair.plain.network.state_dict().keys()
    assert not same(fitted, pair.plain)
    assert all(torch.equal(before[name], tensor) for name, tensor in teacher.state_dict().items())
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert not teacher.training
    assert all(np.isfinite(curve).all() for curve in fitted.curves.values())


def test_a_training_is_repeated_and_resumed_bit_for_bit(kind: Kind, pair: Pair, tmp_path: Path) -> None:
    recipe = pair.recipe(kind, epochs=3, unlabelled=None if kind.labelled else pair.data.val.inputs)
    whole = fit(pair.bench, pair.arch, recipe, seed=3)
    checkpoints = Checkpoints(tmp_path)
    for epochs in (1, 2):
        fit(pair.bench, pair.arch, recipe, seed=3, epochs=epochs, checkpoints=checkpoints)
    resumed = fit(pair.bench, pair.arch, recipe, seed=3, checkpoints=checkpoints)
    assert same(whole, resumed)
    assert whole.curves == resumed.curves


def test_answers_that_are_kept_are_those_of_each_step(kind: Kind, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within rounding: batches of another size are computed in another order."""
    kept = pair.taught(kind)
    monkeypatch.setattr("nas.training.taught.KEPT", 0)
    monkeypatch.setattr(pair.bench, "answered", {})
    computed = pair.taught(kind)
    for first, second in zip(kept.network.parameters(), computed.network.parameters(), strict=True):
        torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("size", [0.0, 20.0])
def test_losses_are_finite_in_half_precision(kind: Kind, pair: Pair, size: float) -> None:
    """Of features and outputs that float16 holds: all 0, and as large as they may become."""
    recipe = pair.recipe(kind)
    network = pair.bench.build(pair.arch)
    teaching = Teaching(pair.bench, network, recipe, seed=0)
    inputs, targets = (part[:16] for part in pair.bench.train)
    loss = make_loss(pair.data.task, recipe)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(size)

    def forward(given: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = network(given)
        return outputs.clamp(-65504, 65504).half()

    found = teaching(forward, loss, Batch(inputs, targets, torch.arange(16)), 0.5)
    assert torch.isfinite(found)
    torch.autograd.backward([found])
    for parameter in network.parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all()


def test_its_steps_are_replayed_as_a_graph(kind: Kind, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """On CUDA, a step is captured once: its Python code is not run again, and nothing of it is copied to the host.

    Students are not recurrent: such layers transpose tensors in place on the CPU, which a recording cannot replay.
    """
    if "gru" in pair.student:
        pair = replace(pair, student=pair.student.replace("{gru: {units: 4, output: last}}", "global_avg_pool"))
    monkeypatch.setattr(graphs, "unsuited", lambda compute: compute() or "")
    monkeypatch.setattr(graphs, "capture", recorded.capture)
    recipe = pair.recipe(kind, epochs=2)
    found = []
    for steps in (FEWEST - 1, FEWEST):
        with seeded(0, pair.bench.device):
            training = Training(pair.bench, pair.bench.build(pair.arch), recipe, seed=0)
            training.take = Captured(training.step, size=16, steps=steps)
            found.append([training.advance() for _ in range(2)])
    assert found[0] == found[1]
