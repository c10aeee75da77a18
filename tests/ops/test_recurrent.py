"""Recurrent layers: PyTorch's counts and values, and what they refuse."""

from typing import Any

import pytest
import torch
from torch import nn

from nas.errors import ShapeError
from nas.ops import GRU, LSTM, Cost
from nas.ops.sequence_modules import Recurrent

OPTIONS: list[dict[str, Any]] = [
    {},
    {"bidirectional": True},
    {"layers": 2},
    {"layers": 3, "bidirectional": True, "dropout": 0.2},
]


def test_by_hand() -> None:
    # A gate has weights for the input and for the hidden state, and PyTorch gives it two biases.
    assert LSTM(6).cost((5, 9)) == Cost(4 * 6 * (5 + 6 + 2), 4 * 6 * (5 + 6) * 9)
    assert GRU(6).cost((5, 9)) == Cost(3 * 6 * (5 + 6 + 2), 3 * 6 * (5 + 6) * 9)
    assert LSTM(20, layers=2).cost((10, 1)).params == 4 * 20 * (10 + 20 + 2) + 4 * 20 * (20 + 20 + 2) == 5920
    both = GRU(6, layers=2, bidirectional=True)
    assert both.cost((5, 9)).params == 2 * 3 * 6 * (5 + 6 + 2) + 2 * 3 * 6 * (12 + 6 + 2)


def test_shapes() -> None:
    assert LSTM(6).shape((5, 9)) == (6, 9)
    assert LSTM(6, bidirectional=True).shape((5, 9)) == (12, 9)
    assert LSTM(6, output="last").shape((5, 9)) == (6,)
    assert GRU(6, layers=2, bidirectional=True, output="last").shape((5, 9)) == (12,)


@pytest.mark.parametrize("cls", [LSTM, GRU])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_values_are_pytorchs(cls: type[LSTM | GRU], options: dict[str, Any]) -> None:
    sequence = cls(6, **options).module((5, 9)).eval()
    last = cls(6, **options, output="last").module((5, 9)).eval()
    last.load_state_dict(sequence.state_dict())
    assert isinstance(sequence, Recurrent)
    rnn = sequence.rnn
    assert isinstance(rnn, nn.LSTM if cls is LSTM else nn.GRU)
    x = torch.randn(3, 5, 9, generator=torch.Generator().manual_seed(0))
    y, state = rnn(x.transpose(1, 2))
    assert torch.equal(sequence(x), y.transpose(1, 2))
    hidden = state[0] if cls is LSTM else state
    expected = torch.cat(list(hidden[-2:] if options.get("bidirectional") else hidden[-1:]), dim=1)
    assert torch.equal(last(x), expected)
    # The way there ends at the last place, and the way back at the first.
    torch.testing.assert_close(last(x)[:, :6], sequence(x)[:, :6, -1])
    torch.testing.assert_close(last(x)[:, 6:], sequence(x)[:, 6:, 0])


def test_the_order_matters() -> None:
    module = GRU(6, output="last").module((5, 9))
    x = torch.randn(3, 5, 9, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(module(x), module(x.flip(2)))


def test_dropout_of_a_single_layer_is_none() -> None:
    # PyTorch warns of it; warnings are errors here.
    assert LSTM(6, dropout=0.5) == LSTM(6)
    assert LSTM(6, dropout=0.5).text == "lstm(units=6)"
    assert LSTM(6, layers=2, dropout=0.5).text == "lstm(units=6, layers=2, dropout=0.5)"
    LSTM(6, dropout=0.5).module((5, 9))
    module = LSTM(6, layers=2, dropout=0.5).module((5, 9))
    x = torch.randn(3, 5, 9)
    assert not torch.equal(module(x), module(x))


@pytest.mark.parametrize(("op", "name"), [(LSTM(6), "lstm"), (GRU(6), "gru")])
@pytest.mark.parametrize(("input", "shown"), [((5,), "5"), ((3, 8, 8), "3×8×8")])
def test_refusals(op: LSTM | GRU, name: str, input: tuple[int, ...], shown: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == f"{name} needs a sequence (C, L), got {shown}"
