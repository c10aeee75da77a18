"""Pooling: worked examples, what is refused, and values."""

import pytest
import torch

from nas.errors import ShapeError
from nas.ops import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, Cost, Flatten, GlobalAvgPool, GlobalMaxPool, MaxPool, Op


@pytest.mark.parametrize("cls", [MaxPool, AvgPool])
def test_windows_lie_side_by_side_without_a_stride(cls: type[MaxPool | AvgPool]) -> None:
    assert cls().shape((3, 8, 9)) == (3, 4, 4)
    assert cls(3).shape((3, 8)) == (3, 2)
    assert cls(3, stride=1).shape((3, 8)) == (3, 6)
    assert cls(3, stride=2, padding=1).shape((3, 8)) == (3, 4)
    assert cls().cost((3, 8, 8)) == Cost(0, 0)


@pytest.mark.parametrize("cls", [MaxPool, AvgPool])
def test_a_stride_of_the_kernel_is_no_stride(cls: type[MaxPool | AvgPool]) -> None:
    assert cls(3, stride=3) == cls(3)
    assert cls(3, stride=3).text == cls(3).text == f"{cls.name}(kernel=3)"
    assert cls(3, stride=2) != cls(3)


def test_only_a_window_of_one_at_every_place_is_the_identity() -> None:
    assert MaxPool(1).is_identity((3, 8))
    assert AvgPool(1, stride=1).is_identity((3, 8))
    assert not MaxPool(1, stride=2).is_identity((3, 8))
    assert not MaxPool(2, stride=1).is_identity((3, 8))


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (MaxPool(2, padding=2), (3, 8), "max_pool may be padded by at most half of its kernel of 2, got 2"),
        (MaxPool(3), (3, 2), "max_pool has a window of 3 that is larger than its padded input of 2"),
        (AvgPool(), (8,), "avg_pool needs a sequence (C, L) or an image (C, H, W), got 8"),
        (AdaptiveAvgPool(2), (8,), "adaptive_avg_pool needs a sequence (C, L) or an image (C, H, W), got 8"),
        (AdaptiveMaxPool(5), (3, 9, 4), "adaptive_max_pool to a size of 5 needs larger maps, got 9×4"),
        (GlobalAvgPool(), (8,), "global_avg_pool needs a sequence (C, L) or an image (C, H, W), got 8"),
        (GlobalMaxPool(), (8,), "global_max_pool needs a sequence (C, L) or an image (C, H, W), got 8"),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message


def test_global_pools_give_a_number_a_channel() -> None:
    x = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert GlobalAvgPool().module((2, 3, 4))(x).tolist() == [[5.5, 17.5]]
    assert GlobalMaxPool().module((2, 3, 4))(x).tolist() == [[11.0, 23.0]]
    assert GlobalMaxPool().module((2, 12))(x.reshape(1, 2, 12)).tolist() == [[11.0, 23.0]]


@pytest.mark.parametrize("cls", [AdaptiveAvgPool, AdaptiveMaxPool])
def test_adaptive_pools_give_maps_of_one_size(cls: type[AdaptiveAvgPool | AdaptiveMaxPool]) -> None:
    assert cls(3).shape((5, 7, 8)) == (5, 3, 3)
    assert cls(3).shape((5, 7)) == (5, 3)
    assert cls(3).cost((5, 7)) == Cost(0, 0)
    assert cls(3).is_identity((5, 3, 3))
    assert not cls(3).is_identity((5, 3, 4))


def test_values_of_adaptive_pools() -> None:
    x = torch.arange(6.0).reshape(1, 1, 6)
    assert AdaptiveAvgPool(3).module((1, 6))(x).tolist() == [[[0.5, 2.5, 4.5]]]
    assert AdaptiveMaxPool(2).module((1, 6))(x).tolist() == [[[2.0, 5.0]]]


def test_average_counts_padded_zeros() -> None:
    x = torch.ones(1, 1, 3)
    y = AvgPool(2, stride=2, padding=1).module((1, 3))(x)
    assert y.tolist() == [[[0.5, 1.0]]]


def test_average_without_padded_zeros() -> None:
    x = torch.ones(1, 1, 3)
    y = AvgPool(2, stride=2, padding=1, count_include_pad=False).module((1, 3))(x)
    assert y.tolist() == [[[1.0, 1.0]]]
    assert AvgPool(2, count_include_pad=False) == AvgPool(2), "one spelling of one layer"


def test_flatten() -> None:
    assert Flatten().shape((3, 4, 5)) == (60,)
    assert Flatten().is_identity((7,))
    assert not Flatten().is_identity((7, 1))
