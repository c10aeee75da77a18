"""fbnet.yaml and mobilenet_like.yaml against published networks and against arithmetic of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.model import Network
from nas.space import Architecture, Space, load_space, parse_space
from nas.space.choice import Value

SPACES = Path(__file__).parents[2] / "search_spaces"

FBNET_A = (
    "skip k3_e3 k3_e1 skip skip k5_e6 k3_e3 k5_e1 k3_e3 k5_e6 k5_e3 k5_e1_g2 k5_e6 k3_e6 k5_e1_g2 k5_e1 k3_e1_g2 "
    "k5_e6 k5_e6 k5_e3 k5_e6 k5_e6"
)
FBNET_B = (
    "k3_e1 k3_e6 k5_e1 k3_e1 k3_e1 k5_e6 k5_e3 k3_e6 k5_e6 k5_e6 k5_e1 skip k5_e3 k5_e6 k3_e1 k5_e1 k5_e3 "
    "k5_e6 k5_e1 k5_e6 k5_e6 k3_e6"
)
FBNET_C = (
    "k3_e1 k3_e6 skip k3_e1 k3_e1 k5_e6 k5_e3 k5_e6 k3_e6 k5_e6 k5_e3 k5_e6 k5_e6 k5_e6 k5_e6 k5_e6 k5_e3 "
    "k5_e6 k5_e6 k5_e6 k5_e6 k3_e6"
)


def parameters(arch: Architecture) -> int:
    """Those of the network that is built."""
    with torch.device("meta"):
        network = Network(arch)
        assert tuple(network(torch.zeros(2, *arch.input)).shape) == (2, *arch.output)
    return sum(parameter.numel() for parameter in network.parameters())


# FBNet.


@pytest.fixture(scope="module")
def fbnet() -> Space:
    return load_space(SPACES / "fbnet.yaml")


def fbnet_member(space: Space, blocks: Sequence[str]) -> Architecture:
    """The blocks of the 22 layers, which are the decisions in the order of the walk."""
    return space.rebuild(dict(zip(space.universe, blocks, strict=True)))


def fbnet_parameters(blocks: Sequence[str], *, classes: int = 1000, last: int = 1984) -> int:
    """Weights, and two numbers a channel of batch norm; table 1 of the paper."""
    widths = [16, *[24] * 4, *[32] * 4, *[64] * 4, *[112] * 4, *[184] * 4, 352]
    strided = {1, 5, 9, 17}
    before, total = 16, 3 * 9 * 16 + 2 * 16
    for place, (block, width) in enumerate(zip(blocks, widths, strict=True)):
        if block == "skip":
            total += 0 if width == before and place not in strided else before * width + 2 * width
        else:
            kernel, expansion, *groups = (int(part[1:]) for part in block.split("_"))
            inner, divided = before * expansion, groups[0] if groups else 1
            total += before * inner // divided + kernel**2 * inner + inner * width // divided + 4 * inner + 2 * width
        before = width
    return total + 352 * last + 2 * last + last * classes + classes


def test_fbnet_has_nine_blocks_in_22_layers(fbnet: Space) -> None:
    assert fbnet.size == 9**22
    assert [len(options) for options in fbnet.universe.values()] == [9] * 22


def test_fbnet_holds_the_networks_of_the_paper(fbnet: Space) -> None:
    """Table 2: 249, 295 and 375 million MACs. Parameters are given there as 4.3, 4.5 and 5.5 million; those of the
    published code, which has 1984 channels in its last convolution, are ours."""
    found = [fbnet_member(fbnet, blocks.split()) for blocks in (FBNET_A, FBNET_B, FBNET_C)]
    assert [arch.params for arch in found] == [4_914_712, 4_813_048, 5_572_200]
    assert [arch.macs for arch in found] == pytest.approx([249e6, 295e6, 375e6], rel=0.03)


def test_fbnet_has_the_parameters_that_follow_from_its_blocks(fbnet: Space) -> None:
    rng = np.random.default_rng(0)
    for blocks in (FBNET_A, FBNET_B, FBNET_C):
        assert fbnet_member(fbnet, blocks.split()).params == fbnet_parameters(blocks.split())
    for _ in range(20):
        arch = fbnet.sample(rng)
        assert arch.params == fbnet_parameters([str(value) for _, value in arch.choices])
    assert parameters(arch) == arch.params


def test_a_skip_is_nothing_where_the_shape_is_kept(fbnet: Space) -> None:
    names = [layer.op.name for layer in fbnet_member(fbnet, ["skip"] * 22).layers]
    # The first convolution, six changes of shape, the last convolution; then the classifier.
    assert names == [*["conv", "batch_norm", "relu"] * 8, "global_avg_pool", "linear"]


def test_fbnet_holds_all_rows_of_the_latency_table(fbnet: Space, tables: Path) -> None:
    path = tables / "fbnet_latency" / "fbnet_latency.npz"
    with np.load(path, allow_pickle=False) as table:
        labels, rows = table["op_names"].tolist(), table["ops"]
        latencies = table["latency_ms"][:, table["devices"].tolist().index("fpga")]
    assert all(list(options) == labels for options in fbnet.universe.values())
    # The variant for CIFAR-100 that was measured, as the head of the file says.
    text = (SPACES / "fbnet.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("input: [3, 224, 224]", "input: [3, 32, 32]"),
        ("outputs: 1000", "outputs: 100"),
        ("conv: {width: 16, stride: 2,", "conv: {width: 16,"),
        ("stage: {width: 24, stride: 2}", "stage: {width: 24, stride: 1}"),
        ("width: 1984", "width: 1504"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    measured = parse_space(text)
    macs = [fbnet_member(measured, [labels[code] for code in row]).macs for row in rows]
    assert len({tuple(row) for row in rows.tolist()}) == len(macs) == 5000
    # What an FPGA takes follows the MACs: 0.981 is the rank correlation.
    assert np.corrcoef(np.argsort(np.argsort(macs)), np.argsort(np.argsort(latencies)))[0, 1] > 0.97


# MobileNets and EfficientNets.

PLAIN, OF_INPUT, OF_EXPANDED = "plain", "squeeze_input", "squeeze_expanded"

Stage = tuple[int, int, Sequence[tuple[float, str]]]
"""Width, kernel, and the expansion and squeeze-and-excitation of each block."""


@pytest.fixture(scope="module")
def mobile() -> Space:
    return load_space(SPACES / "mobilenet_like.yaml")


def mobile_member(
    space: Space,
    *,
    stem: int,
    shallow: str,
    deep: str,
    stages: Sequence[Stage],
    last: tuple[int, float, str] | None,
    head: int,
    hidden: bool,
) -> Architecture:
    choices: dict[str, Value] = {
        "stem.0.conv.width": stem,
        "shallow": shallow,
        "deep": deep,
        "stage7": "block" if last else "identity",
        "head.0.conv.width": head,
        "hidden": "linear" if hidden else "none",
    }
    for number, (width, kernel, blocks) in enumerate(stages, 1):
        path = f"stage{number}.stage"
        choices |= {f"{path}.width": width, f"{path}.kernel": kernel, f"{path}.further.repeat": len(blocks) - 1}
        for place, (expansion, squeeze) in enumerate(blocks):
            block = f"{path}.further.{place - 1}.0.block" if place else f"{path}.first.block"
            choices |= {f"{block}.expansion": expansion, block: squeeze}
    if last:
        kernel, expansion, squeeze = last
        choices |= {"stage7.block.kernel": kernel, "stage7.block.expansion": expansion, "stage7.block": squeeze}
    return space.rebuild(choices)


MOBILENET_V2 = {
    "stem": 32,
    "shallow": "relu6",
    "deep": "relu6",
    "stages": [
        (16, 3, [(1, PLAIN)]),
        (24, 3, [(6, PLAIN)] * 2),
        (32, 3, [(6, PLAIN)] * 3),
        (64, 3, [(6, PLAIN)] * 4),
        (96, 3, [(6, PLAIN)] * 3),
        (160, 3, [(6, PLAIN)] * 3),
    ],
    "last": (3, 6, PLAIN),
    "head": 1280,
    "hidden": False,
}
MOBILENET_V3_LARGE = {
    "stem": 16,
    "shallow": "relu",
    "deep": "hardswish",
    "stages": [
        (16, 3, [(1, PLAIN)]),
        (24, 3, [(4, PLAIN), (3, PLAIN)]),
        (40, 5, [(3, OF_EXPANDED)] * 3),
        (80, 3, [(6, PLAIN), (2.5, PLAIN), (2.3, PLAIN), (2.3, PLAIN)]),
        (112, 3, [(6, OF_EXPANDED)] * 2),
        (160, 5, [(6, OF_EXPANDED)] * 3),
    ],
    "last": None,
    "head": 960,
    "hidden": True,
}
EFFICIENTNET_B0 = {
    "stem": 32,
    "shallow": "silu",
    "deep": "silu",
    "stages": [
        (16, 3, [(1, OF_INPUT)]),
        (24, 3, [(6, OF_INPUT)] * 2),
        (40, 5, [(6, OF_INPUT)] * 2),
        (80, 3, [(6, OF_INPUT)] * 3),
        (112, 5, [(6, OF_INPUT)] * 3),
        (192, 5, [(6, OF_INPUT)] * 4),
    ],
    "last": (3, 6, OF_INPUT),
    "head": 1280,
    "hidden": False,
}


@pytest.mark.parametrize(
    ("setting", "params", "macs"),
    [
        (MOBILENET_V2, 3_504_872, 300.8e6),
        (MOBILENET_V3_LARGE, 5_483_032, 216.6e6),
        (EFFICIENTNET_B0, 5_288_548, 385.8e6),
    ],
    ids=["MobileNetV2", "MobileNetV3-Large", "EfficientNet-B0"],
)
def test_published_networks_are_members(mobile: Space, setting: Mapping[str, object], params: int, macs: float) -> None:
    """Parameters are those of torchvision 0.29; MACs are given in its documentation as 0.30, 0.22 and 0.39 billion."""
    arch = mobile_member(mobile, **setting)  # type: ignore[arg-type]
    assert arch.params == params
    assert arch.macs == pytest.approx(macs, abs=0.005e9)


def test_mobilenet_like_is_as_large_as_its_choices(mobile: Space) -> None:
    """A block has 6 expansions and 3 kinds of squeeze-and-excitation; a stage 2 widths, 3 kernels, 1 to 4 blocks."""
    block = 6 * 3
    stage = 2 * 3 * sum(block**depth for depth in range(1, 5))
    # Stem widths, two activations, six stages, perhaps a last block of 3 kernels, widths of the head, hidden or not.
    assert mobile.size == 3 * (3 * 3) * stage**6 * (1 + 3 * block) * 2 * 2


def test_a_mobile_network_is_built(mobile: Space) -> None:
    for arch in (mobile_member(mobile, **EFFICIENTNET_B0), mobile.sample(np.random.default_rng(0))):  # type: ignore[arg-type]
        assert parameters(arch) == arch.params
