"""Roles of columns."""

from nas.data.roles import Roles


def test_the_target_is_the_last_column_and_nothing_else_is_set_unless_it_is_named() -> None:
    assert Roles() == Roles(target=None, group=None, time=None, part=None, ignore=())
