"""Vectors of the categories and of the numbers of tables."""

import math
from statistics import NormalDist

import torch

from nas.ops.table_modules import (
    CategoryEmbedding,
    ColumnLinear,
    NumberEmbedding,
    PeriodicEncoding,
    PiecewiseEncoding,
)


def test_codes_become_vectors_of_their_own_column_and_numbers_stay() -> None:
    module = CategoryEmbedding((3, 2), width=4)
    x = torch.tensor([[0.5, 2, 1], [-1.5, 0, 0]])
    y = module(x)
    assert y.shape == (2, 1 + 2 * 4)
    assert torch.equal(y[:, 0], x[:, 0])
    assert torch.equal(y[0, 1:5], module.table.weight[2])
    assert torch.equal(y[0, 5:], module.table.weight[3 + 1])
    assert not y[1, 1:].any(), "the vectors of code 0 begin at 0"


def test_a_code_that_a_column_does_not_have_counts_as_0() -> None:
    module = CategoryEmbedding((3, 2), width=4)
    unknown, missing = module(torch.tensor([[0.0, 3, -1], [0.0, 0, 0]]))
    assert torch.equal(unknown, missing)


def test_numbers_reach_through_bins_of_equal_probability() -> None:
    normal = NormalDist()
    x = torch.tensor([[-9.0, normal.inv_cdf(0.1), normal.inv_cdf(0.6), 9.0]])
    found = PiecewiseEncoding(4)(x)
    assert found.shape == (1, 4, 4)
    expected = [[0, 0, 0, 0], [0.4, 0, 0, 0], [1, 1, 0.4, 0], [1, 1, 1, 1]]
    torch.testing.assert_close(found[0], torch.tensor(expected), atol=1e-6, rtol=0)


def test_frequencies_are_those_of_the_column() -> None:
    encoding = PeriodicEncoding(2, 3, 1.0)
    with torch.no_grad():
        encoding.frequencies[:] = torch.tensor([0.25, 0.5, 1, 0, 0, 1 / 12])
    found = encoding(torch.tensor([[1.0, 2.0]]))
    expected = [[1, 0, 0, 0, -1, 1], [0, 0, math.sin(math.pi / 3), 1, 1, 0.5]]  # sines, then cosines
    torch.testing.assert_close(found[0], torch.tensor(expected), atol=1e-6, rtol=0)


def test_each_column_has_its_linear_layer() -> None:
    layer = ColumnLinear(3, 4, 5)
    x = torch.randn(7, 3, 4)
    bias = layer.bias.view(3, 5)
    expected = torch.stack([x[:, place] @ layer.weight[place] + bias[place] for place in range(3)], dim=1)
    torch.testing.assert_close(layer(x), expected)
    assert all(bool((one.abs() <= 0.5).all()) for one in layer.parameters())  # 1 / √4, as of torch


def test_numbers_become_vectors_and_codes_stay() -> None:
    module = NumberEmbedding(PeriodicEncoding(2, 3, 1.0), ColumnLinear(2, 6, 5))
    rows = torch.randn(4, 3)
    found = module(rows)
    assert torch.equal(found[:, 10:], rows[:, 2:])
    vectors = module.linear(module.encoding(rows[:, :2])).relu()
    assert torch.equal(found[:, :10], vectors.flatten(1))
