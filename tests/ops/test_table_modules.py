"""Vectors of the categories of tables."""

import torch

from nas.ops.table_modules import CategoryEmbedding


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
