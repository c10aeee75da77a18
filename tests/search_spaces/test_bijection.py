"""What the tests of ids are made of, against networks that are equal, or are not, by the rules."""

import pytest

from tests.search_spaces.bijection import compute_the_same
from tests.search_spaces.drawn import Drawn, Kinds
from tests.space.identity.test_canonical import DIFFERENT, EQUAL, only

MADE = "{conv: {width: 4, kernel: 1}}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *EQUAL,
        (
            "[{conv: {width: 4}}, {max_pool: {kernel: 6}}, {conv: {width: 2}}]",
            "[{conv: {width: 4}}, {max_pool: {kernel: 6}}, {conv: {width: 2, kernel: 1}}]",
        ),
        (
            f"[{{parallel: [[batch_norm, {MADE}], [{MADE}], [{MADE}, gelu]]}}]",
            f"[{{parallel: [[{MADE}, gelu], [batch_norm, {MADE}], [{MADE}]]}}]",
        ),
    ],
)
def test_a_bijection_is_found(one: str, other: str) -> None:
    kinds = Kinds()
    assert compute_the_same(Drawn(only(one), kinds, 0), Drawn(only(other), kinds, 1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *DIFFERENT,
        (f"[{MADE}, relu, {MADE}]", f"[{MADE}, gelu, {MADE}]"),
        # Equal for all weights, but by no rule: means of sums, and what flatten does to a function.
        (
            "[{parallel: [[{avg_pool: {kernel: 2}}], [relu, {avg_pool: {kernel: 2}}]]}]",
            "[{parallel: [[], [relu]]}, {avg_pool: {kernel: 2}}]",
        ),
        ("[relu, flatten]", "[flatten, relu]"),
    ],
)
def test_there_is_none(one: str, other: str) -> None:
    kinds = Kinds()
    assert not compute_the_same(Drawn(only(one), kinds, 0), Drawn(only(other), kinds, 1))
