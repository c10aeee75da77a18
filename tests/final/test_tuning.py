"""What a tuning is, and what it changes."""

import json

import pytest

from nas.final.finalist import final_seed
from nas.final.tuning import SPANS, Attempt, Tuning, tuned_names, tuning_seed
from nas.tasks import TASKS, Classification, Regression
from nas.training import Recipe

TRIED = (
    Attempt({"lr": 0.1}, 0.5),
    Attempt({"lr": 0.2}, None, "NONFINITE"),
    Attempt({"lr": 0.3}, 0.9),
    Attempt({"lr": 0.4}, 0.9),
)


@pytest.mark.parametrize(("maximize", "place"), [(True, 2), (False, 0)])
def test_the_best_is_the_first_of_equal_ones(maximize: bool, place: int) -> None:
    tuning = Tuning("a", "val_acc", maximize, TRIED)
    assert tuning.best is TRIED[place]
    assert tuning.tuned(Recipe(epochs=7)) == Recipe(epochs=7, lr=TRIED[place].hyperparameters["lr"])


def test_without_a_result_a_recipe_is_as_it_is() -> None:
    tuning = Tuning("a", "val_acc", True, (Attempt({"lr": 0.1}, None, "CRASH"),))
    assert tuning.best is None
    assert tuning.tuned(Recipe(lr=0.5)) == Recipe(lr=0.5)


def test_a_tuning_is_data() -> None:
    tuning = Tuning("a", "val_acc", True, TRIED)
    assert Tuning.from_dict(json.loads(json.dumps(tuning.to_dict()))) == tuning


def test_label_smoothing_is_tuned_where_the_loss_has_it() -> None:
    task = Classification(("a", "b"))
    assert tuned_names(Recipe(), task) == list(SPANS)
    assert tuned_names(Recipe(loss="focal"), task) == ["lr", "weight_decay", "warmup"]
    assert tuned_names(Recipe(), Regression(("a",), (0.0,), (1.0,))) == ["lr", "weight_decay", "warmup"]
    assert len(TASKS) == 3


def test_seeds_are_not_those_of_final_trainings() -> None:
    assert len({tuning_seed(0, 1), tuning_seed(1, 0), tuning_seed(0, 2), final_seed(0, 1), final_seed(0, 2)}) == 5
