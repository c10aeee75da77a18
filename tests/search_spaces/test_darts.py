"""darts.yaml against the network of the paper, written here a second time (Liu et al. 2019, DARTS).

The reference computes what the published code does (quark0/darts, cnn/model.py and cnn/operations.py): cells of two
inputs that are preprocessed, four nodes of two operations each, and their concatenation.
"""

import random
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from nas.model import Network
from nas.space import Space, load_space
from nas.space.choice import Value

SPACE = Path(__file__).parents[2] / "search_spaces" / "darts.yaml"

OPERATIONS = (
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)

Pairs = Sequence[tuple[str, int]]
"""Operation and source of each of the eight edges of a cell, two for each node: half of a published genotype."""


class Genotype(NamedTuple):
    normal: Pairs
    reduction: Pairs


DARTS_V1 = Genotype(
    normal=[
        *[("sep_conv_3x3", 1), ("sep_conv_3x3", 0)],
        *[("skip_connect", 0), ("sep_conv_3x3", 1)],
        *[("skip_connect", 0), ("sep_conv_3x3", 1)],
        *[("sep_conv_3x3", 0), ("skip_connect", 2)],
    ],
    reduction=[
        *[("max_pool_3x3", 0), ("max_pool_3x3", 1)],
        *[("skip_connect", 2), ("max_pool_3x3", 0)],
        *[("max_pool_3x3", 0), ("skip_connect", 2)],
        *[("skip_connect", 2), ("avg_pool_3x3", 0)],
    ],
)
DARTS_V2 = Genotype(
    normal=[
        *[("sep_conv_3x3", 0), ("sep_conv_3x3", 1)],
        *[("sep_conv_3x3", 0), ("sep_conv_3x3", 1)],
        *[("sep_conv_3x3", 1), ("skip_connect", 0)],
        *[("skip_connect", 0), ("dil_conv_3x3", 2)],
    ],
    reduction=[
        *[("max_pool_3x3", 0), ("max_pool_3x3", 1)],
        *[("skip_connect", 2), ("max_pool_3x3", 1)],
        *[("max_pool_3x3", 0), ("skip_connect", 2)],
        *[("skip_connect", 2), ("max_pool_3x3", 1)],
    ],
)


def random_genotype(seed: int) -> Genotype:
    draw = random.Random(seed)
    normal, reduction = (
        [
            (draw.choice(OPERATIONS), source)
            for node in range(2, 6)
            for source in draw.sample(range(node), 2)  # in any order, as genotypes have them
        ]
        for _ in range(2)
    )
    return Genotype(normal, reduction)


RANDOM = [random_genotype(seed) for seed in range(4)]


def choices_of(genotype: Genotype) -> dict[str, Value]:
    """The decisions of the space that stand for a genotype."""
    choices: dict[str, Value] = {}
    for cell, pairs in genotype._asdict().items():
        for place, (operation, source) in enumerate(pairs):
            choices[f"{cell}.{source}-{2 + place // 2}.operation"] = operation
        for node in range(3, 6):  # node 2 has nothing to choose from: it reads both inputs
            first, second = sorted(source for _, source in pairs[2 * (node - 2) : 2 * (node - 1)])
            choices[f"{cell}.{node}"] = f"{first},{second}"
    return choices


# The reference.


