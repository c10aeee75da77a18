"""What options of a command say of a distillation, in the words of run files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nas.distillation import Distill
from nas.document import from_object
from nas.errors import UsageError
from nas.settings import Override, plain, read_file
from nas.training import Recipe


def recipe_of(recipe: Recipe, overrides: Sequence[str], options: Sequence[Override] = ()) -> tuple[Recipe, Distill]:
    """A recipe with values replaced, without what is distilled; and what is distilled.

    Args:
        recipe: of the run.
        overrides: `key=value`, with the keys of a recipe, such as `epochs=100` and `distill.view=plain`.
        options: the same of options of the command.

    Raises:
        SpecError: there is no such key, or a value does not fit.
        UsageError: a value names the teacher, which an option of its own does.
    """
    node = from_object(plain(replace(recipe, distill=None)), "the recipe of the run")
    read = read_file(Recipe, node, Path.cwd() / "options", (), overrides=[*overrides, *options]).whole()
    distill = read.distill or Distill()
    if distill.teacher is not None:
        raise UsageError("distill.teacher is no value of the recipe here; --teacher names the teacher")
    return replace(read, distill=None), distill
