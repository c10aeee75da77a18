"""Residual blocks: parameter counts of published networks, and blocks written by hand."""

import pytest
import torch
from torch import Tensor, nn

from nas.errors import ShapeError
from nas.ops import BasicBlock, Bottleneck, ConvNeXt, Cost, Op


@pytest.mark.parametrize(
    ("channels", "op", "params"),
    [
        # ResNet-18
        (64, BasicBlock(64), 73_984),
        (64, BasicBlock(128, stride=2), 230_144),
        # ResNet-50
        (64, Bottleneck(256), 75_008),
        (256, Bottleneck(256), 70_400),
        (256, Bottleneck(512, stride=2), 379_392),
        (512, Bottleneck(512), 280_064),
        (1024, Bottleneck(2048, stride=2), 6_039_552),
        (2048, Bottleneck(2048), 4_462_592),
        # ResNeXt-50 32x4d
        (64, Bottleneck(256, reduction=2, groups=32), 63_488),
        # ConvNeXt-T
        (96, ConvNeXt(), 79_296),
        (768, ConvNeXt(), 4_763_136),
    ],
    ids=str,
)
def test_parameters_of_published_blocks(channels: int, op: Op, params: int) -> None:
    assert op.cost((channels, 8, 8)).params == params


def test_macs_by_hand() -> None:
    # The stride is that of the middle convolution, so that the first one sees the whole map.
    op = Bottleneck(8, stride=2)
    assert op.shape((4, 7, 7)) == (8, 4, 4)
    assert op.cost((4, 7, 7)).macs == 4 * 2 * 49 + (2 * 2 * 9 + 2 * 8 + 4 * 8) * 16
    assert BasicBlock(4).cost((4, 5)) == Cost(2 * (48 + 8), 2 * 48 * 5)
    assert ConvNeXt(3, expansion=2).cost((4, 5)).macs == (4 * 3 + 2 * 4 * 8) * 5


def _load(by_hand: nn.Module, module: nn.Module) -> None:
    """The weights of `module`, in order, for a module with other names."""
    old, new = module.state_dict().values(), by_hand.state_dict()
    pairs = zip(new.items(), old, strict=True)
    by_hand.load_state_dict({name: weight.reshape(value.shape) for (name, value), weight in pairs})


class _Bottleneck(nn.Module):
    """As in torchvision, with a projection."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(6, 4, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, 2, 1, groups=2, bias=False)
        self.bn2 = nn.BatchNorm2d(4)
        self.conv3 = nn.Conv2d(4, 8, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(8)
        self.downsample = nn.Sequential(nn.Conv2d(6, 8, 1, 2, bias=False), nn.BatchNorm2d(8))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class _ConvNeXt(nn.Module):
    """The block of Liu et al.'s code, with linear layers over channels that come last."""

    def __init__(self) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(6, 6, 7, padding=3, groups=6)
        self.norm = nn.LayerNorm(6, eps=1e-6)
        self.pwconv1 = nn.Linear(6, 24)
        self.pwconv2 = nn.Linear(24, 6)
        self.gamma = nn.ParameterList([torch.zeros(6)])

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma[0] * self.pwconv2(nn.functional.gelu(self.pwconv1(y)))
        z: Tensor = x + y.permute(0, 3, 1, 2)
        return z


@pytest.mark.parametrize(
    ("op", "by_hand"),
    [(Bottleneck(8, stride=2, reduction=2, groups=2), _Bottleneck()), (ConvNeXt(), _ConvNeXt())],
    ids=["bottleneck", "convnext"],
)
@pytest.mark.parametrize("training", [True, False])
def test_blocks_written_by_hand(op: Op, by_hand: nn.Module, training: bool) -> None:
    module = op.module((6, 7, 8)).train(training)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-1, 1, generator=generator)
    _load(by_hand.train(training), module)
    x = torch.randn(4, 6, 7, 8, generator=generator)
    torch.testing.assert_close(module(x), by_hand(x), rtol=1e-5, atol=1e-5)


def test_a_convnext_block_begins_as_the_identity_but_for_a_millionth() -> None:
    x = torch.randn(2, 4, 9, generator=torch.Generator().manual_seed(0))
    difference = (ConvNeXt(3).module((4, 9))(x) - x).abs().max().item()
    assert 0 < difference < 1e-4


def test_projection_only_where_the_shape_changes() -> None:
    def convs(op: Op, input: tuple[int, ...]) -> int:
        return sum(isinstance(part, nn.Conv1d | nn.Conv2d) for part in op.module(input).modules())

    assert convs(BasicBlock(4), (4, 6)) == convs(BasicBlock(4, stride=2), (4, 1)) == 2
    assert convs(BasicBlock(4, stride=2), (4, 6)) == convs(BasicBlock(5), (4, 6, 6)) == 3
    assert convs(Bottleneck(4), (4, 6)) == 3
    assert convs(Bottleneck(8), (4, 6)) == 4


@pytest.mark.parametrize("cls", [BasicBlock, Bottleneck])
def test_a_bottleneck_has_one_channel_at_least(cls: type[BasicBlock | Bottleneck]) -> None:
    assert cls(2).shape((3, 6)) == (2, 6)


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (BasicBlock(8), (8,), "basic_block needs a sequence (C, L) or an image (C, H, W), got 8"),
        (BasicBlock(8, 2), (8, 5), "basic_block with 'same' padding needs an odd kernel, got 2 (dilation 1)"),
        (Bottleneck(8), (8,), "bottleneck needs a sequence (C, L) or an image (C, H, W), got 8"),
        (Bottleneck(8, 2), (8, 5), "bottleneck with 'same' padding needs an odd kernel, got 2 (dilation 1)"),
        (
            Bottleneck(24, groups=4),
            (8, 5),
            "conv has 4 groups, which must divide its 6 input channels and its width of 6",
        ),
        (ConvNeXt(), (8,), "convnext needs a sequence (C, L) or an image (C, H, W), got 8"),
        (ConvNeXt(4), (8, 5), "convnext with 'same' padding needs an odd kernel, got 4 (dilation 1)"),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
