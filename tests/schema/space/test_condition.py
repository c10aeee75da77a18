"""The schema of conditions."""

import pytest

from nas.schema import space_schema
from nas.space.language.condition import MEASURES
from tests.schema.space.mistakes import Find, check_mistake

WRONG = {
    "when": ("{relu: , when: size > 4}", "when", "not of type 'object'"),
    "comparison": ("{relu: , when: {size: '=> 3'}}", "when.size", "does not match"),
    "flag of a shape": ("{relu: , when: {flat: 3}}", "when.flat", "not of type"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_where_it_is(case: str, space_problems: Find) -> None:
    check_mistake(WRONG[case], space_problems)


@pytest.mark.parametrize("suffix", ["", "_or_word"])
def test_measures_are_those_of_the_loader(suffix: str) -> None:
    assert tuple(space_schema()["$defs"][f"when{suffix}"]["properties"]) == tuple(MEASURES)
