"""Ops that join several values: the arithmetic and the expression against the tensors."""

import pytest
import torch

from nas.errors import ShapeError
from nas.ops import MERGES, Add, Concat, Merge, Multiply


@pytest.mark.parametrize("shape", [(4,), (4, 5), (4, 5, 6)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_add(shape: tuple[int, ...], count: int) -> None:
    assert Add().shape([shape] * count) == shape
    tensors = [torch.full((2, *shape), float(2**index)) for index in range(count)]
    total = Add().combine(tensors)
    assert total.shape == (2, *shape)
    assert torch.equal(total, torch.full_like(total, 2**count - 1))


@pytest.mark.parametrize("shape", [(4,), (4, 5), (4, 5, 6)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_multiply(shape: tuple[int, ...], count: int) -> None:
    assert Multiply().shape([shape] * count) == shape
    product = Multiply().combine([torch.full((2, *shape), float(index + 2)) for index in range(count)])
    assert torch.equal(product, torch.full((2, *shape), [2.0, 6.0, 24.0][count - 1]))


@pytest.mark.parametrize("sizes", [(), (5,), (5, 6)])
@pytest.mark.parametrize("widths", [(4,), (4, 1), (2, 3, 1)])
def test_concat(sizes: tuple[int, ...], widths: tuple[int, ...]) -> None:
    shapes = [(width, *sizes) for width in widths]
    assert Concat().shape(shapes) == (sum(widths), *sizes)
    tensors = [torch.full((2, *shape), float(index)) for index, shape in enumerate(shapes)]
    joined = Concat().combine(tensors)
    assert joined.shape == (2, sum(widths), *sizes)
    expected = [float(index) for index, width in enumerate(widths) for _ in range(width)]
    assert joined.flatten(2)[0, :, 0].tolist() == expected if sizes else joined[0].tolist() == expected


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("cls", MERGES.values(), ids=lambda cls: cls.name)
def test_source_does_what_combine_does(cls: type[Merge], count: int) -> None:
    tensors = dict(zip("abc"[:count], torch.arange(12.0).reshape(3, 2, 2), strict=False))
    found = eval(cls().source(list(tensors)), {"torch": torch, **tensors})  # noqa: S307  an expression of ours
    assert torch.equal(found, cls().combine(list(tensors.values())))


def test_sources() -> None:
    assert Add().source(["a", "b", "c"]) == "a + b + c"
    assert Multiply().source(["a", "b"]) == "a * b"
    assert Concat().source(["x", "y"]) == "torch.cat((x, y), dim=1)"
    assert Concat().source(["x"]) == "torch.cat((x,), dim=1)"


@pytest.mark.parametrize(
    ("merge", "message"),
    [
        (Add(), "add needs values of equal shape, got 4×8×8 and 4×4×4"),
        (Multiply(), "multiply needs values of equal shape, got 4×8×8 and 4×4×4"),
        (Concat(), "concat needs maps of equal size, got 4×8×8 and 4×4×4"),
    ],
)
def test_shapes_that_do_not_go_together(merge: Merge, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        merge.shape([(4, 8, 8), (4, 4, 4)])
    assert str(caught.value) == message


@pytest.mark.parametrize("cls", MERGES.values(), ids=lambda cls: cls.name)
def test_nothing_and_unequal_ranks_are_refused(cls: type[Merge]) -> None:
    for shapes in ([], [(4,), (4, 1)], [(4, 2), (4, 2, 2)]):
        with pytest.raises(ShapeError):
            cls().shape(shapes)


@pytest.mark.parametrize("cls", MERGES.values(), ids=lambda cls: cls.name)
def test_inputs_are_not_changed(cls: type[Merge]) -> None:
    a, b = torch.ones(2, 3), torch.full((2, 3), 2.0)
    cls().combine([a, b])
    assert torch.equal(a, torch.ones(2, 3))
    assert torch.equal(b, torch.full((2, 3), 2.0))


def test_only_the_order_of_a_concat_matters() -> None:
    assert [name for name, merge in MERGES.items() if not merge.commutative] == ["concat"]


def test_text() -> None:
    assert Add().text == "add"
    assert Add() == Add()
