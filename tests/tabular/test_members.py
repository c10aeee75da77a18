"""The architectures of a table as codes."""

import numpy as np
import pytest

from nas.errors import UsageError
from nas.space import Space
from nas.tabular.members import Members, members_of


def test_codes(space: Space) -> None:
    rows = [arch.choices for arch in space]
    members = members_of(rows)
    assert list(members) == rows
    assert rows[2] in members
    assert [members.choices(row) for row in range(4)] == rows
    with pytest.raises(UsageError, match="row 0: act has code 7, expected -1 to 1"):
        Members(("act",), (("relu", "gelu"),), np.full((1, 1), 7, dtype=np.int16))
    with pytest.raises(UsageError, match="do not fit 2 decisions"):
        Members(("a", "b"), ((1,), (2,)), np.zeros((1, 1), dtype=np.int16))


def test_decisions_that_are_not_always_reached() -> None:
    rows = [(("a", 1), ("b", 2)), (("a", 1), ("c", 3), ("b", 2)), (("a", 2),)]
    members = members_of(rows)
    assert list(members) == rows
    assert members.names == ("a", "c", "b")
    with pytest.raises(UsageError, match="differs between rows"):
        members_of([(("a", 1), ("b", 2)), (("b", 2), ("a", 1))])
