"""Packed dropout draws what each copy would draw alone."""

import pytest
import torch
from torch import Tensor, nn

from nas.training.packed.dropout import PackedDropout
from nas.training.packed.values import as_map

DROPOUTS = [nn.Dropout(0.3), nn.Dropout(0.3)]


def _alone(x: Tensor, seed: int) -> Tensor:
    torch.manual_seed(seed)
    dropped: Tensor = DROPOUTS[0](x)
    return dropped


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_masks_are_those_of_the_single_network(order: torch.memory_format) -> None:
    flat, images = torch.randn(2, 40, 7), torch.randn(2, 9, 8, 6, 5)
    packed = as_map(images.transpose(0, 1)).contiguous(memory_format=order)
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    found = PackedDropout(DROPOUTS, generators, maps=True)(packed)
    for copy, seed in enumerate((1, 2)):
        expected = _alone(images[copy].contiguous(memory_format=order), seed)
        assert torch.equal(found[:, copy * 8 : copy * 8 + 8], expected)
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    found = PackedDropout(DROPOUTS, generators, maps=False)(flat)
    assert all(torch.equal(found[copy], _alone(flat[copy], seed)) for copy, seed in enumerate((1, 2)))


def test_nothing_is_drawn_after_training() -> None:
    generators = [torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)]
    before = generators[0].get_state()
    x = torch.randn(2, 3, 4)
    assert PackedDropout(DROPOUTS, generators, maps=False).eval()(x) is x
    assert PackedDropout([nn.Dropout(0.0)] * 2, generators, maps=False)(x) is x
    assert torch.equal(generators[0].get_state(), before)
