"""Augmentation of whole batches, on their device."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict

from nas.arguments import NotNegative, checked

if TYPE_CHECKING:
    import torch


@checked
@dataclass(frozen=True)
class Augment:
    """Random changes of training samples. By default there are none.

    Attributes:
        shift: maximal shift in pixels, in both directions of each axis, with zero padding.
        flip: whether images are mirrored horizontally, with probability 1/2.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    shift: NotNegative = 0
    flip: bool = False

    def __call__(self, batch: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
        """Augments each sample of a batch `(N, C, L)` or `(N, C, H, W)` independently; flat samples are unchanged."""
        import torch

        if batch.ndim < 3:
            return batch
        if self.flip and batch.ndim == 4:
            mirrored = torch.rand(len(batch), device=batch.device, generator=generator) < 0.5
            batch = torch.where(mirrored[:, None, None, None], batch.flip(-1), batch)
        if self.shift:
            for axis in range(2, batch.ndim):
                batch = _shift(batch, axis, self.shift, generator)
        return batch


def _shift(batch: "torch.Tensor", axis: int, most: int, generator: "torch.Generator") -> "torch.Tensor":
    """Shifts each sample along an axis by a random number of pixels in [-most, most]."""
    import torch

    size = batch.shape[axis]
    moves = torch.randint(-most, most + 1, (len(batch), 1), device=batch.device, generator=generator)
    source = torch.arange(size, device=batch.device) + moves  # (N, size): where each pixel comes from
    shape = [len(batch), *[1] * (batch.ndim - 1)]
    shape[axis] = size
    inside = ((source >= 0) & (source < size)).view(shape)
    index = source.clamp(0, size - 1).view(shape).expand_as(batch)
    return batch.gather(axis, index) * inside
