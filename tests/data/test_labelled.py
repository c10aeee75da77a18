"""Rows of tables as labelled samples."""

from typing import Any

import numpy as np
import pytest

from nas.data.columns import Columns
from nas.data.labelled import label_rows
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.errors import UsageError


def columns(**arrays: Any) -> Columns:
    made = {
        name: np.array(values, object if any(isinstance(value, str) for value in values) else None)
        for name, values in arrays.items()
    }
    made = {name: array.astype(float) if array.dtype.kind == "i" else array for name, array in made.items()}
    count = len(next(iter(made.values())))
    return Columns(made, "some.csv", np.arange(2, count + 2), "line")


def test_the_last_column_is_the_target() -> None:
    found = label_rows(columns(a=[1, 2], b=["x", "y"]), Roles())
    assert (found.inputs.names, found.target_names, found.targets.tolist()) == (("a",), ("b",), ["x", "y"])
    assert found.notes == ("The target is the last column, 'b'; `target:` names another",)
    found = label_rows(columns(a=[1, 2], b=["x", "y"], g=[7, 8]), Roles(group="g"))
    assert (found.inputs.names, found.target_names) == (("a",), ("b",))
    assert found.groups is not None
    assert found.groups.tolist() == ["7", "8"]


@pytest.mark.parametrize(
    ("values", "given", "task", "read"),
    [
        (["x", "y"] * 15, "auto", "auto", ["x", "y"] * 15),
        ([0, 1] * 15, "auto", "classification", [0, 1] * 15),
        ([*range(20)], "auto", "classification", [*range(20)]),
        ([*range(21)], "auto", "regression", [*range(21)]),
        ([*range(21)], "classification", "classification", [*range(21)]),
        ([0.5, 1, 1], "auto", "regression", [0.5, 1, 1]),
        ([0.5, 1, 1], "classification", "classification", ["0.5", "1", "1"]),
        ([0, 1, 1], "regression", "regression", [0, 1, 1]),
    ],
)
def test_what_a_target_is(values: list[Any], given: str, task: str, read: list[Any]) -> None:
    found = label_rows(columns(a=[*range(len(values))], y=values), Roles(target="y"), task=given)
    assert (found.task, found.targets.tolist()) == (task, read)
    assert (found.targets.dtype.kind == "f") == (task == "regression")
    inferred = given == "auto" and not isinstance(values[0], str)
    assert [f"so the task is {task}" in note for note in found.notes] == [True] * inferred


def test_declared_classes_make_a_classification() -> None:
    assert label_rows(columns(a=[0] * 30, y=[*range(30)]), Roles(), classes=["a"]).task == "classification"


@pytest.mark.parametrize(
    ("values", "classes", "read"),
    [
        ([1, 2, 3] * 2, ["3", "2", "1"], ["1", "2", "3"] * 2),
        ([0, 1] * 2, ["1", "0"], ["0", "1"] * 2),
        ([0, 1] * 2, ["cat", "dog"], [0, 1] * 2),
    ],
)
def test_numbers_that_are_names_of_classes_are_these_and_others_are_their_places(
    values: list[int], classes: list[str], read: list[Any]
) -> None:
    found = label_rows(columns(a=values, y=values), Roles(), classes=classes)
    assert found.targets.tolist() == read


def test_groups_in_several_parts_are_noted() -> None:
    table = columns(y=["a", "b"] * 2, who=["p", "q", "p", "r"], s=["train", "train", "test", "test"])
    found = label_rows(table, Roles(target="y", group="who", part="s"))
    assert "1 of 3 groups of 'who' are in several parts: p" in found.notes
    assert not any("several parts" in note for note in label_rows(table, Roles(target="y", part="s")).notes)


def test_several_targets() -> None:
    table = columns(y=[0, 1, 1], a=[1, 2, 3], z=[1, 0, 1], w=[0.5, 1, 2])
    found = label_rows(table, Roles(target=["y", "z"]))
    assert (found.targets.dtype.kind, found.targets.shape, found.task) == ("i", (3, 2), "auto")
    found = label_rows(table, Roles(target=["w", "z"]))
    assert (found.targets.tolist(), found.task) == ([[0.5, 1], [1, 0], [2, 1]], "regression")
    assert found.target_names == ("w", "z")
    with pytest.raises(UsageError, match="several targets are numbers; 't' has 'x'"):
        label_rows(columns(y=[1], t=["x"], a=[1]), Roles(target=["y", "t"]))


