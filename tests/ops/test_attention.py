"""Layers of a transformer: counts from the literature, values against PyTorch's own encoder, symmetries, refusals."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.errors import ShapeError
from nas.ops import Attention, Cost, FeedForward, LayerNorm, Linear, Op, PatchEmbedding, Shape, TransformerBlock
from nas.ops import sequence_modules as modules


def _tokens(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_blocks_of_vit() -> None:
    # Dosovitskiy et al. 2021 and Touvron et al. 2021: blocks of ViT-B and of ViT-Ti on 196 patches and a class token.
    assert TransformerBlock(12).cost((768, 197)).params == 7_087_872
    assert TransformerBlock(3).cost((192, 197)).params == 444_864
    macs = 197 * (4 * 768**2 + 8 * 768**2) + 2 * 197**2 * 768
    assert TransformerBlock(12).cost((768, 197)).macs == macs


def test_a_whole_vit() -> None:
    # ViT-Ti/16 of 1,000 classes has 5,717,416 parameters; ours has no class token, nor a position for it.
    shape: Shape = (3, 224, 224)
    params = 0
    for op in (PatchEmbedding(192, 16), *[TransformerBlock(3)] * 12, LayerNorm("channels")):
        params += op.cost(shape).params
        shape = op.shape(shape)
    params += Linear(1000).cost(shape[:1]).params
    assert params == 5_717_416 - 2 * 192


def test_by_hand() -> None:
    assert Attention(2).shape((8, 5)) == (8, 5)
    assert Attention(2).cost((8, 5)) == Cost(8 * 24 + 24 + 8 * 8 + 8 + 16, 5 * 4 * 64 + 2 * 25 * 8)
    assert FeedForward(2).cost((8, 5)) == Cost(2 * 8 * 16 + 16 + 8 + 16, 5 * 2 * 8 * 16)
    assert FeedForward(2).cost((8,)) == Cost(2 * 8 * 16 + 16 + 8 + 16, 2 * 8 * 16)


def test_the_hidden_width_is_rounded_and_never_0() -> None:
    for expansion, hidden in ((0.01, 1), (1.3, 4), (1.5, 4), (4, 12)):
        module = FeedForward(expansion).module((3, 5))
        assert isinstance(module, modules.FeedForward)
        assert module.up.out_features == hidden


@pytest.mark.parametrize("training", [True, False])
def test_values_are_those_of_pytorchs_encoder(training: bool) -> None:
    theirs = nn.TransformerEncoderLayer(
        12, 3, dim_feedforward=24, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    ).train(training)
    ours = TransformerBlock(3, expansion=2.0).module((12, 7)).train(training)
    attention, feed_forward = ours.children()
    assert isinstance(attention, modules.SelfAttention)
    assert isinstance(feed_forward, modules.FeedForward)
    pairs: list[tuple[nn.Module, nn.Module]] = [
        (attention.norm, theirs.norm1),
        (attention.out, theirs.self_attn.out_proj),
        (feed_forward.norm, theirs.norm2),
        (feed_forward.up, theirs.linear1),
        (feed_forward.down, theirs.linear2),
    ]
    with torch.no_grad():
        for mine, other in pairs:
            for parameter, value in zip(mine.parameters(), other.parameters(), strict=True):
                value.copy_(parameter)
        theirs.self_attn.in_proj_weight.copy_(attention.qkv.weight)
        theirs.self_attn.in_proj_bias.copy_(attention.qkv.bias.uniform_(-1, 1))
        x = _tokens(4, 12, 7)
        torch.testing.assert_close(ours(x), theirs(x.transpose(1, 2)).transpose(1, 2), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ["gelu", "relu", "silu"])
@pytest.mark.parametrize("shape", [(6,), (6, 5), (6, 4, 3)])
def test_feed_forward_looks_at_each_place_by_itself(activation: str, shape: Shape) -> None:
    module = FeedForward(2.0, activation).module(shape)  # type: ignore[arg-type]
    assert isinstance(module, modules.FeedForward)
    x = _tokens(2, *shape)
    for place in np.ndindex(shape[1:]):
        at = (slice(None), slice(None), *place)
        hidden = getattr(functional, activation)(module.up(module.norm(x[at])))
        torch.testing.assert_close(module(x)[at], x[at] + module.down(hidden))


def test_attention_does_not_know_the_order_of_its_tokens() -> None:
    module = TransformerBlock(4).module((16, 9)).eval()
    x = _tokens(3, 16, 9)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(module(x[:, :, order]), module(x)[:, :, order])
        torch.testing.assert_close(module(x[:, :, order]).mean(dim=2), module(x).mean(dim=2))
        # Every token looks at every other one.
        changed = x.clone()
        changed[:, :, 0] = _tokens(3, 16, seed=5)
        assert ((module(changed) - module(x)).abs().amax(dim=(0, 1)) > 1e-4).all()


def test_learned_positions_tell_the_order() -> None:
    network = nn.Sequential(PatchEmbedding(16, 1).module((2, 9)), TransformerBlock(4).module((16, 9))).eval()
    x = _tokens(3, 2, 9)
    with torch.no_grad():
        assert not torch.allclose(network(x).mean(dim=2), network(x.flip(2)).mean(dim=2), atol=1e-4)


@pytest.mark.parametrize("op", [Attention(dropout=0.5), FeedForward(dropout=0.5), TransformerBlock(dropout=0.5)])
def test_dropout_is_of_training_alone(op: Op) -> None:
    module = op.module((8, 5))
    x = _tokens(2, 8, 5)
    assert not torch.equal(module(x), module(x))
    module.eval()
    assert torch.equal(module(x), module(x))


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (Attention(), (8,), "attention needs tokens (D, L), got 8; use embedding or patch_embedding before it"),
        (Attention(3), (16, 5), "attention has 3 heads, which must divide its 16 input channels"),
        (
            TransformerBlock(),
            (8, 4, 4),
            "transformer_block needs tokens (D, L), got 8×4×4; use embedding or patch_embedding before it",
        ),
        (TransformerBlock(5), (16, 5), "transformer_block has 5 heads, which must divide its 16 input channels"),
    ],
)
def test_refusals(op: Op, input: Shape, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
