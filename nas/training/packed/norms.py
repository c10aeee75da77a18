"""Packed norms."""

from collections.abc import Sequence

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from nas.training.packed.values import as_map, by_copy, map_of, over_rows, rows_of, stacked, stacked_buffer


class PackedBatchNorm(nn.Module):
    """K batch norms of C channels as one of K·C channels."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, modules: Sequence[nn.BatchNorm1d] | Sequence[nn.BatchNorm2d], *, flat: bool) -> None:
        super().__init__()
        self.weight, self.bias = stacked(modules, "weight"), stacked(modules, "bias")  # type: ignore[assignment]
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, stacked_buffer(modules, name))
        self._flat, self._eps, self._momentum = flat, modules[0].eps, modules[0].momentum

    def forward(self, x: Tensor) -> Tensor:
        if self._flat:
            y = self._normalised(x.transpose(0, 1).flatten(1))
            return by_copy(y, len(self.weight)).transpose(0, 1)
        return self._normalised(x)

    def _normalised(self, x: Tensor) -> Tensor:
        if self.training:
            self.num_batches_tracked.add_(1)
        return F.batch_norm(
            x,
            self.running_mean.view(-1),
            self.running_var.view(-1),
            self.weight.view(-1),
            self.bias.view(-1),
            training=self.training,
            momentum=self._momentum or 0.0,
            eps=self._eps,
        )


def refuses_batch_norm(module: nn.BatchNorm1d | nn.BatchNorm2d) -> str:
    """Why a batch norm cannot be packed; empty if it can."""
    plain = module.affine and module.track_running_stats and module.momentum is not None
    return "" if plain else "is not affine, or has no running statistics with a momentum"


class PackedLayerNorm(nn.Module):
    """K layer norms: over the last dimension of rows or flat values, or over whole maps `(C, ...)`."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, modules: Sequence[nn.LayerNorm]) -> None:
        super().__init__()
        self.weight, self.bias = stacked(modules, "weight"), stacked(modules, "bias")  # type: ignore[assignment]
        self._shape, self._eps = modules[0].normalized_shape, modules[0].eps

    def forward(self, x: Tensor) -> Tensor:
        if len(self._shape) == 1:
            return self._scaled(F.layer_norm(x, self._shape, eps=self._eps))
        y = F.layer_norm(by_copy(x, len(self.weight)), self._shape, eps=self._eps) * self.weight
        return as_map(y if self.bias is None else y + self.bias)

    def _scaled(self, rows: Tensor) -> Tensor:
        y = rows * over_rows(self.weight, rows)
        return y if self.bias is None else y + over_rows(self.bias, rows)


def refuses_layer_norm(module: nn.LayerNorm) -> str:
    """Why a layer norm cannot be packed; empty if it can."""
    return "" if module.elementwise_affine else "is not affine"


class PackedChannelNorm(PackedLayerNorm):
    """K layer norms of each position of a map over its channels."""

    def forward(self, x: Tensor) -> Tensor:
        return map_of(super().forward(rows_of(x, len(self.weight))))


class PackedGroupNorm(nn.Module):
    """K group norms with G groups each as one with K·G groups."""

    weight: Tensor
    bias: Tensor

    def __init__(self, modules: Sequence[nn.GroupNorm], *, flat: bool) -> None:
        super().__init__()
        self.weight, self.bias = stacked(modules, "weight"), stacked(modules, "bias")  # type: ignore[assignment]
        self._flat, self._groups, self._eps = flat, modules[0].num_groups, modules[0].eps

    def forward(self, x: Tensor) -> Tensor:
        if self._flat:
            y = F.group_norm(x.flatten(0, 1), self._groups, eps=self._eps).view(x.shape)
            return y * over_rows(self.weight, y) + over_rows(self.bias, y)
        groups = len(self.weight) * self._groups
        return F.group_norm(x, groups, self.weight.flatten(), self.bias.flatten(), self._eps)


def refuses_group_norm(module: nn.GroupNorm) -> str:
    """Why a group norm cannot be packed; empty if it can."""
    return "" if module.affine else "is not affine"
