"""Packed layers of tokens. That they compute the same is tested for all ops."""

import torch

from nas.ops import sequence_modules as modules
from nas.training.packed.sequences import PackedTokenEmbedding, refuses_self_attention


def test_each_copy_has_its_table() -> None:
    embeddings = [modules.TokenEmbedding(7, 4), modules.TokenEmbedding(7, 4)]
    tokens = torch.tensor([[[0, 6, 3]], [[6, 6, 1]]]).float()  # copies, samples, positions
    found = PackedTokenEmbedding(embeddings)(tokens)
    assert found.shape == (1, 8, 3)
    expected = torch.cat([embedding(part) for embedding, part in zip(embeddings, tokens, strict=True)], dim=1)
    assert torch.equal(found, expected)


def test_refusals() -> None:
    assert refuses_self_attention(modules.SelfAttention(4, 2, 0.1)).startswith("drops attention weights")
    assert refuses_self_attention(modules.SelfAttention(4, 2)) == ""
