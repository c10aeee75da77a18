"""Ops that join several values: the arithmetic and the expression against the tensors."""

import pytest
import torch

from nas.errors import ShapeError
from nas.ops import Add


@pytest.mark.parametrize("shape", [(4,), (4, 5), (4, 5, 6)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_add(shape: tuple[int, ...], count: int) -> None:
    assert Add().shape([shape] * count) == shape
    tensors = [torch.full((2, *shape), float(2**index)) for index in range(count)]
    total = Add().combine(tensors)
    assert total.shape == (2, *shape)
    assert torch.equal(total, torch.full_like(total, 2**count - 1))


def test_source_does_what_combine_does() -> None:
    a, b, c = torch.arange(12.0).reshape(3, 2, 2)
    assert Add().source(["a", "b", "c"]) == "a + b + c"
    assert torch.equal(Add().combine([a, b, c]), a + b + c)


def test_shapes_must_be_equal() -> None:
    with pytest.raises(ShapeError, match=r"^add needs values of one shape, and got 4×8×8 and 4×4×4$"):
        Add().shape([(4, 8, 8), (4, 4, 4)])


def test_inputs_are_not_changed() -> None:
    a, b = torch.ones(2, 3), torch.ones(2, 3)
    Add().combine([a, b])
    assert torch.equal(a, torch.ones(2, 3))


def test_text() -> None:
    assert Add().text == "add"
    assert Add() == Add()
