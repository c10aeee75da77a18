"""Vectors of categories: worked examples, values, and what is refused."""

import numpy as np
import pytest
import torch
from torch import nn

from nas.errors import ArgumentError, ShapeError
from nas.ops import Cost, EmbedCategories, Flatten, Linear
from nas.ops.table_modules import CategoryEmbedding
from tests.model.layers import chain

OP = EmbedCategories((3, 4), width=2)


def test_by_hand() -> None:
    assert OP.shape((5,)) == (3 + 2 * 2,)
    assert OP.cost((5,)) == Cost((3 + 4) * 2, 0)
    assert OP.shape((2,)) == (4,)
    assert OP.text == "embed_categories(categories=[3,4], width=2)"
    assert EmbedCategories((9, 17, 8, 15, 7, 6, 3, 42)).shape((14,)) == (6 + 8 * 8,)  # Adult


def test_numbers_stay_and_each_code_has_a_vector_of_its_column() -> None:
    module = OP.module((4,))
    assert isinstance(module, CategoryEmbedding)
    with torch.no_grad():
        module.table.weight[:] = torch.arange(14.0).reshape(7, 2)
    found = module(torch.tensor([[0.5, -1.5, 2, 3], [7, 8, 0, 0]]))
    assert found.tolist() == [[0.5, -1.5, 4, 5, 12, 13], [7, 8, 0, 1, 6, 7]]


def test_a_code_that_a_column_does_not_have_counts_as_0() -> None:
    module = OP.module((2,))
    found = module(torch.tensor([[3.0, 4.0], [-1.0, 1e9], [0.0, 0.0]]))
    assert torch.equal(found[0], found[2])
    assert torch.equal(found[1], found[2])


def test_vectors_of_unseen_values_begin_at_0_and_are_trained() -> None:
    module = OP.module((2,))
    assert isinstance(module, CategoryEmbedding)
    assert (module.table.weight == 0).all(dim=1).nonzero().flatten().tolist() == [0, 3]
    module(torch.zeros(1, 2)).sum().backward()
    assert module.table.weight.grad is not None
    assert module.table.weight.grad[[0, 3]].tolist() == [[1, 1], [1, 1]]


def test_without_categories_it_is_the_identity() -> None:
    op = EmbedCategories(())
    assert op.is_identity((5,))
    assert op.shape((5,)) == (5,)
    assert op.cost((5,)) == Cost(0, 0)
    assert isinstance(op.module((5,)), nn.Identity)
    assert chain((5,), op, Linear(2)).id == chain((5,), Linear(2)).id


def test_ids_tell_columns_apart() -> None:
    ids = {
        chain((4,), EmbedCategories(categories), Flatten(), Linear(2)).id
        for categories in ((3, 4), (4, 3), (7,), (3, 4, 5))
    }
    assert len(ids) == 4


def test_codes_are_exact_in_float32() -> None:
    module = EmbedCategories((2**20,), width=1).module((1,))
    assert isinstance(module, CategoryEmbedding)
    codes = np.array([0, 1, 2**19 + 1, 2**20 - 1])
    with torch.no_grad():
        module.table.weight[:] = torch.arange(2.0**20)[:, None]
    assert module(torch.tensor(codes[:, None], dtype=torch.float32))[:, 0].tolist() == codes.tolist()


def test_what_does_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"embed_categories needs rows of a table \(F,\), got 3×8"):
        OP.shape((3, 8))
    with pytest.raises(ShapeError, match="embed_categories has 2 columns of categories, got rows of 1 values"):
        OP.shape((1,))
    with pytest.raises(ArgumentError, match=r"categories\[1\]: expected 1 or more, got 0"):
        EmbedCategories((3, 0))
