"""Layouts of packed values."""

import torch
from torch import nn

from nas.training.packed.values import (
    as_map,
    by_copy,
    joined,
    map_of,
    over_rows,
    rows_of,
    split,
    stacked,
    stacked_buffer,
)


def test_rows_and_maps() -> None:
    single = torch.randn(3, 5, 4, 2, 6)  # copies, samples, channels, sizes
    packed = as_map(single.transpose(0, 1))
    assert packed.shape == (5, 12, 2, 6)
    assert torch.equal(by_copy(packed, 3)[:, 1], single[1])
    rows = rows_of(packed, 3)
    assert torch.equal(rows, single.movedim(2, -1))
    assert torch.equal(map_of(rows), packed)


def test_an_axis_is_split() -> None:
    x = torch.arange(24).view(2, 12)
    assert torch.equal(split(x, 1, 3, -1), x.view(2, 3, 4))
    assert torch.equal(split(x, 0, 1, 2), x[None])


def test_parameters_apply_to_their_copy() -> None:
    parameter = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert torch.equal((torch.ones(2, 5, 7, 2) * over_rows(parameter, torch.ones(2, 5, 7, 2)))[1, 4, 6], parameter[1])


def test_parameters_and_buffers_are_stacked() -> None:
    norms = [nn.BatchNorm1d(2), nn.BatchNorm1d(2)]
    norms[1].running_mean = torch.tensor([5.0, 6.0])
    assert stacked_buffer(norms, "running_mean").tolist() == [[0, 0], [5, 6]]
    assert stacked([nn.Linear(2, 2, bias=False)] * 2, "bias") is None
    weights = stacked([nn.Linear(2, 3), nn.Linear(2, 3)], "weight")
    assert weights is not None
    assert weights.shape == (2, 3, 2)
    assert weights.requires_grad


def test_values_are_joined_into_a_parameter() -> None:
    found = joined([torch.ones(2), torch.zeros(2)])
    assert found.tolist() == [[1, 1], [0, 0]]
    assert found.requires_grad
