"""Operations of cells, and DARTS' reduction written by hand."""

import pytest
import torch
from torch import Tensor, nn

from nas.errors import ShapeError
from nas.ops import Conv, Cost, FactorizedReduce, Op, Truncate, Zero


def test_zero() -> None:
    assert Zero().shape((4,)) == (4,)
    assert Zero(2).shape((4, 7, 8)) == (4, 4, 4)
    assert Zero(3).shape((4, 7)) == (4, 3)
    assert Zero(2).cost((4, 7, 8)) == Cost(0, 0)
    assert not Zero().is_identity((4,))
    x = torch.tensor([1.0, float("nan"), float("inf")])
    assert Zero(2).module((1, 3))(x[None, None]).tolist() == [[[0.0, 0.0]]]
    assert Zero().module((3,))(x[None]).tolist() == [[0.0, 0.0, 0.0]]


def test_truncate() -> None:
    assert Truncate(2).shape((4, 7, 8)) == (2, 7, 8)
    assert Truncate(2).shape((4,)) == (2,)
    assert Truncate(4).is_identity((4, 7))
    assert not Truncate(3).is_identity((4, 7))
    x = torch.arange(4.0)[None]
    assert Truncate(3).module((4,))(x).tolist() == [[0.0, 1.0, 2.0]]


class _FactorizedReduce(nn.Module):
    """As in DARTS' operations.py."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(6, 4, 1, stride=2, bias=False)
        self.conv_2 = nn.Conv2d(6, 4, 1, stride=2, bias=False)
        self.bn = nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x)
        y: Tensor = self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], dim=1))
        return y


def test_even_sizes_are_reduced_as_in_darts() -> None:
    module, by_hand = FactorizedReduce(8).module((6, 8, 4)), _FactorizedReduce()
    by_hand.load_state_dict(dict(zip(by_hand.state_dict(), module.state_dict().values(), strict=True)))
    x = torch.randn(3, 6, 8, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(module(x), by_hand(x))


def test_odd_sizes_get_a_zero_beyond_their_end() -> None:
    module = FactorizedReduce(2).module((1, 5)).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1)
        module.get_parameter("2.bias").zero_()
        y = module(torch.arange(1.0, 6)[None, None])
    torch.testing.assert_close(y, torch.tensor([[[1.0, 3.0, 5.0], [2.0, 4.0, 0.0]]]), rtol=1e-4, atol=1e-4)


def test_factorized_reduce_costs_one_convolution() -> None:
    op = FactorizedReduce(8)
    assert op.shape((6, 7, 8)) == (8, 4, 4)
    assert op.cost((6, 7, 8)) == Cost(6 * 8 + 16, 6 * 8 * 16)
    conv = Conv(8, kernel=1, stride=2, bias=False)
    assert op.cost((6, 7, 8)).macs == conv.cost((6, 7, 8)).macs


def test_factorized_reduce_without_a_stride() -> None:
    assert FactorizedReduce(6, stride=1).is_identity((6, 8))
    assert FactorizedReduce(6, stride=1).cost((6, 8)) == Cost(0, 0)
    assert not FactorizedReduce(6).is_identity((6, 8))
    op = FactorizedReduce(5, stride=1)
    assert not op.is_identity((6, 8))
    assert op.shape((6, 8)) == (5, 8)
    assert [type(part).__name__ for part in op.module((6, 8)).children()] == ["ReLU", "Conv1d", "BatchNorm1d"]


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (Zero(2), (8,), "zero of stride 2 needs a sequence (C, L) or an image (C, H, W), got 8"),
        (Truncate(9), (8, 4), "truncate to 9 channels needs at least as many, got 8×4"),
        (FactorizedReduce(8), (8,), "factorized_reduce needs a sequence (C, L) or an image (C, H, W), got 8"),
        (FactorizedReduce(7), (8, 4), "factorized_reduce of stride 2 needs an even width, got 7"),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
