"""Packed layers that move or scale channels."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.ops import conv_modules
from nas.training.packed.values import as_map, by_copy, split, stacked


class PackedFlatten(nn.Module):
    """Maps `(N, K·C, ...)` to flat values `(K, N, F)`."""

    def __init__(self, copies: int) -> None:
        super().__init__()
        self._copies = copies

    def forward(self, x: Tensor) -> Tensor:
        return by_copy(x, self._copies).transpose(0, 1).flatten(2)


def refuses_flatten(module: nn.Flatten) -> str:
    """Why a flattening cannot be packed; empty if it can."""
    usual = module.start_dim in (1, 2) and module.end_dim == -1
    return "" if usual else f"flattens dimensions {module.start_dim} to {module.end_dim}"


class PackedChannelShuffle(nn.Module):
    """Interleaves the channels of the groups of each copy."""

    def __init__(self, modules: Sequence[nn.ChannelShuffle]) -> None:
        super().__init__()
        self._copies, self._groups = len(modules), modules[0].groups

    def forward(self, x: Tensor) -> Tensor:
        return split(x, 1, self._copies, self._groups, -1).transpose(2, 3).flatten(1, 3)


class PackedTruncate(nn.Module):
    """The first channels of each copy."""

    def __init__(self, modules: Sequence[conv_modules.Truncate], *, flat: bool) -> None:
        super().__init__()
        self._copies, self._width, self._flat = len(modules), modules[0].width, flat

    def forward(self, x: Tensor) -> Tensor:
        return x[..., : self._width] if self._flat else as_map(by_copy(x, self._copies)[:, :, : self._width])


class PackedLayerScale(nn.Module):
    """Each channel of a map times the factor of its copy."""

    scale: Tensor

    def __init__(self, modules: Sequence[conv_modules.LayerScale]) -> None:
        super().__init__()
        self.scale = stacked(modules, "scale")  # type: ignore[assignment]

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale.reshape(-1, *[1] * (x.dim() - 2))


class PackedTwoPhases(nn.Module):
    """The channels of `even`, then those of `odd`, for each copy; see `TwoPhases`."""

    def __init__(self, even: nn.Module, odd: nn.Module, *, copies: int) -> None:
        super().__init__()
        self._copies = copies
        self.even, self.odd = even, odd

    def forward(self, x: Tensor) -> Tensor:
        moved = F.pad(x, (-1, 1) * (x.dim() - 2))
        return concatenated([self.even(x), self.odd(moved)], self._copies)


def concatenated(maps: Sequence[Tensor], copies: int) -> Tensor:
    """The channels of several maps, for each copy one after the other."""
    return as_map(torch.cat([by_copy(one, copies) for one in maps], dim=2))
