"""Texts as tokens: bytes, words and byte pairs."""

import hashlib
import inspect
import os
import subprocess
import sys

import pytest

from nas.data.preparation.tokens import FIRST, WORD, BytePairs, Bytes, Words
from nas.errors import UsageError

TEXTS = ["The cat sat.", "the dog, the cat", "A Cat's life"]


def test_words_and_marks() -> None:
    assert WORD.findall("Don't stop — it's 3.5_x, naïve 'quoted'!") == [
        *("Don't", "stop", "—", "it's", "3", ".", "5_x", ",", "naïve", "'", "quoted", "'", "!")
    ]
    assert WORD.findall(" \n\t") == []


def test_the_most_frequent_words_come_first_and_equally_frequent_ones_are_sorted() -> None:
    words = Words.fitted(TEXTS, size=100, least=1, lower=True)
    assert words.known == ("the", "cat", ",", ".", "a", "cat's", "dog", "life", "sat")
    assert words.size == 2 + 9
    assert list(words(["a cat", "no dogs, The cat.", ""])) == [[6, 3], [1, 1, 4, 2, 3, 5], []]
    cased = Words.fitted(TEXTS, size=100, least=1, lower=False)
    assert cased.known[:2] == ("cat", "the")
    assert list(cased(["The the THE"])) == [[2 + cased.known.index("The"), 3, 1]]


def test_a_vocabulary_has_no_more_words_than_it_may_and_none_that_are_rare() -> None:
    assert Words.fitted(TEXTS, size=4, least=1, lower=True).known == ("the", "cat")
    rare = Words.fitted(TEXTS, size=100, least=2, lower=True)
    assert rare.known == ("the", "cat")
    assert rare.refitted(["x x y y y", "z"], 3).known == ("y",)


def test_bytes_of_utf8() -> None:
    tokens = Bytes(lower=True)
    assert tokens.size == 258
    assert list(tokens(["Aä", "\ud800"])) == [[2 + 97, 2 + 0xC3, 2 + 0xA4], [2 + ord("?")]]
    assert tokens.refitted(TEXTS, 5) is tokens


def test_digits_that_do_not_differ() -> None:
    texts = ["Call 08452 or 0845 now", "call 12 or 3456 now", "Call ٣"]
    words = Words.fitted(texts, size=100, least=1, lower=True, digits=False)
    assert words.known == ("call", "0000", "now", "or", "0", "00", "00000")
    assert list(words(["12345", "9999 9"])) == [[2 + 6], [2 + 1, 2 + 4]]
    assert words.refitted(["1 2 3"], 10).known == ("0",)
    assert list(Bytes(False, digits=False)(["a7"])) == list(Bytes(False)(["a0"]))
    pytest.importorskip("tokenizers")
    pairs = BytePairs.fitted(texts, size=270, least=1, lower=True, digits=False)
    assert list(pairs(["12 34"])) == list(pairs(["98 76"]))
    assert list(pairs(["12 34"])) != list(pairs(["123 4"]))
    assert not pairs.refitted(texts, 270).digits


def test_byte_pairs() -> None:
    pytest.importorskip("tokenizers")
    pairs = BytePairs.fitted(["low lower lowest"] * 3, size=262, least=2, lower=True)
    assert pairs.size == 262
    (low, *_), (_, unseen), none = pairs(["LOW", "\x07", ""])
    assert low == 258 + 2  # the third pair that was merged, after `lo` and `low`: a space, and `low`
    assert 2 <= unseen < 258
    assert none == []
    again = pairs.refitted(["new newer newest"] * 3, 260)
    assert again.size == 260
    assert again.model != pairs.model


def test_byte_pairs_need_room_for_the_bytes() -> None:
    with pytest.raises(UsageError, match="vocabulary: expected 258 or more for bpe, got 257"):
        BytePairs.fitted(TEXTS, size=257, least=1, lower=True)


def test_byte_pairs_need_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"tokens: bpe needs tokenizers: pip install"):
        BytePairs.fitted(TEXTS, size=300, least=1, lower=True)


def trained() -> str:
    """A hash of a model of byte pairs."""
    texts = [f"word{n % 97} thing{n % 13} und straße {n * n}" for n in range(500)]
    return hashlib.sha256(BytePairs.fitted(texts, size=600, least=2, lower=True).model.encode()).hexdigest()


def test_byte_pairs_are_the_same_in_every_process() -> None:
    pytest.importorskip("tokenizers")
    imports = "import hashlib\nfrom nas.data.preparation.tokens import BytePairs\n"
    program = f"{imports}{inspect.getsource(trained)}print(trained())"
    there = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "5", "TOKENIZERS_PARALLELISM": "true", "RAYON_NUM_THREADS": "4"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == trained()


def test_no_threads_of_a_library_are_left_to_processes_that_are_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tokenizers")
    name = "TOKENIZERS_PARALLELISM"
    for before in (None, "true"):
        monkeypatch.delenv(name, raising=False)
        if before is not None:
            monkeypatch.setenv(name, before)
        pairs = BytePairs.fitted(TEXTS, size=300, least=1, lower=True)
        assert len(list(pairs(TEXTS))) == 3
        assert os.environ.get(name) == before


def test_tokens_are_shown_as_the_text_that_they_stand_for() -> None:
    words = Words(True, 1, ("good", "film"))
    assert words.shown([2, 1, 3, 0]) == [" good", " [unknown]", " film", ""]
    assert Bytes(True).shown([FIRST + ord("h"), FIRST + ord("i"), 0]) == ["h", "i", ""]
    pytest.importorskip("tokenizers")
    pairs = BytePairs.fitted(TEXTS, size=300, least=1, lower=False)
    (numbers, *_) = pairs(TEXTS)
    assert "".join(pairs.shown(numbers)).removeprefix(" ") == TEXTS[0]
    assert pairs.shown([0, 1]) == ["", "[unknown]"]