def test_parts() -> None:
    table = columns(a=[1, 2, 3, 4], s=["train", "dev", "Test", "train"], y=["x", "y", "x", "y"])
    for roles in (Roles(), Roles(part="s")):
        found = label_rows(table, roles)
        parts = found.raw_parts(found.inputs)
        assert {name: np.asarray(part.targets).tolist() for name, part in parts.items()} == {
            "train": ["x", "y"],
            "val": ["y"],
            "test": ["x"],
        }
    assert label_rows(table, Roles()).notes[0] == "Column 's' has the part of each row"
    plain = columns(a=["train", "train"], y=["train", "bus"])
    assert list(label_rows(plain, Roles()).raw_parts(plain)) == ["train"]
    with pytest.raises(UsageError, match="expected train, val or test, got 'x' in lines 2, 4"):
        label_rows(table, Roles(part="y", target="s"))
    with pytest.raises(UsageError, match="column 's' has no row of the training part"):
        label_rows(table[np.array([1, 2])], Roles(part="s"))


def test_rows_without_a_target() -> None:
    table = columns(a=[*range(40)], y=[*range(39), np.nan])
    with pytest.raises(
        UsageError,
        match=r"some\.csv: line 41 of 40 rows lacks the target 'y'; `target:` names another column, and",
    ):
        label_rows(table, Roles())
    found = label_rows(table, Roles(), skipping=Skipping("skip", 0.1))
    assert (len(found.inputs), len(found.targets)) == (39, 39)
    assert found.notes[-1] == "1 of 40 rows of some.csv cannot be read and are left out: line 41 has no target"


def test_rows_without_a_label_of_several() -> None:
    found = label_rows(columns(a=[1, 2, 3], tags=["x;y", None, "y"]), Roles(), task="multilabel")
    assert found.targets.tolist() == ["x;y", "", "y"]
    assert "1 of 3 rows have no label in 'tags'" in found.notes


def test_targets_that_are_none() -> None:
    with pytest.raises(UsageError, match=r"the target 'y' is 'n/a' in line 3, expected a number; `missing:`"):
        label_rows(columns(a=[*range(40)], y=["1", "n/a", *map(str, range(2, 40))]), Roles())
    with pytest.raises(UsageError, match=r"the target 'y' is 'x' in lines 2, 4, expected a number"):
        label_rows(columns(a=[*range(3)], y=["x", "z", "x"]), Roles(), task="regression")
    with pytest.raises(UsageError, match=r"the target 'y' is 1\.5 in all rows"):
        label_rows(columns(a=[1, 2], y=[1.5, 1.5]), Roles())
    with pytest.raises(UsageError, match=r"line 3: the target 'y' is not finite"):
        label_rows(columns(a=[1, 2], y=[0.5, np.inf]), Roles())
    dates = Columns({"y": np.array(["2024-01-01"], "datetime64[us]")}, "some.csv", np.array([2]))
    with pytest.raises(UsageError, match="the target 'y' is a date"):
        label_rows(dates, Roles())


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (Roles(target="yy"), "has no column 'yy'; did you mean 'y'"),
        (Roles(target=[]), "target: expected one or more columns, got none"),
        (Roles(target="y", group="y"), "column 'y' has two roles"),
        (Roles(target=["y", "y"]), "column 'y' has two roles"),
        (Roles(target="y", ignore=("y",)), "column 'y' is ignored, and has another role as well"),
        (Roles(ignore=("z",)), "has no column 'z'"),
        (Roles(ignore=("a", "t", "y")), "has no column for the target"),
        (Roles(time="t"), "column 't' is the time; expected numbers or dates such as 2024-12-31, got 'x'"),
        (Roles(group="gap"), "column 'gap' has no value in line 3"),
    ],
)
def test_roles_that_do_not_fit(roles: Roles, message: str) -> None:
    table = columns(a=[1, 2], t=["x", "z"], gap=[1, np.nan], y=["x", "y"])
    if roles.ignore == ("a", "t", "y"):
        table = table.without(["gap"])
    with pytest.raises(UsageError, match=message.replace("'", ".")):
        label_rows(table, roles)


def test_inputs_are_no_targets_and_each_row_has_them() -> None:
    table = columns(label=["x", "y", "x"], path=["a", "b", None])
    with pytest.raises(UsageError, match=r"some\.csv: line 4 of 3 rows lacks the input 'path'; `on_error: skip`"):
        label_rows(table, Roles(), inputs=("path",))
    found = label_rows(table, Roles(), inputs=("path",), skipping=Skipping("skip", 0.5))
    assert found.target_names == ("label",)
    assert found.inputs.column("path").tolist() == ["a", "b"]
    assert found.notes[-1].startswith("1 of 3 rows of some.csv cannot be read and are left out")
    with pytest.raises(UsageError, match="column 'path' has two roles, of input, target, group, time, part"):
        label_rows(table, Roles(group="path"), inputs=("path",))
