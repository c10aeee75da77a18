"""The settings of a training: their names, defaults and bounds."""

from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nas.data import Augment
from nas.settings import plain
from nas.training import Recipe

CHECKED = TypeAdapter(Recipe)


def test_settings_are_frozen() -> None:
    # They stand in run files, and finished runs are compared by them: a change belongs in the changelog.
    assert asdict(Recipe()) == {
        "epochs": 10,
        "batch_size": 64,
        "optimizer": "adamw",
        "lr": 3e-3,
        "schedule": "cosine",
        "warmup": 0.2,
        "momentum": 0.9,
        "weight_decay": 1e-2,
        "l1": 0.0,
        "clip_norm": 1.0,
        "loss": None,
        "label_smoothing": 0.0,
        "focal_gamma": 2.0,
        "class_weights": None,
        "drop_path": 0.0,
        "ema": None,
        "swa": None,
        "patience": None,
        "monitor": "loss",
        "compile": "never",
        "augment": asdict(Augment()),
        "distill": None,
        "privacy": None,
    }


def test_what_identifies_a_training_has_no_keys_that_came_later_and_are_not_set() -> None:
    known = plain(Recipe(), hashed=True)
    later = {"focal_gamma", "class_weights", "schedule", "drop_path", "ema", "swa", "patience", "monitor", "compile"}
    later |= {"distill", "privacy"}
    assert not later & set(known)
    assert {"epochs", "optimizer", "augment"} <= set(known)
    assert plain(Recipe(class_weights="balanced"), hashed=True) == {**known, "class_weights": "balanced"}


def test_defaults_keep_their_own_bounds() -> None:
    assert CHECKED.validate_python(asdict(Recipe())) == Recipe()


def test_a_recipe_is_data() -> None:
    assert Recipe(epochs=3) == Recipe(epochs=3) != Recipe(epochs=4)
    assert hash(Recipe(augment=Augment(1))) == hash(Recipe(augment=Augment(1)))
    recipe: Any = Recipe()
    with pytest.raises(FrozenInstanceError):
        recipe.epochs = 5


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        ("epochs", [1, 1000], [0, -1, 2.5, "many", None]),
        ("batch_size", [1, 4096], [0, -8, None]),
        ("optimizer", ["adamw", "sgd", "muon"], ["adam", "SGD", None]),
        ("schedule", ["cosine", "one_cycle"], ["onecycle", None]),
        ("drop_path", [0, 0.99], [-0.1, 1, None]),
        ("ema", [None, 0.5, 0.9999], [0, 1, "no"]),
        ("swa", [None, 0.25, 0.9999], [0, 1, "no"]),
        ("patience", [None, 1], [0, 1.5]),
        ("compile", ["never", "cuda", "always"], [True, "cpu"]),
        ("lr", [1e-9, 10], [0, -0.1, float("nan"), None]),
        ("warmup", [0, 0.99], [-0.01, 1, float("nan")]),
        ("momentum", [0, 0.999], [-0.1, 1]),
        ("weight_decay", [0, 5], [-1e-9, float("nan")]),
        ("l1", [0, 5], [-1e-9, float("nan")]),
        ("clip_norm", [None, 1e-3], [0, -1]),
        ("label_smoothing", [0, 0.5], [-0.1, 1]),
        ("augment", [{}, {"shift": 2}, {"flip": True}], [{"shift": -1}, {"turn": 1}, {"flip": "maybe"}, 3]),
    ],
)
def test_bounds(setting: str, good: list[object], bad: list[object]) -> None:
    for value in good:
        CHECKED.validate_python({setting: value})
    for value in bad:
        with pytest.raises(ValidationError):
            CHECKED.validate_python({setting: value})
