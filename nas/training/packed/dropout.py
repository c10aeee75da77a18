"""Packed dropout, in which each copy draws from a generator of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nas.training.packed.values import as_map, by_copy


class PackedDropout(nn.Module):
    """K dropouts. Each draws the masks that the single network would draw from the same state of a generator.

    Args:
        modules: the dropouts.
        generators: of the copies, in their order.
        maps: whether values are maps `(N, K·C, ...)`, instead of flat values or rows `(K, N, ...)`.
    """

    def __init__(self, modules: Sequence[nn.Dropout], generators: Sequence[torch.Generator], *, maps: bool) -> None:
        super().__init__()
        self._generators, self._p, self._maps = generators, modules[0].p, maps

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self._p:
            return x
        parts = by_copy(x, len(self._generators)).unbind(1) if self._maps else x.unbind(0)
        masks = [self._mask(part, generator) for part, generator in zip(parts, self._generators, strict=True)]
        mask = as_map(torch.stack(masks, dim=1)) if self._maps else torch.stack(masks)
        return x * mask

    def _mask(self, part: Tensor, generator: torch.Generator) -> Tensor:
        """0, or 1 / (1 - p); drawn in the order of the values in memory, as in `torch.nn.functional.dropout`."""
        order = sorted(range(part.dim()), key=part.stride, reverse=True)
        mask = torch.empty_permuted(part.shape, order, dtype=part.dtype, device=part.device)
        return mask.bernoulli_(1 - self._p, generator=generator).div_(1 - self._p)
