"""Inverted residuals: parameter counts of published networks, and a block written by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nas.errors import ShapeError
from nas.ops import ChannelShuffle, Conv, Cost, MBConv, Op
from nas.ops.composite import Chain
from nas.ops.conv_modules import Residual
from nas.ops.mobile import SqueezeExcitation, divisible

V3: dict[str, Any] = {"activation": "relu"}
V3_SE: dict[str, Any] = {"se": 0.25, "se_of": "expanded", "gate": "hardsigmoid"}
EFFICIENT: dict[str, Any] = {"se": 0.25, "activation": "silu"}


@pytest.mark.parametrize(
    ("channels", "op", "params"),
    [
        # MobileNetV2, the first blocks
        (32, MBConv(16, expansion=1), 896),
        (16, MBConv(24, stride=2), 5_136),
        (24, MBConv(24), 8_832),
        (24, MBConv(32, stride=2), 10_000),
        # MobileNetV3-Large
        (16, MBConv(16, expansion=1, **V3), 464),
        (16, MBConv(24, stride=2, expansion=4, **V3), 3_440),
        (24, MBConv(24, expansion=3, **V3), 4_440),
        (24, MBConv(40, kernel=5, stride=2, expansion=3, **V3, **V3_SE), 10_328),
        (40, MBConv(40, kernel=5, expansion=3, **V3, **V3_SE), 20_992),
        (40, MBConv(80, stride=2, expansion=6, activation="hardswish"), 32_080),
        (80, MBConv(80, expansion=2.5, activation="hardswish"), 34_760),
        (80, MBConv(80, expansion=2.3, activation="hardswish"), 31_992),
        (80, MBConv(112, expansion=6, activation="hardswish", **V3_SE), 214_424),
        (112, MBConv(112, expansion=6, activation="hardswish", **V3_SE), 386_120),
        # EfficientNet-B0, the first block of each stage
        (32, MBConv(16, expansion=1, **EFFICIENT), 1_448),
        (16, MBConv(24, stride=2, **EFFICIENT), 6_004),
        (24, MBConv(24, **EFFICIENT), 10_710),
        (24, MBConv(40, kernel=5, stride=2, **EFFICIENT), 15_350),
        (40, MBConv(80, stride=2, **EFFICIENT), 37_130),
        (80, MBConv(112, kernel=5, **EFFICIENT), 126_004),
        (112, MBConv(192, kernel=5, stride=2, **EFFICIENT), 262_492),
        (192, MBConv(320, **EFFICIENT), 717_232),
    ],
    ids=str,
)
def test_parameters_of_published_blocks(channels: int, op: MBConv, params: int) -> None:
    assert op.cost((channels, 14, 14)).params == params


@pytest.mark.parametrize(
    ("channels", "expansion", "expanded"),
    [(16, 4, 64), (24, 3, 72), (40, 6, 240), (80, 2.5, 200), (80, 2.3, 184), (16, 4.5, 72), (24, 88 / 24, 88)],
)
def test_expanded_channels(channels: int, expansion: float, expanded: int) -> None:
    module = MBConv(8, expansion=expansion).module((channels, 4, 4))
    assert next(module.parameters()).shape[0] == expanded


def test_squeezed_channels() -> None:
    def squeezed(channels: int, op: MBConv) -> int:
        found = next(part for part in op.module((channels, 4)).modules() if type(part).__name__ == "SqueezeExcitation")
        return int(next(found.parameters()).shape[0])

    assert squeezed(24, MBConv(8, se=0.25)) == 6
    assert squeezed(2, MBConv(8, se=0.25)) == 1
    assert squeezed(24, MBConv(8, expansion=3, se=0.25, se_of="expanded")) == 24
    assert squeezed(16, MBConv(8, expansion=1, se=0.25, se_of="expanded")) == 8


def test_divisible() -> None:
    # torchvision: 672 // 4 = 168, 72 // 4 = 18 goes up because 16 would be less than nine tenths of it.
    assert [divisible(value) for value in (1, 18, 30, 60, 120, 168, 240)] == [8, 24, 32, 64, 120, 168, 240]


class _V3Block(nn.Module):
    """MobileNetV3-Large, block 4, as torchvision has it."""

    def __init__(self) -> None:
        super().__init__()
        self.expand = nn.Conv2d(8, 20, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(20)
        self.depthwise = nn.Conv2d(20, 20, 5, 1, 2, groups=20, bias=False)
        self.norm2 = nn.BatchNorm2d(20)
        self.fc1 = nn.Conv2d(20, 8, 1)
        self.fc2 = nn.Conv2d(8, 20, 1)
        self.project = nn.Conv2d(20, 8, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        functional = nn.functional
        y = functional.hardswish(self.norm1(self.expand(x)))
        y = functional.hardswish(self.norm2(self.depthwise(y)))
        scale = self.fc2(torch.relu(self.fc1(y.mean(dim=(2, 3), keepdim=True))))
        z: Tensor = x + self.norm3(self.project(y * functional.hardsigmoid(scale)))
        return z


def test_a_block_written_by_hand() -> None:
    op = MBConv(8, kernel=5, expansion=2.5, activation="hardswish", **V3_SE)
    module, by_hand = op.module((8, 6, 7)), _V3Block()
    weights = zip(by_hand.state_dict(), module.state_dict().values(), strict=True)
    by_hand.load_state_dict(dict(weights))
    x = torch.randn(4, 8, 6, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(module(x), by_hand(x), rtol=1e-5, atol=1e-6)


def test_without_a_residual_it_is_a_chain_of_torch_layers() -> None:
    for op in (MBConv(16, stride=2), MBConv(24), MBConv(16, skip=False)):
        module = op.module((16, 8, 8))
        assert type(module) is nn.Sequential
        assert all(type(part).__module__.startswith("torch.nn.") for part in module)
    assert isinstance(MBConv(16).module((16, 8, 8)), Residual)


def test_an_expansion_of_one_has_no_first_convolution_unless_it_is_asked_for() -> None:
    def convs(op: MBConv) -> int:
        return sum(isinstance(part, nn.Conv1d) for part in op.module((6, 8)).modules())

    assert convs(MBConv(8, expansion=1)) == 2
    assert convs(MBConv(8, expansion=1, expand_always=True)) == 3
    assert convs(MBConv(8)) == 3


def test_groups_shuffle_after_the_first_convolution() -> None:
    names = [type(part).__name__ for part in MBConv(8, expansion=2, groups=2).module((6, 4, 4)).children()]
    assert names[:5] == ["Conv2d", "BatchNorm2d", "ReLU6", "ChannelShuffle", "Conv2d"]
    # FBNet: the 1×1 convolutions have half of the weights.
    whole, halved = MBConv(8, expansion=2).cost((6, 4, 4)), MBConv(8, expansion=2, groups=2).cost((6, 4, 4))
    assert whole.params - halved.params == (6 * 12 + 12 * 8) // 2


def test_one_spelling_of_one_layer() -> None:
    assert MBConv(8, expansion=6.0).text == MBConv(8).text == "mbconv(width=8)"
    assert MBConv(8, expansion=3.0).text == "mbconv(width=8, expansion=3)"
    assert MBConv(8, se=0.0, se_of="expanded", gate="hardsigmoid") == MBConv(8)
    assert MBConv(8, expand_always=True) == MBConv(8)
    assert MBConv(8, expansion=1, expand_always=True) != MBConv(8, expansion=1)
    assert MBConv(8, stride=2, skip=False) == MBConv(8, stride=2)
    assert MBConv(8, skip=False) != MBConv(8)


def test_squeeze_excitation_costs_its_two_convolutions() -> None:
    op = SqueezeExcitation(2, "relu", "sigmoid")
    assert op.shape((6, 5, 5)) == (6, 5, 5)
    assert op.cost((6, 5, 5)) == Cost(6 * 2 + 2 + 2 * 6 + 6, 24)
    convs = Chain((Conv(2, kernel=1), Conv(6, kernel=1)))
    assert op.cost((6, 5, 5)) == convs.cost((6, 1, 1))


def test_shuffle() -> None:
    x = torch.arange(6.0)[None, :, None]
    assert ChannelShuffle(2).module((6, 1))(x).flatten().tolist() == [0, 3, 1, 4, 2, 5]
    assert ChannelShuffle(3).module((6, 1))(x).flatten().tolist() == [0, 2, 4, 1, 3, 5]
    assert [groups for groups in (1, 2, 3, 6) if ChannelShuffle(groups).is_identity((6, 1))] == [1, 6]


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (MBConv(8), (8,), "mbconv needs a sequence (C, L) or an image (C, H, W), got 8"),
        (MBConv(8, kernel=4), (8, 5), "mbconv with 'same' padding needs an odd kernel, got 4 (dilation 1)"),
        (
            MBConv(8, expansion=3, groups=2),
            (5, 5),
            "conv has 2 groups, which must divide its 5 input channels and its width of 15",
        ),
        (ChannelShuffle(2), (8,), "shuffle needs a sequence (C, L) or an image (C, H, W), got 8"),
        (ChannelShuffle(3), (8, 5), "shuffle has 3 groups, which must divide its 8 input channels"),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
