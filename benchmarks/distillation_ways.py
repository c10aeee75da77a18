"""The ways to train a student that `distillation.py` compares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from distillation_problems import Drawn, Problem
from nas import Network, Recipe
from nas.distillation import KINDS, Distill
from nas.distillation.teacher import teacher_of

FACTORS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Of the default weight of a kind."""
WITH_RESPONSE = ("hints", "attention", "relational", "gradient")
"""The kinds that are added to a response on samples without labels."""


@dataclass(frozen=True)
class Way:
    """A way to train the student.

    Attributes:
        ladder: the values of its setting, ascending; one: nothing is chosen. Three in the middle are tried first.
        setting: of the recipe of `alone`, or of its augmentation (`augment.noise`), that has the value; empty: none.
        epochs, inputs: by which the epochs, and the inputs of a step, are multiplied.
        kinds: of distillation; the value is the factor of the weight of the last one.
        teacher: `same` or `more`; the latter teaches on samples without labels.
    """

    ladder: tuple[float, ...] = (1,)
    setting: str = ""
    epochs: int = 1
    inputs: int = 1
    kinds: tuple[str, ...] = ()
    teacher: str = "same"

    def trained(self, value: float, epochs: int) -> str:
        """What is trained with a value, if `alone` has so many epochs; ways that train the same share it."""
        taught = f"{' + '.join(self.kinds)} of {self.teacher}" if self.kinds else ""
        return f"{taught or self.setting or 'alone'} | {value:g} | {self.inputs} × | {self.epochs * epochs}"

    def recipe(self, plain: Recipe, value: float, samples: Drawn, teachers: Mapping[str, Network]) -> Recipe:
        """The recipe of the student, given that of `alone`, and the teachers, where it has kinds."""
        recipe = replace(plain, batch_size=self.inputs * plain.batch_size, epochs=self.epochs * plain.epochs)
        place, _, name = self.setting.rpartition(".")
        changed: dict[str, Any] = {name: value} if name else {}
        recipe = replace(recipe, **({"augment": replace(recipe.augment, **changed)} if place else changed))
        if not self.kinds:
            return recipe
        *first, last = (KINDS[name]() for name in self.kinds)
        return replace(
            recipe,
            distill=Distill(
                teacher_of(teachers[self.teacher]),
                (*first, replace(last, weight=value * last.weight)),
                unlabelled=samples.unlabelled if self.teacher == "more" else None,
            ),
        )


def ways_of(problem: Problem) -> Mapping[str, Way]:
    """All that is compared on a problem: `alone`, the other controls, and the kinds that suit it."""
    ways = {
        "alone": Way(),
        "alone, twice the epochs": Way(epochs=2),
        "alone, twice the inputs": Way(epochs=2, inputs=2),
        "label smoothing": Way((0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4), "label_smoothing"),
        "weight decay": Way((0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0), "weight_decay"),
        **{name.replace("_", " "): Way(values, f"augment.{name}") for name, values in problem.augment.items()},
        **{name: Way(FACTORS, kinds=(name,)) for name in KINDS if name not in problem.unsuited},
    }
    if problem.labelled == problem.known:
        return ways
    further = [("response",), *(("response", name) for name in WITH_RESPONSE if name not in problem.unsuited)]
    return ways | {
        " + ".join(("response on unlabelled", *kinds[1:])): Way(FACTORS, kinds=kinds, teacher="more")
        for kinds in further
    }
