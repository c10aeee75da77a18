"""Properties of keys: no two are the same, and each is read where files are."""

from typing import Annotated, get_args

import pytest

from nas import marks
from nas.marks import Presets, Says
from nas.training.recipes import NAMED_RECIPES, RECIPES

MARKS = {name: mark for name, mark in vars(marks).items() if isinstance(mark, Says)}


def test_no_two_are_equal() -> None:
    """They are found by comparison with what stands in an annotation."""
    assert len(set(MARKS.values())) == len(MARKS) == 4
    assert all(mark.about for mark in MARKS.values())


@pytest.mark.parametrize("name", MARKS)
def test_an_annotation_keeps_them(name: str) -> None:
    assert get_args(Annotated[int, MARKS[name]]) == (int, MARKS[name])


def test_the_description_of_presets_has_all_of_their_values() -> None:
    assert isinstance(NAMED_RECIPES, Presets)
    assert NAMED_RECIPES.records is RECIPES
    assert NAMED_RECIPES.about == (
        "a recipe by name, whose values the other keys replace: `quick` (`epochs: 15, lr: 0.01, schedule: one_cycle, "
        "warmup: 0.3`), `standard` (`epochs: 60`), `thorough` (`epochs: 200, weight_decay: 0.1, ema: 0.99`)"
    )
