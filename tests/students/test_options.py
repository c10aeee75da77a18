"""Options of a distillation."""

from pathlib import Path

import pytest

from nas.distillation import Distill, Response
from nas.distillation.teacher import Teacher
from nas.distillation.unlabelled import Unlabelled
from nas.errors import SpecError, UsageError
from nas.settings import Override
from nas.students.options import recipe_of
from nas.training import Recipe


def test_values_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = Recipe(epochs=3, lr=0.5, distill=Distill(Teacher(tmp_path)))
    options = [Override.of_option("--by", "distill.by", "{response: {temperature: 2}}")]
    recipe, distill = recipe_of(before, ["epochs=7", "augment.shift=1", "distill.unlabelled=more"], options)
    assert (recipe.epochs, recipe.lr, recipe.augment.shift, recipe.distill) == (7, 0.5, 1, None)
    assert distill.by == (Response(temperature=2),)
    assert distill.teacher is None
    assert distill.unlabelled == Unlabelled(tmp_path / "more")
    assert recipe_of(before, []) == (Recipe(epochs=3, lr=0.5), Distill())


def test_errors_name_the_argument() -> None:
    with pytest.raises(SpecError, match=r"argument 'epoch=7': no such key: 'epoch'.*epochs"):
        recipe_of(Recipe(), ["epoch=7"])
    with pytest.raises(SpecError, match=r"option '--by hint': distill.by: no such key: 'hint'"):
        recipe_of(Recipe(), [], [Override.of_option("--by", "distill.by", "hint")])


@pytest.mark.parametrize("given", ["distill.teacher=runs/large", "distill={teacher: runs/large}"])
def test_a_value_names_no_teacher(given: str) -> None:
    """It would have no effect: the teacher is an option, with names of its own."""
    with pytest.raises(UsageError, match="--teacher names the teacher"):
        recipe_of(Recipe(), [given])
