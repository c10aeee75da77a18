"""Texts in Python."""

from typing import Any

import numpy as np
import pytest

import nas
from nas.data import Tokenizing, from_texts
from nas.data.preparation.texts import Texts
from nas.data.split import Split
from nas.errors import ArgumentError, UsageError
from tests.data.sources.test_texts import rows


def test_from_python() -> None:
    labels, given = zip(*rows(), strict=True)
    data = from_texts(given, labels, tokenizing=Tokenizing(length=4), groups=[n // 2 for n in range(40)])
    assert (data.name, data.shape, data.outputs, data.test) == ("texts", (4,), ("bad", "good"), None)
    assert len(data.train) + len(data.val) == 40
    assert data.groups is not None
    array = np.array(given)
    split = nas.from_texts(array, labels, split=Split(0.25, 0.25, 1), task="classification", name="films")
    assert split.test is not None
    assert (len(split.train), len(split.val), len(split.test)) == (22, 8, 10)
    whole = from_texts(given[:30], labels[:30], val=(given[30:], labels[30:]), test=(given[:4], labels[:4]))
    assert [len(part) for part in (whole.train, whole.val, whole.test) if part] == [30, 10, 4]
    assert whole.fingerprint != data.fingerprint


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a b", " ", "c d"], "train: text 1 is empty"),
        (["a b", 3, "c d"], "train: text 1: expected a string, got int"),
        ([], "train: there are no texts"),
    ],
)
def test_what_is_refused_from_python(given: list[Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_texts(given, [0, 1, 0][: len(given)])
    assert str(caught.value) == message


def test_groups_of_no_validation_samples() -> None:
    with pytest.raises(UsageError, match="val_groups: there are no validation samples"):
        from_texts(["a", "b"], [0, 1], val_groups=[1])
    with pytest.raises(ArgumentError, match="from_texts: classes"):
        from_texts(["a", "b"], [0, 1], classes=3)  # type: ignore[arg-type]


def test_a_fold_knows_no_words_of_the_texts_that_it_is_validated_on() -> None:
    labels, given = zip(*rows(12), strict=True)
    only = [f"{text} w{number} w{number}" for number, text in enumerate(given)]
    data = from_texts(only, labels, tokenizing=Tokenizing(min_count=1))
    held = np.arange(len(data.train) + len(data.val))[::3]
    kept = np.setdiff1d(np.arange(12), held)
    assert isinstance(data.preparation, Texts)
    raw = np.concatenate([np.asarray(data.raws[part]) for part in ("train", "val")])
    fold = data.preparation.refitted(raw[kept])
    inputs = data.pool.inputs(kept)
    assert np.array_equal(inputs, fold(raw))
    own = (inputs[held] == 1).sum(axis=1)
    assert (own >= 2).all()
    assert (inputs[kept] != 1).all()
