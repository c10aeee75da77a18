"""The gradients of single samples, held against those of autograd."""

import pytest
import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from nas.model import Network
from nas.ops import OPS, Shape
from nas.space import parse_space
from nas.training import Recipe
from nas.training.drop_path import drop_branches
from nas.training.losses import make_loss
from nas.training.private.gradients import SampleGradients
from nas.training.private.suited import tying
from nas.training.workbench import Workbench
from tests.model.layers import ARGUMENTS
from tests.training.packed.copies import SAMPLES, flat_of

INPUTS: tuple[Shape, ...] = ((8,), (8, 10), (8, 5, 10))


def _inputs(network: Network) -> Tensor:
    generator = torch.Generator().manual_seed(9)
    shape = (SAMPLES, *network.arch.input)
    if network.arch.tokens is not None:
        return torch.randint(0, network.arch.tokens, shape, generator=generator)
    return torch.randn(shape, generator=generator)


@pytest.mark.parametrize("name", OPS)
def test_every_op_has_the_gradients_of_single_samples_or_is_refused(name: str, bench: Workbench) -> None:
    """The layers that are refused are those in whose training a sample changes the outputs of another."""
    loss, targets = make_loss(bench.task, Recipe()), torch.arange(SAMPLES) % 3
    for arguments in ARGUMENTS.get(name, [{}]):
        for arch in filter(None, (flat_of(input, OPS[name](**arguments)) for input in INPUTS)):
            torch.manual_seed(0)
            network = Network(arch)
            inputs = _inputs(network)
            tied = any(isinstance(one, _BatchNorm) for one in network.modules())
            assert list(tying(arch)) == [name] * tied
            if tied:
                continue
            each = SampleGradients(bench, network.train(), loss)
            each(inputs, targets)  # with all that is random
            network.eval()
            gradients, losses = each(inputs, targets)
            for place in (0, SAMPLES - 1):
                one = slice(place, place + 1)
                value = loss(network(inputs)[one], targets[one])
                torch.testing.assert_close(losses[place], value.detach())
                parameters = list(network.parameters())
                wanted = torch.autograd.grad([value], parameters, allow_unused=True, materialize_grads=True)
                for found, expected in zip(gradients, wanted, strict=True):
                    torch.testing.assert_close(found[place], expected, rtol=1e-4, atol=1e-5)


def test_each_sample_has_branches_of_its_own(bench: Workbench) -> None:
    """Stochastic depth leaves a branch out for some samples, whose gradients are 0 there."""
    arch = parse_space("layers: [{residual: [{linear: {units: 8}}]}, {linear: {units: 4}}]", input=(8,)).rebuild({})
    torch.manual_seed(0)
    network = Network(arch).train()
    drop_branches(network, 0.5)
    targets = torch.arange(40) % 4
    gradients, _ = SampleGradients(bench, network, make_loss(bench.task, Recipe()))(torch.randn(40, 8), targets)
    idle = next(one for one in gradients if one.shape[1:] == (8, 8)).flatten(1).abs().amax(dim=1) == 0
    assert 10 < idle.sum() < 30
