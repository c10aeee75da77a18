"""Roles of columns: targets, groups, times and parts of rows, and what is refused."""

from typing import Any

import numpy as np
import pytest

from nas.data.columns import Columns
from nas.data.role_values import role_values
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.errors import UsageError

SKIP = Skipping("skip", 0.5)


def _columns(**arrays: Any) -> Columns:
    made = {
        name: np.array(values, object if any(isinstance(one, str) for one in values) else float)
        for name, values in arrays.items()
    }
    return Columns(made, "t.csv", np.arange(2, 2 + len(next(iter(made.values())))), "line")


TABLE = _columns(
    path=["a", "b", "c", "d"],
    speaker=["x", "x", "y", "y"],
    when=[1.5, 2, 3, 4],
    part=["train", "Valid", "TEST ", "training"],
    digit=[0, 1, 2, 0],
)


def test_the_last_column_is_the_target_and_the_others_are_inputs() -> None:
    found = role_values(TABLE, Roles(), Skipping())
    assert found.target_names == ("digit",)
    assert found.targets.dtype == np.int64
    assert found.targets.tolist() == [0, 1, 2, 0]
    assert found.columns.names == ("path", "speaker", "when", "part")
    assert found.groups is found.times is found.parts is None
    assert found.notes == ("the target is 'digit', the last column of t.csv",)
    assert list(found.by_part()) == ["train"]
    other = role_values(TABLE, Roles(part="part"), Skipping(), inputs=("digit",))
    assert other.target_names == ("when",)
    assert other.targets.dtype == np.float64


def test_each_role_is_read() -> None:
    roles = Roles(target=["digit", "when"], group="speaker", part="part", ignore=("path",))
    with pytest.raises(UsageError, match=r"^t\.csv: no column is left for inputs beside digit, when, speaker, part$"):
        role_values(TABLE, roles, Skipping())
    found = role_values(TABLE, Roles(target="digit", group="speaker", time="when", part="part"), Skipping())
    assert found.notes == ()
    parts = found.by_part()
    assert {part: values.targets.tolist() for part, values in parts.items()} == {
        "train": [0, 0],
        "val": [1],
        "test": [2],
    }
    groups, times = parts["train"].groups, parts["train"].times
    assert groups is not None
    assert times is not None
    assert groups.tolist() == ["x", "y"]
    assert times.tolist() == [1.5, 4]
    assert parts["train"].columns.column("path").tolist() == ["a", "d"]
    several = role_values(TABLE, Roles(target=["digit", "when"]), Skipping())
    assert several.targets.tolist() == [[0, 1.5], [1, 2], [2, 3], [0, 4]]


def test_rows_with_gaps_are_refused_or_left_out() -> None:
    table = _columns(path=["a", "b", "c", None], kind=["x", None, "y", "x"])
    with pytest.raises(UsageError, match=r"^t\.csv, line 3: the target 'kind' is missing$"):
        role_values(table, Roles(), Skipping())
    found = role_values(table, Roles("kind"), SKIP)
    assert found.targets.tolist() == ["x", "y", "x"]
    assert found.notes == (
        "1 of 4 rows of t.csv cannot be read and are left out: t.csv, line 3: the target 'kind' is missing",
    )
    found = role_values(table, Roles("kind"), SKIP, inputs=("path",))
    assert found.columns.column("path").tolist() == ["a", "c"]


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (
            Roles("digits"),
            "t.csv has no column 'digits'; did you mean 'digit'?; it has path, ",
        ),
        (Roles("digit", group="digit"), "t.csv: the column 'digit' is the target and the group"),
        (Roles("digit", time="speaker"), "t.csv: the time 'speaker' is a column of texts; expected dates or numbers"),
        (
            Roles("digit", part="speaker"),
            "t.csv, lines 2, 3, 4, 5: the part 'speaker' is 'x'; expected train, ",
        ),
        (Roles("digit", ignore=("spker",)), "t.csv has no column 'spker'; did you mean 'speaker'?; it has "),
    ],
)
def test_refusals(roles: Roles, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        role_values(TABLE, roles, Skipping())
    assert str(caught.value).startswith(message)


def test_some_row_is_for_training() -> None:
    table = _columns(path=["a", "b"], part=["val", "test"], kind=["x", "y"])
    with pytest.raises(UsageError, match=r"^t\.csv: no row has the part train in 'part'$"):
        role_values(table, Roles(part="part"), Skipping())
