"""Packed norms: running statistics, and what is refused. That they compute the same is tested for all ops."""

import pytest
import torch
from torch import nn

from nas.training.packed import norms


@pytest.mark.parametrize("flat", [True, False])
def test_running_statistics_are_those_of_each_copy(flat: bool) -> None:
    layers = [nn.BatchNorm1d(4), nn.BatchNorm1d(4)]
    packed = norms.PackedBatchNorm(layers, flat=flat)
    for step in range(3):
        x = torch.randn(2, 6, 4, 5, generator=torch.Generator().manual_seed(step)) * torch.tensor([1.0, 9.0]).view(
            -1, 1, 1, 1
        )
        if flat:
            x = x[..., 0]
        packed(x if flat else x.transpose(0, 1).flatten(1, 2))
        for layer, part in zip(layers, x, strict=True):
            layer(part)
    for copy, layer in enumerate(layers):
        assert layer.running_var is not None
        torch.testing.assert_close(packed.running_var[copy], layer.running_var)
        assert packed.num_batches_tracked[copy] == 3
    before = packed.running_mean.clone()
    packed.eval()(x if flat else x.transpose(0, 1).flatten(1, 2))
    assert torch.equal(packed.running_mean, before)


def test_refusals() -> None:
    for layer in (nn.BatchNorm2d(2, affine=False), nn.BatchNorm2d(2, track_running_stats=False)):
        assert norms.refuses_batch_norm(layer) == "is not affine, or has no running statistics with a momentum"
    assert norms.refuses_batch_norm(nn.BatchNorm1d(2, momentum=None))
    assert norms.refuses_layer_norm(nn.LayerNorm(2, elementwise_affine=False)) == "is not affine"
    assert norms.refuses_group_norm(nn.GroupNorm(1, 2, affine=False)) == "is not affine"
    plain = norms.refuses_batch_norm(nn.BatchNorm1d(2)), norms.refuses_layer_norm(nn.LayerNorm(2))
    assert (*plain, norms.refuses_group_norm(nn.GroupNorm(1, 2))) == ("", "", "")
