"""Features of two networks in one shape, in float32 also within autocast."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn
from torch.nn import functional

_POOLS: tuple[Callable[..., Tensor], ...] = (
    functional.adaptive_avg_pool1d,
    functional.adaptive_avg_pool2d,
    functional.adaptive_avg_pool3d,
)


def in_float32(tensor: Tensor) -> AbstractContextManager[object]:
    """A context without autocast on the device of a tensor."""
    return torch.autocast(tensor.device.type, enabled=False)


class Projection(nn.Module):
    """A linear map of the channels `(N, C, ...)`, the same at each position, as by a convolution of the size 1."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(channels, width)

    def forward(self, features: Tensor) -> Tensor:
        """`(N, width, ...)`."""
        with in_float32(features):
            found: Tensor = self.linear(features.movedim(1, -1)).movedim(-1, 1)
        return found


def projections(student: Sequence[int], teacher: Sequence[int]) -> nn.ModuleList:
    """A map for each pair of features from the student's number of channels to the teacher's; none where they agree."""
    pairs = zip(student, teacher, strict=True)
    return nn.ModuleList(nn.Identity() if own == theirs else Projection(own, theirs) for own, theirs in pairs)


def of_one_size(own: Tensor, theirs: Tensor) -> tuple[Tensor, Tensor]:
    """Two features `(N, C, *sizes)` with the smaller size of both in each dimension, by means over adjacent positions
    (adaptive average pooling)."""
    sizes = tuple(map(min, own.shape[2:], theirs.shape[2:]))
    return _pooled(own, sizes), _pooled(theirs, sizes)


def _pooled(features: Tensor, sizes: tuple[int, ...]) -> Tensor:
    if tuple(features.shape[2:]) == sizes:
        return features
    return _POOLS[len(sizes) - 1](features, list(sizes))
