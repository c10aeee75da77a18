"""Packed layers of tokens. That they compute the same is tested for all ops."""

import torch

from nas.ops import sequence_modules as modules
from nas.training.packed.sequences import PackedHashedNgrams, PackedTokenEmbedding, refuses_self_attention


def test_each_copy_has_its_table() -> None:
    embeddings = [modules.TokenEmbedding(7, 4), modules.TokenEmbedding(7, 4)]
    tokens = torch.tensor([[[0, 6, 3]], [[6, 6, 1]]]).float()  # copies, samples, positions
    found = PackedTokenEmbedding(embeddings)(tokens)
    assert found.shape == (1, 8, 3)
    expected = torch.cat([embedding(part) for embedding, part in zip(embeddings, tokens, strict=True)], dim=1)
    assert torch.equal(found, expected)


def test_each_copy_has_its_table_of_ngrams() -> None:
    embeddings = [modules.HashedNgrams(11, 4, 2, mask=True), modules.HashedNgrams(11, 4, 2, mask=True)]
    packed = PackedHashedNgrams(embeddings)
    assert [name for name, _ in packed.named_parameters()] == ["table.weight"]
    tokens = torch.tensor([[[0, 6, 3]], [[6, 6, 1]]]).float()  # copies, samples, positions
    found = packed(tokens)
    assert found.shape == (1, 8, 2)
    expected = torch.cat([embedding(part) for embedding, part in zip(embeddings, tokens, strict=True)], dim=1)
    assert torch.equal(found, expected)
    assert found[0, :4, 0].eq(0).all()
    assert found[0, 4:].ne(0).all()


def test_refusals() -> None:
    assert refuses_self_attention(modules.SelfAttention(4, 2, 0.1)).startswith("drops attention weights")
    assert refuses_self_attention(modules.SelfAttention(4, 2)) == ""
