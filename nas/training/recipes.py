"""Recipes by name, for `recipe: thorough` in run files. `benchmarks/recipes.py` measures what each costs and gains."""

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

from nas.marks import Presets
from nas.training.recipe import FULL_LENGTH, Recipe

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "quick": Recipe(epochs=15, lr=1e-2, schedule="one_cycle", warmup=0.3),
        "standard": FULL_LENGTH,
        "thorough": Recipe(epochs=200, weight_decay=0.1, ema=0.99),
    }
)
"""The table of recipes. All suit every task."""

_DEFAULTS = asdict(Recipe())
_VALUES = {
    name: ", ".join(f"{key}: {value}" for key, value in asdict(recipe).items() if value != _DEFAULTS[key])
    for name, recipe in RECIPES.items()
}
NAMED_RECIPES = Presets(
    RECIPES,
    "a recipe by name, whose values the other keys replace: "
    + ", ".join(f"`{name}` (`{values}`)" for name, values in _VALUES.items()),
)
"""The key `recipe` beside those of recipes."""
