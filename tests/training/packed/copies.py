"""Networks of one architecture, and what their packed network is held against."""

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor

from nas.errors import ShapeError
from nas.model import Network
from nas.ops import Flatten, Linear, Op, Shape
from nas.space import Architecture
from nas.training.packed.network import PackedNetwork
from tests.model.layers import chain

COPIES, SAMPLES = 3, 5


def flat_of(input: Shape, *ops: Op) -> Architecture | None:
    """Ops one after another, and a linear layer; None: they do not fit the input."""
    try:
        return chain(input, *ops, Flatten(), Linear(3))
    except ShapeError:
        return None


def networks_of(arch: Architecture, *, dtype: torch.dtype = torch.float64) -> list[Network]:
    """Copies from different seeds, with different moments of their inputs."""
    found = []
    for copy in range(COPIES):
        torch.manual_seed(copy)
        moments = (arch.input[0], *[1] * (len(arch.input) - 1))
        found.append(Network(arch, mean=np.full(moments, 0.25 * copy), std=np.full(moments, 1.0 + copy)).to(dtype))
    return found


def inputs_of(arch: Architecture, *, dtype: torch.dtype = torch.float64) -> Tensor:
    """Samples of all copies, `(N, K, *shape)`."""
    generator = torch.Generator().manual_seed(9)
    shape = (SAMPLES, COPIES, *arch.input)
    if arch.tokens is not None:
        return torch.randint(0, arch.tokens, shape, generator=generator).to(dtype)
    return torch.randn(shape, generator=generator, dtype=dtype)


def pack(networks: Sequence[Network]) -> PackedNetwork:
    return PackedNetwork(networks, [torch.Generator().manual_seed(100 + copy) for copy in range(len(networks))])


def assert_alike(networks: Sequence[Network], *, tolerance: float = 1e-9) -> None:
    """Outputs, gradients and running statistics, while training and after it, of a packed network and of its copies."""
    arch = networks[0].arch
    x = inputs_of(arch, dtype=networks[0].mean.dtype)
    packed = pack(networks)
    for training in (True, False):
        packed.train(training)
        outputs = []
        for copy, network in enumerate(networks):
            torch.manual_seed(100 + copy)
            outputs.append(network.train(training)(x[:, copy]))
        expected = torch.stack(outputs)
        found = packed(x)
        assert found.shape == (COPIES, SAMPLES, *arch.output)
        torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)
        factors = torch.linspace(-1, 1, prod(found.shape), dtype=found.dtype).view(found.shape)
        torch.autograd.backward([(found * factors).sum(), (expected * factors).sum()])
    own = dict(packed.named_parameters())
    assert list(own) == [name for name, _ in networks[0].named_parameters()]
    assert set(packed.state_dict()) == set(networks[0].state_dict()), "what unpack gives back"
    buffers = dict(packed.named_buffers())
    for copy, network in enumerate(networks):
        for name, parameter in network.named_parameters():
            gradient, wanted = own[name].grad, parameter.grad
            if gradient is None or wanted is None:
                assert gradient is wanted or not (gradient if wanted is None else wanted).any()  # type: ignore[union-attr]
                continue
            torch.testing.assert_close(gradient[copy], wanted, rtol=tolerance, atol=tolerance)
        stored = network.state_dict()
        for name, buffer in ((name, buffer) for name, buffer in network.named_buffers() if name in stored):
            torch.testing.assert_close(buffers[name][copy], buffer, rtol=tolerance, atol=tolerance)
