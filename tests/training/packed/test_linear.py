"""Packed linear layers."""

import pytest
import torch
from torch import nn

from nas.training.packed.linear import PackedLinear


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("between", [(), (4,), (2, 3)])
def test_each_copy_has_its_weights(bias: bool, between: tuple[int, ...]) -> None:
    layers = [nn.Linear(5, 7, bias=bias) for _ in range(3)]
    x = torch.randn(3, 6, *between, 5)
    expected = torch.stack([layer(part) for layer, part in zip(layers, x, strict=True)])
    torch.testing.assert_close(PackedLinear(layers)(x), expected)