class FactorizedReduce(nn.Module):
    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(before, width // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(before, width // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x.relu()
        y: Tensor = self.norm(torch.cat([self.even(x), self.odd(x[:, :, 1:, 1:])], dim=1))
        return y


def relu_conv_norm(before: int, width: int) -> nn.Module:
    return nn.Sequential(nn.ReLU(), nn.Conv2d(before, width, 1, bias=False), nn.BatchNorm2d(width))


def separable(width: int, kernel: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    padding = dilation * (kernel - 1) // 2
    depthwise = nn.Conv2d(width, width, kernel, stride, padding, dilation, groups=width, bias=False)
    return [nn.ReLU(), depthwise, nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width)]


def operation(name: str, width: int, stride: int) -> nn.Module:
    if name == "max_pool_3x3":
        return nn.MaxPool2d(3, stride, padding=1)
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(width, width)
    kernel = int(name[-1])
    if name.startswith("sep_conv"):
        return nn.Sequential(*separable(width, kernel, stride), *separable(width, kernel, 1))
    return nn.Sequential(*separable(width, kernel, stride, dilation=2))


class ReferenceCell(nn.Module):
    def __init__(
        self, pairs: Pairs, widths: tuple[int, int], width: int, *, reduces: bool, after_reduction: bool
    ) -> None:
        super().__init__()
        older, newer = widths
        self.older = FactorizedReduce(older, width) if after_reduction else relu_conv_norm(older, width)
        self.newer = relu_conv_norm(newer, width)
        self.sources = [source for _, source in pairs]
        strides = [2 if reduces and source < 2 else 1 for source in self.sources]
        self.operations = nn.ModuleList(
            operation(name, width, stride) for (name, _), stride in zip(pairs, strides, strict=True)
        )

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        values = [self.older(older), self.newer(newer)]
        for place in range(0, len(self.sources), 2):
            values.append(sum(self.operations[edge](values[self.sources[edge]]) for edge in (place, place + 1)))
        return torch.cat(values[2:], dim=1)


class Reference(nn.Module):
    """The network of the paper's §3.2 for CIFAR-10, without the auxiliary head and drop-path."""

    def __init__(self, genotype: Genotype, *, channels: int = 36, cells: int = 20, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False), nn.BatchNorm2d(3 * channels))
        self.cells = nn.ModuleList()
        widths, width, reduced = (3 * channels, 3 * channels), channels, False
        for number in range(cells):
            reduces = number in (cells // 3, 2 * cells // 3)
            width *= 2 if reduces else 1
            pairs = genotype.reduction if reduces else genotype.normal
            self.cells.append(ReferenceCell(pairs, widths, width, reduces=reduces, after_reduction=reduced))
            widths, reduced = (widths[1], 4 * width), reduces
        self.classifier = nn.Linear(widths[1], classes)

    def forward(self, x: Tensor) -> Tensor:
        older = newer = self.stem(x)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        logits: Tensor = self.classifier(newer.mean(dim=(2, 3)))
        return logits


def parameters_of(genotype: Genotype) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in Reference(genotype).parameters())


def fill(network: nn.Module) -> nn.Module:
    """Gives parameters of one shape the same values, whatever their order; in double precision."""
    network.double()
    with torch.no_grad():
        for parameter in network.parameters():
            generator = torch.Generator().manual_seed(
                sum(size * 1009**axis for axis, size in enumerate(parameter.shape))
            )
            drawn = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(drawn / max(1, prod(parameter.shape[1:])) ** 0.5)
    return network


@pytest.fixture(scope="module")
def space() -> Space:
    return load_space(SPACE)


def test_the_size_is_that_of_the_paper(space: Space) -> None:
    """A cell: nodes with 2, 3, 4 and 5 earlier ones read two of them, and each edge is one of 7 operations (§2.1)."""
    cell = prod(k * (k + 1) // 2 for k in range(1, 5)) * 7**8
    assert cell == 1_037_664_180  # "about 10^9"
    assert space.size == cell**2  # "10^18" for both


def test_the_published_genotypes_have_the_published_parameters(space: Space) -> None:
    # 3.3 M in table 1 of the paper, for the first and the second order both.
    assert parameters_of(DARTS_V1) == space.rebuild(choices_of(DARTS_V1)).params == 3_169_414
    assert parameters_of(DARTS_V2) == space.rebuild(choices_of(DARTS_V2)).params == 3_349_342


@pytest.mark.parametrize("genotype", RANDOM, ids=range(len(RANDOM)))
def test_any_genotype_has_the_parameters_of_the_reference(space: Space, genotype: Genotype) -> None:
    assert space.rebuild(choices_of(genotype)).params == parameters_of(genotype)


@pytest.mark.parametrize("genotype", [DARTS_V2, RANDOM[0]], ids=["DARTS_V2", "random"])
def test_it_computes_what_the_reference_computes(genotype: Genotype) -> None:
    """On images of 16×16, with equal weights wherever shapes are equal: only the wiring could make a difference."""
    arch = load_space(SPACE, input=(3, 16, 16), outputs=10).rebuild(choices_of(genotype))
    x = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    with torch.no_grad():
        found, expected = (fill(network)(x) for network in (Network(arch), Reference(genotype)))
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-8)
