"""When networks are packed."""

import torch

from nas.model import Network
from nas.ops import Conv, Linear, ReLU
from nas.training.packed.worthwhile import MOST_COPIES, MOST_WORK, group_sizes, suits, work
from nas.training.private.privacy import Privacy
from nas.training.recipe import Recipe
from tests.model.layers import chain

MLP = Network(chain((64,), Linear(32), ReLU(), Linear(10)))


def test_work_by_hand() -> None:
    macs, params = 64 * 32 + 32 * 10, 64 * 32 + 32 + 32 * 10 + 10
    assert MLP.arch.cost == (params, macs)
    assert work(MLP, 128) == (128 * macs + 64 * params) / 2


def test_small_networks_are_packed_in_equal_groups() -> None:
    assert group_sizes(MLP, 128, 2) == (2,)
    assert group_sizes(MLP, 128, 10) == (MOST_COPIES,)
    assert group_sizes(MLP, 128, 11) == (6, 5)
    assert group_sizes(MLP, 128, 25) == (9, 8, 8)
    assert group_sizes(MLP, 2048, 10) == (5, 5), "of 2.5 million each"


def test_large_networks_are_not() -> None:
    wide = Network(chain((16, 8, 8), Conv(32)))
    assert work(wide, 32) > MOST_WORK
    assert group_sizes(wide, 32, 3) == (1, 1, 1)


def test_only_in_single_precision_on_the_cpu() -> None:
    assert suits(torch.device("cpu"), torch.float32, Recipe())
    assert not suits(torch.device("cuda"), torch.float32, Recipe())
    assert not suits(torch.device("cpu"), torch.bfloat16, Recipe())


def test_recipes_that_copies_do_not_share() -> None:
    """Where copies would end at different epochs, leave out branches, average epochs, or be compiled."""
    private = Recipe(privacy=Privacy(1.0))
    one_by_one = [Recipe(patience=2), Recipe(drop_path=0.1), Recipe(swa=0.5), Recipe(compile="always"), private]
    assert not any(suits(torch.device("cpu"), torch.float32, recipe) for recipe in one_by_one)
    packed = [Recipe(ema=0.9), Recipe(optimizer="muon"), Recipe(schedule="one_cycle"), Recipe(compile="cuda")]
    assert all(suits(torch.device("cpu"), torch.float32, recipe) for recipe in packed)
