"""Embeddings of adjacent tokens: worked examples, which n-grams share a vector, padding, and what is refused."""

import pytest
import torch
from torch import Tensor

from nas.errors import ShapeError
from nas.ops import Cost, NgramEmbedding
from nas.ops.sequence_modules import HashedNgrams


def test_by_hand() -> None:
    op = NgramEmbedding(1000, 16)
    assert op.shape((20,)) == (16, 19)
    assert op.cost((20,)) == Cost(65_536 * 16, 0)
    assert NgramEmbedding(1000, 16, n=5, buckets=100).shape((5,)) == (16, 1)
    assert NgramEmbedding(1000, 16, n=5, buckets=100).cost((5,)) == Cost(1_600, 0)
    assert op.tokens == 1000


def test_hash_by_hand() -> None:
    module = HashedNgrams(1000, 1, 3)
    prime = 2**31 - 1
    code = ((7 * 1_540_483_477 + 2**24 - 1) % prime * 1_540_483_477 + 9) % prime
    assert module.places(torch.tensor([[5.0, 7, 2**24 - 1, 9]]))[0, 1].item() == code % 1000


def test_an_ngram_has_one_vector_wherever_it_stands() -> None:
    module = NgramEmbedding(10, 4).module((5,))
    vectors: Tensor = module(torch.tensor([[3, 7, 1, 3, 7], [7, 3, 3, 7, 7]]))
    assert torch.equal(vectors[0, :, 0], vectors[0, :, 3])
    assert torch.equal(vectors[0, :, 0], vectors[1, :, 2])
    others = [vectors[0, :, 1], vectors[0, :, 2], vectors[1, :, 0], vectors[1, :, 1], vectors[1, :, 3]]
    assert not any(torch.equal(vectors[0, :, 0], other) for other in others)


@pytest.mark.parametrize("n", [2, 3])
def test_ngrams_spread_evenly(n: int) -> None:
    words, buckets = 300, 1000
    drawn = torch.randint(words, (30_000, n), generator=torch.Generator().manual_seed(0))
    ngrams = torch.tensor(sorted({tuple(ngram) for ngram in drawn.tolist()}))
    counts = torch.bincount(HashedNgrams(buckets, 1, n).places(ngrams)[:, 0], minlength=buckets).double()
    expected = len(ngrams) / buckets
    statistic = ((counts - expected) ** 2 / expected).sum().item()
    assert statistic < buckets - 1 + 4 * (2 * (buckets - 1)) ** 0.5  # chi-squared: four deviations above its mean


def test_ngrams_with_padding_have_the_vector_0() -> None:
    tokens = torch.tensor([[0, 2, 3, 4, 0, 0]])
    masked: Tensor = NgramEmbedding(10, 4, mask=True).module((6,))(tokens)
    assert (masked != 0).any(1)[0].tolist() == [False, True, True, False, False]
    plain: Tensor = NgramEmbedding(10, 4).module((6,))(tokens)
    assert (plain != 0).any(1).all()


def test_initial_vectors_have_the_standard_deviation_that_is_given() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        (table,) = NgramEmbedding(10, 16, buckets=2000, std=0.01).module((6,)).parameters()
    assert table.std().item() == pytest.approx(0.01, rel=0.02)


def test_refusals() -> None:
    with pytest.raises(ShapeError, match=r"ngram_embedding needs token numbers \(L,\), got 3×8; use flatten before it"):
        NgramEmbedding(10, 4).shape((3, 8))
    with pytest.raises(ShapeError, match="ngram_embedding of 3 tokens needs as many or more, got 2"):
        NgramEmbedding(10, 4, n=3).shape((2,))
