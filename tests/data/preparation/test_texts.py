"""Texts as token numbers of one length."""

from typing import Any, Literal

import numpy as np
import pytest

from nas.data import InputSpec, Tokenizing
from nas.data.preparation import PREPARATIONS
from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.data.preparation.texts import Texts, fit_texts
from nas.data.preparation.tokens import Words
from nas.errors import ArgumentError, UsageError

TRAIN = ["one two three", "two", "three two one zero", "two one"]
"""By frequency: two, one, three, zero."""


def raw(*texts: str) -> np.ndarray[Any, Any]:
    return np.array(texts, object)


def test_by_hand() -> None:
    texts = fit_texts(raw(*TRAIN), Tokenizing(min_count=1, length=3))
    assert texts.input == InputSpec("text", (3,), tokens=6)
    assert texts.fits
    assert texts.truncated == 0.25
    found = texts(raw("Two", "three four one zero", ""))
    assert found.dtype == np.float32
    assert found.tolist() == [[2, 0, 0], [4, 1, 3], [0, 0, 0]]
    left = fit_texts(raw(*TRAIN), Tokenizing(min_count=1, length=3, pad="left"))
    assert left(raw("Two", "three four one zero")).tolist() == [[0, 0, 2], [4, 1, 3]]


def test_the_length_is_one_that_95_percent_of_the_training_texts_have_at_most() -> None:
    texts = [" ".join(["word"] * count) for count in range(1, 101)]
    fitted = fit_texts(texts)
    assert fitted.length == 95
    assert fitted.truncated == 0.05
    assert fitted.note == (
        "Texts are cut into words and punctuation marks, of which the vocabulary has 1; inputs have 95: shorter texts "
        "are padded at their end, and longer ones (5.0% of the training texts) lose their end"
    )


def test_a_fold_has_its_own_words_and_the_size_of_the_first() -> None:
    texts = fit_texts(raw(*TRAIN), Tokenizing(min_count=1))
    fold = texts.refitted(raw("five six six seven eight nine ten eleven"))
    assert fold.input == texts.input
    assert isinstance(fold.tokens, Words)
    assert fold.tokens.known == ("six", "eight", "eleven", "five")
    assert fold(raw("six one nine")).tolist() == [[2, 1, 1, 0]]
    few = texts.refitted(raw("two two"))
    assert few.input == texts.input
    assert few(raw("two one")).max() < few.input.tokens


@pytest.mark.parametrize("tokens", ["words", "bytes", "bpe"])
def test_numbers_are_known_by_their_length(tokens: Literal["words", "bytes", "bpe"]) -> None:
    if tokens == "bpe":
        pytest.importorskip("tokenizers")
    texts = fit_texts(raw("call 12 now", "call 3456"), Tokenizing(tokens=tokens, min_count=1, digits=False))
    one, same, longer = texts(raw("call 99", "call 10", "call 100"))
    assert one.tolist() == same.tolist() != longer.tolist()
    stored = preparation_to_json(texts)
    assert preparation_from_json(stored, PREPARATIONS) == texts
    assert stored.count('"digits": false') == 1
    # Those that were stored before this was a setting are read as ever.
    before = preparation_from_json(stored.replace(', "digits": false', ""), PREPARATIONS)
    assert isinstance(before, Texts)
    assert before.tokens.digits


def test_bytes_are_fitted_to_nothing() -> None:
    texts = fit_texts(raw("ab", "abc"), Tokenizing(tokens="bytes"))
    assert not texts.fits
    assert texts.refitted(raw("x" * 9)) is texts
    assert texts.input == InputSpec("text", (3,), tokens=258)
    assert texts(["ba"]).tolist() == [[100, 99, 0]]
    assert texts.note.startswith("Texts are cut into bytes; inputs have 3: ")


@pytest.mark.parametrize("tokens", ["words", "bytes", "bpe"])
def test_it_returns_from_json(tokens: Any) -> None:
    if tokens == "bpe":
        pytest.importorskip("tokenizers")
    texts = fit_texts(raw(*TRAIN, "straße ☃"), Tokenizing(tokens=tokens, vocabulary=300, min_count=1))
    again = preparation_from_json(preparation_to_json(texts), PREPARATIONS)
    assert again == texts
    assert isinstance(again, Texts)
    assert np.array_equal(again(TRAIN), texts(TRAIN))


def test_what_is_no_text() -> None:
    with pytest.raises(UsageError, match="text 1: expected a string, got float"):
        fit_texts(np.array(["a", 1.5], object))
    texts = fit_texts(["a a"])
    with pytest.raises(UsageError, match="text 4097: expected a string, got NoneType"):
        texts([*["a"] * 4097, None])
    with pytest.raises(UsageError, match="train: no word occurs 2 times or more; `min_count: 1` keeps them all"):
        fit_texts(["a b", "c d"])
    with pytest.raises(UsageError, match="train: no text has a token"):
        fit_texts(["  ", ""])


@pytest.mark.parametrize("wrong", [{"tokens": "letters"}, {"vocabulary": 2}, {"length": 0}, {"pad": "both"}])
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Tokenizing: {next(iter(wrong))}: expected "):
        Tokenizing(**wrong)


def test_texts_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = fit_texts(["a a"])
    monkeypatch.setattr("nas.data.preparation.texts.available_bytes", lambda: 10)
    with pytest.raises(UsageError, match=r"3 texts of 2 tokens need .* a smaller `length` needs less"):
        texts(["a"] * 3)
