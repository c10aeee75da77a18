"""Vectors of numbers: worked examples, values, and what is refused."""

from statistics import NormalDist
from typing import Any

import pytest
import torch
from torch import nn

from nas.errors import ArgumentError, ShapeError
from nas.ops import Cost, EmbedCategories, EmbedNumbers, Flatten, Linear
from nas.ops.table_modules import NumberEmbedding, PeriodicEncoding
from nas.testing import check_op
from nas.training.optimizer import decayed
from tests.model.layers import chain

PIECEWISE = EmbedNumbers((3, 4), width=2, components=5)
PERIODIC = EmbedNumbers((3, 4), width=2, encoding="periodic", components=5, std=0.5)


def test_by_hand() -> None:
    assert PIECEWISE.shape((5,)) == PERIODIC.shape((5,)) == (3 * 2 + 2,)
    assert PIECEWISE.cost((5,)) == Cost(3 * (5 * 2 + 2), 3 * 5 * 2)
    assert PERIODIC.cost((5,)) == Cost(3 * (5 + 10 * 2 + 2), 3 * 10 * 2)
    assert PIECEWISE.text == "embed_numbers(categories=[3,4], width=2, components=5)"
    assert PERIODIC.text == "embed_numbers(categories=[3,4], width=2, encoding=periodic, components=5, std=0.5)"


@pytest.mark.parametrize("op", [PIECEWISE, PERIODIC], ids=["piecewise", "periodic"])
def test_the_arithmetic_is_that_of_the_module(op: EmbedNumbers) -> None:
    check_op(op, (2,), (3,), (6,))


def test_each_number_has_a_vector_of_its_own_weights_and_codes_stay() -> None:
    module = PIECEWISE.module((4,))
    assert isinstance(module, NumberEmbedding)
    with torch.no_grad():
        module.linear.weight[:] = 1
        module.linear.bias[:] = torch.tensor([0.0, -1.0, 10.0, -20.0])
    quartiles = [NormalDist().inv_cdf(share) for share in (0.25, 0.5)]
    found = module(torch.tensor([[*quartiles, 2, 3]]))
    # Five bins, of which 1.25 and 2.5 lie below; ReLU.
    torch.testing.assert_close(found, torch.tensor([[1.25, 0.25, 12.5, 0, 2, 3]]))


def test_codes_stay_exact_in_half_precision() -> None:
    rows = torch.tensor([[0.5, 2**20 - 1]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = EmbedNumbers((2**20,), width=3).module((2,))(rows)
    assert found[0, 3] == 2**20 - 1


def test_categories_follow() -> None:
    arch = chain((5,), PIECEWISE, EmbedCategories((3, 4), width=6), Linear(2))
    assert [layer.output for layer in arch.layers] == [(8,), (6 + 12,), (2,)]


def test_without_numbers_it_is_the_identity() -> None:
    assert PERIODIC.is_identity((2,))
    assert PERIODIC.shape((2,)) == (2,)
    assert PERIODIC.cost((2,)) == Cost(0, 0)
    assert isinstance(PERIODIC.module((2,)), nn.Identity)
    assert chain((2,), PERIODIC, Linear(2)).id == chain((2,), Linear(2)).id


def test_without_categories_all_values_are_numbers() -> None:
    assert EmbedNumbers((), width=3).shape((4,)) == (12,)
    assert EmbedNumbers((), width=3).module((4,))(torch.randn(5, 4)).shape == (5, 12)


def test_ids_tell_apart_what_differs() -> None:
    def id_of(*categories: int, **settings: Any) -> str:
        return chain((4,), EmbedNumbers(categories, **settings), Flatten(), Linear(2)).id

    base = id_of(3, 4)
    assert id_of(5, 6) == base, "codes stay, however many there are"
    assert id_of(3, 4, std=0.5) == base, "it has no frequencies"
    others = [id_of(3), id_of(3, 4, width=8), id_of(3, 4, components=8)]
    periodic = [id_of(3, 4, encoding="periodic", std=std) for std in (0.1, 0.5)]
    assert len({base, *others, *periodic}) == 6


def test_frequencies_and_biases_are_not_decayed() -> None:
    module = PERIODIC.module((4,))
    assert isinstance(module, NumberEmbedding)
    assert decayed(module) == [module.linear.weight]


def test_frequencies_begin_with_their_standard_deviation() -> None:
    encoding = EmbedNumbers((), encoding="periodic", components=1000, std=3).module((20,)).encoding
    assert isinstance(encoding, PeriodicEncoding)
    assert float(encoding.frequencies.detach().std()) == pytest.approx(3, rel=0.05)  # 7 standard errors


def test_what_does_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"embed_numbers needs rows of a table \(F,\), got 3×8"):
        PIECEWISE.shape((3, 8))
    with pytest.raises(ShapeError, match="embed_numbers has 2 columns of categories, got rows of 1 values"):
        PIECEWISE.shape((1,))
    with pytest.raises(ArgumentError, match=r"categories\[1\]: expected 1 or more, got 0"):
        EmbedNumbers((3, 0))
    unknown: Any = "fourier"
    with pytest.raises(ArgumentError, match="encoding: expected 'piecewise' or 'periodic', got 'fourier'"):
        EmbedNumbers((), encoding=unknown)
    with pytest.raises(ArgumentError, match="std: expected more than 0"):
        EmbedNumbers((), std=0)
