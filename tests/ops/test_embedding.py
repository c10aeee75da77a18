"""Tokens made of numbers, images and sequences: worked examples, values, positions, and what is refused."""

import math

import pytest
import torch
from torch import Tensor, nn

from nas.errors import ShapeError
from nas.ops import Cost, Embedding, Op, PatchEmbedding
from nas.ops.embedding import Position
from nas.ops.sequence_modules import SinusoidalPosition, TokenEmbedding


def _table(module: nn.Module) -> Tensor:
    """The vectors of an embedding's tokens."""
    return next(part.table.weight for part in module.modules() if isinstance(part, TokenEmbedding))


def test_by_hand() -> None:
    op = Embedding(1000, 64)
    assert op.shape((20,)) == (64, 20)
    assert op.cost((20,)) == Embedding(1000, 64, "sinusoidal").cost((20,)) == Cost(64_000, 0)
    assert Embedding(1000, 64, "learned").cost((20,)) == Cost(64_000 + 64 * 20, 0)


def test_patches_of_vit() -> None:
    # ViT-Ti/16 and ViT-B/16 at 224 pixels: the patch projection, and a position for each of 196 patches.
    assert PatchEmbedding(192, 16).shape((3, 224, 224)) == (192, 196)
    assert PatchEmbedding(192, 16).cost((3, 224, 224)).params == 147_648 + 196 * 192
    assert PatchEmbedding(768, 16, "none").cost((3, 224, 224)) == Cost(590_592, 196 * 768 * 768)
    assert PatchEmbedding(8, 5, "none").shape((2, 20)) == (8, 4)
    assert PatchEmbedding(8, 5, "none").cost((2, 20)) == Cost(8 * 2 * 5 + 8, 8 * 2 * 5 * 4)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32])
def test_numbers_of_any_type_are_looked_up(dtype: torch.dtype) -> None:
    module = Embedding(10, 4).module((3,))
    tokens = torch.tensor([[7, 0, 9], [1, 1, 2]])
    assert torch.equal(module(tokens.to(dtype)), _table(module)[tokens].transpose(1, 2))


def test_large_numbers_are_exact_as_float32() -> None:
    module = Embedding(2**24, 1).module((2,))
    tokens = torch.tensor([[2**24 - 1, 2**24 - 2]])
    assert torch.equal(module(tokens.float())[0, 0], _table(module)[tokens[0], 0])


def test_tokens_and_positions_begin_alike() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokens, positions = Embedding(500, 40, "learned").module((500,)).parameters()
    assert tokens.std().item() == pytest.approx(1, rel=0.02)
    assert positions.std().item() == pytest.approx(1, rel=0.02)


def test_vectors_of_tokens_begin_with_a_standard_deviation_that_is_given() -> None:
    for op in (Embedding(500, 40, std=0.1), Embedding(500, 40, "learned", mask=True, std=0.1)):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            tokens, *positions = op.module((500,)).parameters()
        assert tokens.std().item() == pytest.approx(0.1, rel=0.02)
        assert all(one.std().item() == pytest.approx(1, rel=0.02) for one in positions)
    # They are trained to other networks, so a search tells them apart.
    assert Embedding(500, 40, std=0.1).normal((5,)) != Embedding(500, 40).normal((5,))


def test_waves_by_hand() -> None:
    for width in (4, 5, 1):
        waves = SinusoidalPosition(width, 6)(torch.zeros(1, width, 6))[0]
        for channel in range(width):
            for place in range(6):
                angle = place / 10000 ** (channel // 2 * 2 / width)
                expected = math.cos(angle) if channel % 2 else math.sin(angle)
                assert waves[channel, place].item() == pytest.approx(expected, abs=1e-6)


def test_waves_are_kept_with_the_weights() -> None:
    # A network that is made empty and then loaded must have them.
    assert "1.waves" in Embedding(4, 6, "sinusoidal").module((5,)).state_dict()


@pytest.mark.parametrize("position", ["none", "learned", "sinusoidal"])
def test_only_positions_tell_places_apart(position: Position) -> None:
    tokens, permuted = torch.tensor([[1, 2, 3, 4, 5]]), torch.tensor([[5, 3, 1, 2, 4]])
    module = Embedding(6, 8, position).module((5,))
    means = [module(x).mean(dim=2) for x in (tokens, permuted)]
    torch.testing.assert_close(*means)  # positions alone are added: what mixes them comes after
    maxima = [module(x).amax(dim=2) for x in (tokens, permuted)]
    assert torch.equal(*maxima) == (position == "none")


def test_patches_are_cut_row_by_row() -> None:
    module = PatchEmbedding(4, 2, "none").module((1, 4, 6))
    conv = next(module.children())
    assert isinstance(conv, nn.Conv2d)
    x = torch.randn(3, 1, 4, 6, generator=torch.Generator().manual_seed(0))
    y = module(x)
    for patch in range(6):
        row, column = divmod(patch, 3)
        pixels = x[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        torch.testing.assert_close(y[:, :, patch], conv(pixels).flatten(1))


def test_only_an_embedding_of_numbers_reads_tokens() -> None:
    assert Embedding(17, 4).tokens == 17
    assert PatchEmbedding(8, 4).tokens is None


@pytest.mark.parametrize(
    ("op", "input", "message"),
    [
        (Embedding(8, 4), (3, 8), "embedding needs token numbers (L,), got 3×8; use flatten before it"),
        (Embedding(8, 4), (3, 8, 8), "embedding needs token numbers (L,), got 3×8×8; use flatten before it"),
        (PatchEmbedding(8, 4), (8,), "patch_embedding needs a sequence (C, L) or an image (C, H, W), got 8"),
        (
            PatchEmbedding(8, 4),
            (3, 8, 6),
            "patch_embedding has patches of 4, which must divide the sizes of its input, got 3×8×6",
        ),
        (
            PatchEmbedding(8, 4),
            (3, 2),
            "patch_embedding has patches of 4, which must divide the sizes of its input, got 3×2",
        ),
    ],
)
def test_refusals(op: Op, input: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        op.shape(input)
    assert str(caught.value) == message
