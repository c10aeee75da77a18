"""Wide convolutions: worked examples, what they are without padding, and what is refused."""

import pytest
import torch
from torch.nn import functional

from nas.errors import ShapeError
from nas.ops import Conv, Cost, WideConv


def test_by_hand() -> None:
    assert WideConv(6).shape((4, 9)) == (6, 11)
    assert WideConv(6, 1).shape((4, 9)) == (6, 9)
    assert WideConv(6, 5).shape((4, 1)) == (6, 5)
    assert WideConv(6).cost((4, 9)) == Cost(6 * 4 * 3 + 6, 6 * 4 * 3 * 11)
    assert WideConv(6, bias=False).cost((4, 9)) == Cost(6 * 4 * 3, 6 * 4 * 3 * 11)


@pytest.mark.parametrize("bias", [True, False])
def test_without_padding_it_is_a_convolution_with_zeros_around(bias: bool) -> None:
    module = WideConv(3, 4, bias).module((2, 5))
    x = torch.randn(2, 2, 5, generator=torch.Generator().manual_seed(0))
    parameters = dict(module.named_parameters())
    expected = functional.conv1d(x, parameters["conv.weight"], parameters.get("conv.bias"), padding=3)
    torch.testing.assert_close(module(x), expected)


def test_windows_of_padding_give_0_and_no_others_do() -> None:
    module = WideConv(3, 2).module((2, 6))
    x = torch.zeros(1, 2, 6)
    x[0, 1, 2] = 1
    assert (module(x) != 0).any(1)[0].tolist() == [False, False, True, True, False, False, False]


def test_a_window_of_one_position_without_a_bias_is_a_plain_convolution() -> None:
    assert WideConv(3, 1, bias=False).normal((2, 6)) == Conv(3, 1, bias=False).normal((2, 6))
    assert WideConv(3, 1).normal((2, 6)) != Conv(3, 1).normal((2, 6))


@pytest.mark.parametrize(("input", "shown"), [((5,), "5"), ((3, 8, 8), "3×8×8")])
def test_refusals(input: tuple[int, ...], shown: str) -> None:
    with pytest.raises(ShapeError) as caught:
        WideConv(6).shape(input)
    assert str(caught.value) == f"wide_conv needs a sequence (C, L), got {shown}"
