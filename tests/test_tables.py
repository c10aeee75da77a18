"""Tables of classes by their own names."""

import pytest

from nas.tables import by_name


class Second:
    name = "b"


class First:
    name = "a"


class Nameless:
    pass


def test_a_table_is_sorted_by_name() -> None:
    assert list(by_name([Second, Nameless, First]).items()) == [("a", First), ("b", Second)]


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        by_name([First])["b"] = Second  # type: ignore[index]  # what is tested


def test_a_name_that_is_taken_is_refused() -> None:
    class Again:
        name = "a"

    with pytest.raises(ValueError, match=r"^'a' names two classes: First and Again$"):
        by_name([First, Again])
