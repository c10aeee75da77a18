"""Padding changes nothing: each layer gives of a text what it gives of it alone, wherever the padding is."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nas.model.copied import class_sources
from nas.model.source import module_source
from nas.ops import (
    GRU,
    LSTM,
    Attention,
    Embedding,
    FeedForward,
    GlobalAvgPool,
    GlobalMaxPool,
    Op,
    TransformerBlock,
    WideConv,
)
from nas.ops.masked_modules import MaskedMax, MaskedMean, MaskedRecurrent

HEADER = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"
LENGTHS = (5, 2, 1)
LONG = 9

LAYERS: list[Op] = [
    Attention(2, mask=True),
    FeedForward(2.0, mask=True),
    TransformerBlock(2, mask=True),
    LSTM(3, mask=True),
    GRU(3, layers=2, bidirectional=True, dropout=0.3, mask=True),
    LSTM(3, layers=2, bidirectional=True, output="last", mask=True),
    GRU(3, output="last", mask=True),
    GlobalAvgPool(mask=True),
    GlobalMaxPool(mask=True),
]


def texts(seed: int = 0) -> list[Tensor]:
    """Texts of 4 channels, `(4, L)` each."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(4, length, generator=generator) for length in LENGTHS]


def padded(text: Tensor, where: str, length: int = LONG) -> Tensor:
    """A text with padding, `(1, 4, length)`."""
    missing = length - text.shape[1]
    before = {"left": missing, "right": 0, "both": missing // 2}[where]
    return nn.functional.pad(text, (before, missing - before))[None]


@pytest.mark.parametrize("op", LAYERS, ids=lambda op: op.text)
def test_a_padded_text_gives_what_the_text_alone_gives(op: Op) -> None:
    module = op.module((4, LONG)).eval()
    for text in texts():
        alone = module(text[None])
        for where in ("left", "right", "both"):
            given = padded(text, where)
            found = module(given)
            if found.ndim == 3:
                real = (given != 0).any(1)[0]
                assert not found[:, :, ~real].any()
                found = found[:, :, real]
            torch.testing.assert_close(found, alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("op", [*LAYERS, WideConv(5, 3)], ids=lambda op: op.text)
def test_padding_alone_gives_0_and_no_gradient_that_is_not_finite(op: Op) -> None:
    module = op.module((4, 6)).train()
    x = torch.zeros(2, 4, 6)
    x[1, :, 2] = 1
    x.requires_grad_()
    y = module(x)
    assert not y[0].any()
    y.square().sum().backward()
    assert x.grad is not None
    assert all(bool(one.grad.isfinite().all()) for one in (x, *module.parameters()) if one.grad is not None)


@pytest.mark.parametrize("kernel", [1, 2, 5])
def test_a_wide_convolution_has_the_windows_that_touch_the_text(kernel: int) -> None:
    module = WideConv(6, kernel).module((4, LONG))
    for text in texts():
        alone = module(text[None])
        assert alone.shape == (1, 6, text.shape[1] + kernel - 1)
        torch.testing.assert_close(alone, nn.functional.conv1d(text[None], *parameters(module), padding=kernel - 1))
        for where in ("left", "right", "both"):
            found = module(padded(text, where))
            real = (found != 0).any(1)[0]
            torch.testing.assert_close(found[:, :, real], alone)
            assert not found[:, :, ~real].any()


def parameters(module: nn.Module) -> tuple[Tensor, Tensor]:
    weight, bias = module.parameters()
    return weight, bias


@pytest.mark.parametrize(("cell", "kind"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_recurrent_layers_give_what_pytorch_gives_of_packed_sequences(cell: str, kind: Any) -> None:
    theirs = kind(4, 3, num_layers=2, bidirectional=True, batch_first=True)
    ours = {last: MaskedRecurrent(cell, 4, 3, 2, True, last=last) for last in (False, True)}
    for module in ours.values():
        with torch.no_grad():
            for layer in range(2):
                for way, suffix in enumerate(("", "_reverse")):
                    rnn = module.ways[2 * layer + way]
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                        getattr(rnn, f"{name}_l0").copy_(getattr(theirs, f"{name}_l{layer}{suffix}"))
    x = torch.cat([padded(text, "right") for text in texts()])
    packed = pack_padded_sequence(x.transpose(1, 2), torch.tensor(LENGTHS), batch_first=True)
    sequence, state = theirs(packed)
    expected, _ = pad_packed_sequence(sequence, batch_first=True, total_length=LONG)
    torch.testing.assert_close(ours[False](x), expected.transpose(1, 2))
    hidden = state[0] if cell == "lstm" else state
    torch.testing.assert_close(ours[True](x), torch.cat([hidden[-2], hidden[-1]], 1))


@pytest.mark.parametrize("position", ["none", "learned", "sinusoidal"])
def test_embeddings_count_positions_from_the_first_token(position: Any) -> None:
    module = Embedding(7, 4, position, mask=True).module((6,))
    right, left = torch.tensor([[3.0, 5, 1, 0, 0, 0]]), torch.tensor([[0.0, 0, 0, 3, 5, 1]])
    first, second = module(right), module(left)
    torch.testing.assert_close(first[:, :, :3], second[:, :, 3:])
    assert not first[:, :, 3:].any()
    assert not second[:, :, :3].any()
    plain = Embedding(7, 4, position).module((6,))
    plain.load_state_dict({key.replace(".position.", "."): value for key, value in module.state_dict().items()})
    torch.testing.assert_close(plain(right)[:, :, :3], first[:, :, :3])


def test_pools_by_hand() -> None:
    x = torch.tensor([[[0.0, -3, -1, 0], [0.0, 2, 0, 0]]])
    assert MaskedMean()(x).tolist() == [[-2.0, 1.0]]
    assert MaskedMax()(x).tolist() == [[-1.0, 2.0]]
    assert MaskedMax()(x[..., None]).tolist() == [[-1.0, 2.0]]


EXPORTED: list[tuple[Op, tuple[int, ...]]] = [
    *((op, (4, LONG)) for op in LAYERS),
    (WideConv(5, 3), (4, LONG)),
    (WideConv(5, 3, bias=False), (4, LONG)),
    *((Embedding(7, 4, position, mask=True), (LONG,)) for position in ("none", "learned", "sinusoidal")),
]


@pytest.mark.parametrize(("op", "input"), EXPORTED, ids=lambda value: getattr(value, "text", ""))
def test_copies_of_the_classes_do_the_same(op: Op, input: tuple[int, ...]) -> None:
    module = op.module(input).eval()
    names: dict[str, Any] = {}
    exec(HEADER + "\n".join(class_sources(nn.ModuleList([module]))), names)
    exec(f"made = {module_source(module)}", names)
    again = names["made"].eval()
    again.load_state_dict(module.state_dict())
    x = torch.randint(0, 7, (3, *input), generator=torch.Generator().manual_seed(0)).float()
    assert torch.equal(again(x), module(x))
