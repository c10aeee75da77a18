"""Convolutions: worked examples, and what they refuse."""

import pytest
import torch

from nas.errors import ShapeError
from nas.ops import Conv, Cost, DepthwiseConv, SeparableConv
from nas.ops.conv import pad


def test_conv_by_hand() -> None:
    op = Conv(16, kernel=5)
    assert op.shape((3, 8, 8)) == (16, 8, 8)
    assert op.cost((3, 8, 8)) == Cost(16 * 3 * 25 + 16, 16 * 3 * 25 * 64)


def test_conv_over_a_sequence() -> None:
    op = Conv(4, kernel=3, padding="valid", bias=False)
    assert op.shape((2, 10)) == (4, 8)
    assert op.cost((2, 10)) == Cost(4 * 2 * 3, 4 * 2 * 3 * 8)
    assert isinstance(op.module((2, 10)), torch.nn.Conv1d)


def test_same_padding_gives_the_ceiling_of_the_quotient() -> None:
    for size in range(1, 12):
        for stride in range(1, 5):
            for kernel in (1, 3, 5):
                assert Conv(1, kernel=kernel, stride=stride).shape((1, size)) == (1, -(-size // stride))


def test_depthwise_is_a_grouped_conv() -> None:
    op, same = DepthwiseConv(kernel=3, stride=2), Conv(6, kernel=3, stride=2, groups=6)
    assert op.shape((6, 9, 9)) == same.shape((6, 9, 9))
    assert op.cost((6, 9, 9)) == same.cost((6, 9, 9)) == Cost(6 * 9 + 6, 6 * 9 * 25)


def test_separable_is_two_convs() -> None:
    op = SeparableConv(10, kernel=3)
    assert op.shape((6, 8, 8)) == (10, 8, 8)
    assert op.cost((6, 8, 8)) == Cost(6 * 9 + 6 * 10 + 10, (6 * 9 + 6 * 10) * 64)
    names = [type(child).__name__ for child in op.module((6, 8, 8)).children()]
    assert names == ["Conv2d", "Conv2d"]


def test_pad() -> None:
    assert pad("conv", "valid", 4, 1) == 0
    assert pad("conv", "same", 5, 1) == 2
    assert pad("conv", "same", 2, 2) == 1
    with pytest.raises(ShapeError, match=r"^conv with 'same' padding needs an odd kernel, got 2 \(dilation 1\)$"):
        pad("conv", "same", 2, 1)


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (Conv(8), (3,), "conv needs a sequence (C, L) or an image (C, H, W), got 3"),
        (Conv(8), (3, 4, 5, 6), "conv needs a sequence (C, L) or an image (C, H, W), got 3×4×5×6"),
        (Conv(8, groups=3), (4, 8), "conv has 3 groups, which must divide its 4 input channels and its width of 8"),
        (Conv(8, groups=3), (3, 8), "conv has 3 groups, which must divide its 3 input channels and its width of 8"),
        (Conv(8, kernel=4), (3, 8), "conv with 'same' padding needs an odd kernel, got 4 (dilation 1)"),
        (
            Conv(8, kernel=5, padding="valid"),
            (3, 4, 9),
            "conv has a window of 5 that is larger than its padded input of 4×9",
        ),
        (DepthwiseConv(), (3,), "depthwise_conv needs a sequence (C, L) or an image (C, H, W), got 3"),
        (SeparableConv(4), (3,), "depthwise_conv needs a sequence (C, L) or an image (C, H, W), got 3"),
    ],
)
def test_refusals(op: Conv | DepthwiseConv | SeparableConv, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
