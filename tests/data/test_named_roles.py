"""The columns with roles."""

import pytest

from nas.data.named_roles import name_roles, part_of
from nas.data.roles import Roles
from nas.errors import UsageError
from tests.data.test_labelled import columns


def test_what_is_not_named_is_inferred_and_said() -> None:
    table = columns(a=[1, 2], split=["Train", "dev"], b=["x", "y"])
    found, notes = name_roles(table, Roles())
    assert (found.target, found.part) == (("b",), "split")
    assert notes == (
        "Column 'split' has the part of each row",
        "The target is the last column, 'b'; `target:` names another",
    )
    assert name_roles(table, found) == (found, ())


def test_words_that_are_parts_among_others_make_no_part() -> None:
    assert name_roles(columns(split=["train", "x"], b=["x", "y"]), Roles())[0].part is None
    assert name_roles(columns(split=["test", "val"], b=["x", "y"]), Roles())[0].part is None
    assert (part_of(" VALID "), part_of("x"), part_of(None)) == ("val", None, None)


def test_a_column_has_one_role() -> None:
    with pytest.raises(UsageError, match=r"^column 'a' has two roles"):
        name_roles(columns(a=[1, 2], b=["x", "y"]), Roles(target="b", group="a"), ("a",))
