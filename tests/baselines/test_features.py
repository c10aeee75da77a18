"""Features of samples, against scikit-learn where it has the same."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from nas.baselines import features
from nas.baselines.features import LogMelBands, Pixels, Plain, TfIdf

RNG = np.random.default_rng(0)


def test_small_inputs_are_taken_as_they_are() -> None:
    rows = RNG.normal(size=(4, 7)).astype(np.float32)
    assert np.array_equal(Plain((7,))(rows), rows)
    images = RNG.integers(0, 255, (3, 2, 8, 8), dtype=np.uint8)
    assert np.array_equal(Pixels((2, 8, 8))(images), images.reshape(3, -1))


def test_large_inputs_are_averaged() -> None:
    images = RNG.normal(size=(2, 3, 70, 96)).astype(np.float32)
    pixels = Pixels((3, 70, 96))
    assert pixels.size == 3 * 35 * 32
    assert np.allclose(pixels(images)[0, 0], images[0, 0, :2, :3].mean(), atol=1e-6)
    plain = Plain((2, 10_000))
    assert plain(np.ones((2, 2, 10_000), np.float32)).shape == (2, plain.size)
    assert plain.size <= Plain.most


def test_inputs_are_read_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RNG.normal(size=(50, 4)).astype(np.float32)
    monkeypatch.setattr(features, "AT_ONCE", 12)
    assert np.array_equal(Plain((4,))(rows), rows)
    chosen = np.array([3, 9, 30, 31])
    assert np.array_equal(Plain((4,)).fit(rows, chosen), rows[chosen])


def test_frequencies_of_tokens_and_pairs_are_those_of_scikit_learn() -> None:
    """Padding at an end belongs to no pair; a pair of a single text is left out, and one that was never seen."""
    tokens = RNG.integers(1, 6, size=(60, 9)).astype(np.float32)
    tokens[::3, 6:] = 0
    tokens[0, :2], tokens[1:, 0] = (5, 5), 1
    texts = [[str(int(token)) for token in row if token] for row in tokens]
    terms = [[*words, *map("-".join, pairwise(words))] for words in texts]
    kept = {term for term in {term for text in terms for term in text} if sum(term in text for text in terms) >= 2}
    known = TfidfVectorizer(analyzer=list, sublinear_tf=True, vocabulary=sorted(kept)).fit(terms[:40] + terms[40:])
    own = TfIdf(6)
    found = own.fit(tokens, np.arange(60))
    assert found.shape == (60, len(kept))
    expected = known.transform(terms)
    assert np.allclose(np.sort(found.toarray(), axis=1), np.sort(expected.toarray(), axis=1), atol=1e-6)
    assert np.allclose(own(tokens[:5]).toarray(), found[:5].toarray())
    assert own(np.zeros((2, 9), np.float32)).nnz == 0, "texts without tokens"


@pytest.mark.parametrize(("rate", "samples"), [(8000, 4000), (8000, 50), (1000, 300)])
def test_sounds_of_all_lengths_and_rates(rate: int, samples: int) -> None:
    sounds = RNG.normal(size=(3, 1, samples)).astype(np.float32)
    bands = LogMelBands(rate)
    found = bands.fit(sounds, np.arange(3))
    assert np.isfinite(found).all()
    assert found.shape[1] <= bands.size
    assert np.allclose(bands(sounds), found)
    louder = np.array([0.1, 1, 10], np.float32)[:, None, None] * sounds
    assert np.allclose(bands(louder), found, atol=1e-3), "the loudness of each sound is divided out"
