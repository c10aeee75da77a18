"""What cannot be exported is refused before anything is trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from torch import Tensor, nn

import nas
from nas.errors import UsageError
from nas.model import check_exportable
from nas.ops import OPS, Cost, Op, Shape
from nas.ops.op import FREE
from nas.space import Space, load_space
from nas.space.cover import cover

SPACES = sorted(Path(nas.__file__).parents[1].joinpath("search_spaces").glob("*.yaml"))


class Residual(nn.Module):
    """A user's own, which has the name of one of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.arguments: dict[str, object] = {}

    def forward(self, x: Tensor) -> Tensor:
        return x + 1


class Silent(nn.Module):
    """Does not say how it was made."""

    def forward(self, x: Tensor) -> Tensor:
        return x


@dataclass(frozen=True)
class _Own(Op):
    name: ClassVar[str] = "own"

    says: bool = True

    def shape(self, input: Shape) -> Shape:
        return input

    def cost(self, input: Shape) -> Cost:
        return FREE

    def module(self, input: Shape) -> nn.Module:
        return Residual() if self.says else Silent()


@dataclass(frozen=True)
class _ByRank(_Own):
    name: ClassVar[str] = "by_rank"

    def module(self, input: Shape) -> nn.Module:
        return Silent() if len(input) == 1 else nn.ReLU()


def _space(*layers: object) -> Space:
    return load_space({"input": [4, 6, 6], "layers": layers}, ops={**OPS, "own": _Own, "by_rank": _ByRank})


def test_two_layers_whose_classes_have_one_name() -> None:
    check_exportable(cover(_space("own", {"choice": ["relu", {"conv": {"width": 8}}]})))
    block = {"basic_block": {"width": 8}}
    for layers in (["own", block], [{"choice": ["own", block]}]):  # one network may have both, or either
        with pytest.raises(
            UsageError, match=r"conv_modules\.Residual is already used in .*, by .*test_exportable\.Residual$"
        ):
            check_exportable(cover(_space(*layers)))


def test_a_layer_that_few_networks_have() -> None:
    rare = {"repeat": 6, "of": [{"choice": ["relu", "gelu", "tanh", {"own": {"says": False}}]}]}
    with pytest.raises(
        UsageError, match=r"^Silent is not a class of torch\.nn, so it cannot be written as plain PyTorch"
    ):
        check_exportable(cover(_space(rare)))


def test_a_layer_that_is_another_one_where_it_reads_flat_values() -> None:
    check_exportable(cover(_space("by_rank", "global_avg_pool")))
    with pytest.raises(UsageError, match=r"^Silent is not a class of torch\.nn"):
        check_exportable(cover(_space("by_rank", "global_avg_pool", "by_rank")))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_shipped_spaces(path: Path) -> None:
    check_exportable(cover(load_space(path)))
