"""Mirrored and shifted images, and shifted sequences. Values are moved and not computed, so that uint8 stays uint8."""

import torch
from torch import Generator, Tensor

from nas.data.augmentation.draws import chosen, for_each


def flip(batch: Tensor, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each mirrored from left to right with probability 1/2."""
    return torch.where(for_each(chosen(batch, 0.5, generator), batch), batch.flip(-1), batch)


def shift(batch: Tensor, most: int, generator: Generator) -> Tensor:
    """Samples `(N, C, L)` or `(N, C, H, W)`, each shifted along every axis by up to `most` places; zeros come in."""
    for axis in range(2, batch.ndim):
        batch = _shifted(batch, axis, most, generator)
    return batch


def _shifted(batch: Tensor, axis: int, most: int, generator: Generator) -> Tensor:
    size = batch.shape[axis]
    moves = torch.randint(-most, most + 1, (len(batch), 1), device=batch.device, generator=generator)
    source = torch.arange(size, device=batch.device) + moves  # (N, size): where each pixel comes from
    shape = [len(batch), *[1] * (batch.ndim - 1)]
    shape[axis] = size
    inside = ((source >= 0) & (source < size)).view(shape)
    index = source.clamp(0, size - 1).view(shape).expand_as(batch)
    return batch.gather(axis, index) * inside
