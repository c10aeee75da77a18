"""Labels of samples that have several: the forms in which they are given, and what is refused in which words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from nas.errors import UsageError
from nas.tasks.label_sets import holds_lists, is_indicator, read_label_sets

TABLE = [[1, 1, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]]

GIVEN: dict[str, Any] = {
    "a table of integers": TABLE,
    "of booleans": np.array(TABLE, bool),
    "of floats": np.array(TABLE, np.float32),
    "a tensor": torch.tensor(TABLE),
    "lists": [["cat", "dog"], ["dog"], [], ["eel", "cat"]],
    "tuples, and a label twice": [("cat", "dog", "cat"), ("dog",), (), ("eel", "cat")],
    "sets": [{"cat", "dog"}, {"dog"}, set(), frozenset({"eel", "cat"})],
    "an array of lists": np.array([["cat", "dog"], ["dog"], [], ["eel", "cat"]], dtype=object),
    "texts": ["cat; dog", "dog;", "", " eel;cat"],
    "with bars": np.array(["cat|dog", "dog", "", "eel|cat"]),
    "with commas": ["cat,dog", "dog", "", "eel,cat"],
}

COLUMNS = "a table of integers", "of booleans", "of floats", "a tensor"


def _read(
    train: Any, *, classes: Sequence[str] | None = None, names: Sequence[str] | None = None, **others: Any
) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    parts = {"train": train, **others}
    return read_label_sets(parts, {part: len(values) for part, values in parts.items()}, classes, names)


@pytest.mark.parametrize("form", GIVEN)
def test_all_forms_are_a_table(form: str) -> None:
    columns = form in COLUMNS
    names, tables = _read(GIVEN[form], val=GIVEN[form][:2])
    assert names == (("label 0", "label 1", "label 2") if columns else ("cat", "dog", "eel"))
    assert tables["train"].tolist() == TABLE
    assert tables["val"].tolist() == TABLE[:2]
    assert tables["train"].dtype == np.uint8


def test_a_part_without_any_label() -> None:
    assert _read(GIVEN["lists"], val=[[], []])[1]["val"].tolist() == [[0, 0, 0]] * 2
    assert _read([["a", "b"], "b", "a"])[1]["train"].tolist() == [[1, 1], [0, 1], [1, 0]], "a text is a list, too"


def test_rows_of_as_many_texts_and_sets_of_integers() -> None:
    names, tables = _read([["a", "b"], ["b", "c"], ["c", "c"]])
    assert (names, tables["train"].tolist()) == (("a", "b", "c"), [[1, 1, 0], [0, 1, 1], [0, 0, 1]])
    names, tables = _read([{3, 10}, {3}, set(), {10}], test=[{10}])
    assert (names, tables["train"].tolist()) == (("3", "10"), [[1, 1], [1, 0], [0, 0], [0, 1]])
    assert tables["test"].tolist() == [[0, 1]]


def test_names_in_a_stated_order() -> None:
    names, tables = _read(GIVEN["sets"], classes=["eel", "cat", "dog"])
    assert (names, tables["train"][3].tolist()) == (("eel", "cat", "dog"), [1, 1, 0])
    names, tables = _read([{0, 1}, {0}, {1}], classes=["no", "yes"])
    assert (names, tables["train"].tolist()) == (("no", "yes"), [[1, 1], [1, 0], [0, 1]])
    assert _read(TABLE, classes=["x", "y", "z"], names=["p", "q", "r"])[0] == ("x", "y", "z")
    assert _read(TABLE, names=["p", "q", "r"])[0] == ("p", "q", "r")


def test_the_separator_is_the_first_that_occurs_in_training() -> None:
    names, tables = _read(["Poe, E; Doe, J", "Doe, J", "Poe, E"], val=["Doe, J"])
    assert (names, tables["val"].tolist()) == (("Doe, J", "Poe, E"), [[1, 0]])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another number": ({"train": [[0, 1], [2, 0]]}, "train labels: sample 1 has 2 in column 0, expected 0 or 1"),
    "nan": ({"train": [[0, 1], [np.nan, 0]]}, "train labels: sample 1 has nan in column 0, expected 0 or 1"),
    "one column of numbers": ({"train": [0, 1]}, "train labels: expected shape (2, K), one row per sample, got (2,)"),
    "other columns in val": ({"train": TABLE, "val": [[0, 1]]}, "val labels: expected 3 columns, as in train, got 2"),
    "a table and lists": ({"train": TABLE, "val": [["cat"]]}, "val labels: expected 0 and 1, got <U3"),
    "lists and a table": (
        {"train": GIVEN["lists"], "val": np.array(TABLE)},
        "val labels: expected lists of labels, as in train, got an array of the shape ",
    ),
    "texts for a table": ({"train": [["a"], ["b"]], "val": [3]}, "val labels: sample 0 has 3, expected a list of lab"),
    "a label that none has": ({"train": [[0, 1], [0, 0]]}, "train labels: no sample has the label 'label 0'"),
    "a label that all have": ({"train": ["a;b", "a"]}, "train labels: all samples have the label 'a'"),
    "a label that is declared only": (
        {"train": GIVEN["lists"], "classes": ["cat", "dog", "eel", "fox"]},
        "train labels: no sample has the label 'fox'",
    ),
    "names of too few columns": (
        {"train": TABLE, "classes": ["a", "b"]},
        "classes: expected 3 names, one for each column of labels, got 2",
    ),
    "a label that is new in val": (
        {"train": GIVEN["lists"], "val": [["dgo"]]},
        "val labels: sample 0 has the label 'dgo', which is not one of cat, dog, eel; did you mean 'dog'?",
    ),
    "one label": ({"train": [["a"], []]}, "expected at least 2 labels, got a; of one label, make two classes"),
    "a blank label": ({"train": [["a"], [" "]]}, "train labels: sample 1 has the label ' ', expected a string or int"),
    "a label that is no label": (
        {"train": [{"a"}, {2.5}]},
        "train labels: sample 1 has the label 2.5, expected a string or integer",
    ),
    "texts and integers": ({"train": [{"a"}, {1}]}, "train labels: expected strings or integers, got both"),
    "texts and missing ones": (
        {"train": ["a;b", None]},
        "train labels: sample 1 has None, expected a list of labels, or a string with ';' or '|' or ',' between them",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    given, message = REFUSED[name]
    with pytest.raises(UsageError) as caught:
        _read(**given)
    assert str(caught.value).startswith(message)


def test_lengths_are_checked() -> None:
    for train in (TABLE, GIVEN["lists"]):
        with pytest.raises(UsageError, match=r"^train labels: expected .*5"):
            read_label_sets({"train": train}, {"train": 5}, None)


def test_what_shows_several_labels() -> None:
    assert all(holds_lists(GIVEN[form]) for form in ("lists", "sets", "an array of lists"))
    assert not any(holds_lists(given) for given in (TABLE, GIVEN["texts"], GIVEN["a tensor"], [["a"], "b"], []))
    assert is_indicator(np.array(TABLE))
    assert not is_indicator(np.eye(3))
    assert not is_indicator(np.array([[0.5, 1], [0, 0]]))
    assert not is_indicator(np.array([[0], [1]]))
