"""Labels: which ones there are, the classes that they become, and what is refused in which words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.errors import UsageError
from nas.tasks.labels import encode, read_labels


def _data(train: Any, val: Any, classes: Sequence[str] | None = None) -> Dataset:
    inputs = [np.zeros((len(labels), 2)) for labels in (train, val)]
    return from_arrays(inputs[0], train, val=(inputs[1], val), task="classification", classes=classes)


LABELS: dict[str, Any] = {
    "from 0": [0, 1, 2],
    "from 1": [1, 2, 3],
    "far apart": [0, 1000, 2000],
    "signs": [-1, 1],
    "the ends of 64 bits": np.array([-(2**63), 2**63 - 1]),
    "unsigned, beyond what float64 tells apart": np.array([2**64 - 1, 2**64 - 2, 2**64 - 3], np.uint64),
    "bytes": np.array([7, 200], np.uint8),
    "big-endian": np.array([5, 3], ">i4"),
    "booleans": [False, True],
    "texts": ["dog", "cat", "eel"],
    "numbers as texts": ["10", "9", "010"],
    "texts of other letters": np.array(["Ж", "é", "🐕"]),
    "texts in bytes": np.array(["é".encode(), b"e"]),
    "texts as objects": np.array(["dog", "a longer one"], dtype=object),
}


@pytest.mark.parametrize("name", LABELS)
def test_the_classes_are_the_labels_of_training_whatever_they_are(name: str) -> None:
    """The name of the class of each sample, in each part, is its label as text."""
    known = LABELS[name]
    rng = np.random.default_rng(0)
    shown = np.asarray(known)[rng.permutation(np.arange(6 * len(known)) % len(known))]
    others = np.asarray(known)[1:]
    data = _data(shown, others)
    texts = [label.decode() if isinstance(label, bytes) else label for label in np.asarray(known).tolist()]
    assert data.outputs == tuple(map(str, sorted(texts)))
    for samples, labels in ((data.train, shown), (data.val, others)):
        assert samples.targets.dtype == np.int64
        back = [data.outputs[place] for place in samples.targets]
        assert back == [label.decode() if isinstance(label, bytes) else str(label) for label in labels.tolist()]


def test_integers_are_compared_as_such_whatever_their_types() -> None:
    data = _data(np.array([2**53, 2**53 + 1], np.int64), np.array([2**53 + 1], np.uint64))
    assert data.val.targets.tolist() == [1]
    with pytest.raises(UsageError, match=r"^val labels: sample 0 has the label 9007199254740994, which does not occur"):
        _data(np.array([2**53, 2**53 + 1], np.int64), np.array([2**53 + 2], np.uint64))


@pytest.mark.parametrize(
    "labels", [[0, 2, 1, 0], ["eel", "dog", "cat", "eel"], np.array(["eel", "dog", "cat", "eel"], object)]
)
def test_with_names_integers_are_places_and_texts_are_names(labels: Any) -> None:
    data = _data(labels, labels[1:], ["eel", "cat", "dog"])
    assert data.outputs == ("eel", "cat", "dog")
    assert data.train.targets.tolist() == [0, 2, 1, 0]
    assert data.val.targets.tolist() == [2, 1, 0]


def test_booleans_with_names() -> None:
    data = _data([True, False], np.array([True]), ["no", "yes"])
    assert (data.outputs, data.train.targets.tolist(), data.val.targets.tolist()) == (("no", "yes"), [1, 0], [1])


OBJECTS = np.array([0, 1], dtype=object)
TIMES = np.array([0, 1], "m8[s]")

REFUSED: dict[str, tuple[Any, Any, Sequence[str] | None, str]] = {
    "one class": ([5, 5], [5], None, "expected at least 2 classes, got 1; the labels of train are 5"),
    "one name": ([0, 0], [0], ["a"], "expected at least 2 classes, got 1; the labels of train are 0"),
    "no name": ([0, 0], [0], [], "expected at least 2 classes, got 0; the labels of train are 0"),
    "a new label in val": (
        [0, 1, 0],
        [0, 1, 2, 2],
        None,
        "val labels: sample 2 has the label 2, which does not occur in train; its labels are 0, 1",
    ),
    "a new text in val": (
        ["a", "b"],
        ["b", "c"],
        None,
        "val labels: sample 1 has the label 'c', which does not occur in train; its labels are a, b",
    ),
    "a new label among many": (
        range(2000),
        [-1],
        None,
        "sample 0 has the label -1, which does not occur in train; its labels are 0, 1, 2, 3, 4, 5, 6, 7, …, 1999",
    ),
    "a class that was declared and is not shown": (
        [0, 1, 0],
        [0],
        ["a", "b", "c"],
        "train labels: no sample has the class 'c'; the labels are 0, 1, and the classes a, b, c",
    ),
    "from 1 for a list of too many": (
        [1, 2, 3],
        [1],
        ["a", "b", "c", "d"],
        "train labels: no sample has the class 'a'; the labels are 1, 2, 3, and the classes a, b, c, d",
    ),
    "from 1 for a list": (
        [1, 2, 3],
        [1],
        ["a", "b", "c"],
        "train labels: sample 2 has the label 3, which is not a class: integers are indices into the list",
    ),
    "negative for a list": (
        [0, -1, 1],
        [0],
        ["a", "b"],
        "train labels: sample 1 has the label -1, which is not a class: ",
    ),
    "a text that is no name": (
        ["cat", "dgo"],
        ["cat"],
        ["cat", "dog"],
        "train labels: sample 1 has the label 'dgo', which is not a class: these are cat, dog; did you mean 'dog'?",
    ),
    "two of one name": ([0, 1, 2], [0], ["a", "b", "a"], "classes: names 0 and 2 are both 'a'"),
    "a name of nothing": ([0, 1], [0], ["a", " "], "classes: name 1 is ' ', which is blank"),
    "a label of nothing": (["a", "", "b"], ["a"], None, "train labels: sample 1 has the label '', which is blank"),
    "texts and integers": (["0", "1"], [0, 1], None, "val labels: expected strings, as in train, got integers"),
    "integers and booleans": ([0, 1], [True, False], None, "val labels: expected integers, as in train, got booleans"),
    "floats": (
        [0.0, 1.0],
        [0],
        None,
        "train labels: expected integers, booleans or strings, got float64; these are whole numbers: take labels.a",
    ),
    "measured values": ([1, 0.5], [0], None, "booleans or strings, got float64: sample 1 has the label 0.5"),
    "nan": (
        [0, 1],
        np.array([1, np.nan], np.float32),
        None,
        "val labels: expected integers, booleans or strings, got f",
    ),
    "a place where it is nan": ([0, 1], [1, np.nan], None, "got float64: sample 1 has the label nan"),
    "complex": ([0j, 1j], [0], None, "train labels: expected integers, booleans or strings, got complex128"),
    "dates": (np.array([0, 1], "M8[D]"), [0], None, "expected integers, booleans or strings, got datetime64[D]"),
    "durations": (TIMES, TIMES, None, "expected integers, booleans or strings, got timedelta64[s]"),
    "objects": (OBJECTS, [0], None, "booleans or strings, got objects: sample 0 has the label 0"),
    "a text that is missing": (
        ["a", None],
        ["a"],
        None,
        "booleans or strings, got objects: sample 1 has the label None",
    ),
    # NumPy makes texts of these:
    "texts beside an integer": (["a", 1], ["a"], None, "booleans or strings, got objects: sample 1 has the label 1"),
    "texts beside nan": (["a", np.nan], ["a"], None, "booleans or strings, got objects: sample 1 has the label nan"),
    "too large": (
        [2**64, 0],
        [0],
        None,
        "booleans or strings, got objects: sample 0 has the label 18446744073709551616",
    ),
    "bytes that are no text": (np.array([b"\xff", b"a"]), [0], None, "train labels: bytes must be UTF-8: "),
    "one-hot": (
        np.eye(3),
        [0],
        None,
        "expected one per sample, shape (3,), got (3, 3); these are one-hot: take labels.argmax(axis=1)",
    ),
    "a table": (np.ones((3, 3)), [0], None, "train labels: expected one per sample, shape (3,), got (3, 3)"),
    "a column": ([[0], [1]], [0], None, "expected one per sample, shape (2,), got (2, 1); take labels[:, 0]"),
    "masked": (
        np.ma.array([0, 1, 1], mask=[False, False, True]),
        [0],
        None,
        "train labels: sample 2 has a masked value (1 of 3 ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_label_is_refused_and_the_message_says_where(name: str) -> None:
    train, val, classes, message = REFUSED[name]
    with pytest.raises(UsageError) as caught:
        _data(train, val, classes)
    assert message in str(caught.value)


def test_what_is_read_of_a_part_and_what_becomes_of_it() -> None:
    train, test = read_labels("train", [3, 1, 3, 2], 4), read_labels("test", [3, 3], 2)
    assert (train.kind, train.distinct, train.places.tolist()) == ("integers", [1, 2, 3], [2, 0, 2, 1])
    assert train.where(2) == "train labels: sample 3 has the label 2"
    names, (first, second) = encode([train, test], None)
    assert (names, first.tolist(), second.tolist()) == (("1", "2", "3"), [2, 0, 2, 1], [2, 2])


def test_val_that_is_split_off_and_test_have_the_classes_of_all_of_training() -> None:
    labels = np.array(["b", "a", "c"])[np.arange(60) % 3]
    data = from_arrays(np.arange(60.0)[:, None], labels, test=(np.zeros((1, 1)), ["c"]), val_share=0.5)
    assert data.test is not None
    assert (data.outputs, data.test.targets.tolist()) == (("a", "b", "c"), [2])
    for part in (data.train, data.val):
        assert np.bincount(part.targets).tolist() == [10, 10, 10]
        assert [data.outputs[place] for place in part.targets] == labels[part.inputs[:, 0].astype(int)].tolist()
