"""Recipes by name: their values, beside keys that replace some of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nas.errors import SpecError
from nas.runs.config import RunConfig, load_config
from nas.settings import identity, resolved
from nas.tasks import TASKS
from nas.training.losses import LOSS_SETTINGS
from nas.training.recipe import FULL_LENGTH, Recipe
from nas.training.recipes import RECIPES


def _read(folder: Path, text: str, *overrides: str) -> RunConfig:
    (folder / "s.yaml").write_text("input: [1, 8, 8]\noutputs: 10\nlayers: [flatten, {linear: {units: outputs}}]\n")
    (folder / "r.yaml").write_text(f"space: s.yaml\ndata: digits\n{text}\n")
    return load_config(folder / "r.yaml", overrides)


def _trained(config: RunConfig) -> dict[str, Any]:
    return {name: config.evaluator.full[name] for name in ("epochs", "lr", "schedule", "ema")}


def test_recipes_become_longer() -> None:
    assert [recipe.epochs for recipe in RECIPES.values()] == [15, 60, 200]
    assert RECIPES["standard"] == FULL_LENGTH


def test_recipes_suit_every_task() -> None:
    assert len(TASKS) == 3
    for recipe in RECIPES.values():
        assert recipe.loss is None
        assert [getattr(recipe, name) for name in LOSS_SETTINGS] == [getattr(Recipe(), name) for name in LOSS_SETTINGS]


def test_keys_beside_a_name_replace_its_values(tmp_path: Path) -> None:
    config = _read(
        tmp_path, "final: {top: 1, recipe: thorough, lr: 0.01}\nevaluator: {train: {recipe: quick, epochs: 4}}"
    )
    assert config.final.top == 1
    assert config.final.recipe == replace(RECIPES["thorough"], lr=0.01)
    assert _trained(config) == {"epochs": 4, "lr": 0.01, "schedule": "one_cycle", "ema": None}
    assert _read(tmp_path, "").final.recipe == FULL_LENGTH
    assert _read(tmp_path, "final: {recipe: standard}").final.recipe == FULL_LENGTH


def test_on_the_command_line(tmp_path: Path) -> None:
    config = _read(tmp_path, "final: {lr: 0.01}", "final.recipe=quick", "evaluator.train.recipe=thorough")
    assert config.final.recipe == replace(RECIPES["quick"], lr=0.01)
    assert _trained(config) == {"epochs": 200, "lr": 3e-3, "schedule": "cosine", "ema": 0.99}


def test_a_run_is_the_one_with_the_values_written_out(tmp_path: Path) -> None:
    named = _read(tmp_path, "evaluator: {train: {recipe: quick}}\nfinal: {recipe: quick}")
    values = "{epochs: 15, lr: 0.01, schedule: one_cycle, warmup: 0.3}"
    spelled = _read(tmp_path, f"evaluator: {{train: {values}}}\nfinal: {values}")
    assert identity(named) == identity(spelled)
    written = resolved(named)
    assert written == resolved(spelled)
    assert "recipe" not in written["final"]
    assert "recipe" not in written["evaluator"]["train"]


def test_a_recipe_that_there_is_not(tmp_path: Path) -> None:
    expected = r"final\.recipe: a value does not fit \(expected 'quick', 'standard' or 'thorough', got the text"
    with pytest.raises(SpecError, match=expected):
        _read(tmp_path, "final: {recipe: through}")
