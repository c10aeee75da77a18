"""Arguments: their order, and the bounds of choices between values."""

import pytest

from nas.errors import SpecError
from nas.space.language.arguments import Values
from tests.space.language.small import decided_in, space_of


def test_arguments_are_decided_in_the_order_in_which_they_are_written() -> None:
    space = space_of("[{linear: {bias: {choice: [true, false]}, units: {choice: [1, 2]}}}]")
    assert list(space.universe) == ["0.linear.bias", "0.linear.units"]
    assert [tuple(dict(arch.choices).values()) for arch in space] == [(True, 1), (True, 2), (False, 1), (False, 2)]


def test_bounds_are_inclusive_and_follow_the_shape() -> None:
    units = "{choice: [2, 4, 8], at_least: %s}"
    space = space_of(f"[{{linear: {{units: {units % 'channels'}}}}}, {{linear: {{units: {units % 4}}}}}]")
    assert decided_in(space) == [(4, 4), (4, 8), (8, 4), (8, 8)]
    assert space.universe["1.linear.units"] == (2, 4, 8)
    narrowing = "{linear: {units: {choice: [2, 4, 8], at_most: channels}}}"
    assert decided_in(space_of(f"[{narrowing}, {narrowing}]")) == [(2, 2), (4, 2), (4, 4)]
    both = "{choice: [1, 2, 3, 4, 5], at_least: 2.5, at_most: size}"
    assert decided_in(space_of(f"[{{repeat: {both}, of: [relu]}}]", "[9, 2, 4]")) == [(3,), (4,)]


def test_where_no_option_lies_within_the_bounds_nothing_fits() -> None:
    with pytest.raises(SpecError, match=r"0: no architecture fits: no option of units is allowed after 4$"):
        space_of("[{linear: {units: {choice: [2, 3], at_least: channels}}}]").check()


def test_values_within_bounds() -> None:
    assert [option for option in (1, 2, 3) if Values((1, 2, 3), at_least=2).allows(option, ())] == [2, 3]
    assert [option for option in (1, 2, 3) if Values((1, 2, 3), at_most="size").allows(option, (9, 2))] == [1, 2]
    assert all(Values(("a", None, True)).allows(option, (4,)) for option in ("a", None, True))
