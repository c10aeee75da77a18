"""Checks of the metric that patience watches. Importing this does not load torch."""

from collections.abc import Sequence

from nas.errors import UsageError, nearest
from nas.training.recipe import Recipe


def check_monitor(recipe: Recipe, measured: Sequence[str]) -> None:
    """Raises UsageError if trainings are to end by a metric that is not among the `measured` ones."""
    if recipe.patience is not None and recipe.monitor not in measured:
        close = nearest(recipe.monitor, measured)
        hint = f"; did you mean {close!r}?" if close else ""
        raise UsageError(f"monitor: {recipe.monitor!r} is not measured; measured are {', '.join(measured)}{hint}")
