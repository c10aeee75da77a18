"""Packed masks of spectrograms are what each copy would draw alone."""

import pytest
import torch

from nas.ops.spectrogram_modules import SpectrogramMasks
from nas.training.packed.masks import PackedSpectrogramMasks
from nas.training.packed.values import as_map

MASKS = SpectrogramMasks(3, 2, 2)


@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
def test_masks_are_those_of_the_single_network(order: torch.memory_format) -> None:
    images = torch.randn(2, 9, 4, 6, 8)
    packed = as_map(images.transpose(0, 1)).contiguous(memory_format=order)
    found = PackedSpectrogramMasks(MASKS, [torch.Generator().manual_seed(seed) for seed in (1, 2)])(packed)
    assert found.is_contiguous(memory_format=order)
    for copy, seed in enumerate((1, 2)):
        torch.manual_seed(seed)
        assert torch.equal(found[:, copy * 4 : copy * 4 + 4], MASKS(images[copy]))


def test_nothing_is_drawn_after_training() -> None:
    generators = [torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)]
    before = generators[0].get_state()
    x = torch.randn(3, 2, 6, 8)
    assert PackedSpectrogramMasks(SpectrogramMasks(3, 2), generators).eval()(x) is x
    assert PackedSpectrogramMasks(SpectrogramMasks(0, 0), generators)(x) is x
    assert torch.equal(generators[0].get_state(), before)
