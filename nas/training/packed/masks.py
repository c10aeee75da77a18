"""Packed masks of spectrograms, which each copy draws from a generator of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nas.ops.spectrogram_modules import SpectrogramMasks
from nas.training.packed.values import as_map, by_copy


class PackedSpectrogramMasks(nn.Module):
    """K masks of spectrograms `(N, K·C, bands, frames)`. Each draws what the single network would draw from the same
    state of a generator.

    Args:
        masks: those of a copy.
        generators: of the copies, in their order.
    """

    def __init__(self, masks: SpectrogramMasks, generators: Sequence[torch.Generator]) -> None:
        super().__init__()
        self._masks, self._generators = masks, generators

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not (self._masks.time or self._masks.frequency):
            return x
        parts = by_copy(x, len(self._generators))
        kept = [
            self._masks.kept(part, generator) for part, generator in zip(parts.unbind(1), self._generators, strict=True)
        ]
        return as_map(parts * torch.stack(kept, dim=1))
