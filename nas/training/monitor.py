"""Checks of what recipes measure, and of which weights. Importing this does not load torch."""

from collections.abc import Sequence

from nas.errors import UsageError, nearest
from nas.training.recipe import Recipe


def check_monitor(recipe: Recipe, measured: Sequence[str]) -> None:
    """Raises UsageError if trainings are to end by a metric that is not among the `measured` ones, or to measure two
    averages of their weights."""
    if recipe.ema is not None and recipe.swa is not None:
        raise UsageError("ema and swa do not go together: the trained network has the one average or the other")
    if recipe.patience is not None and recipe.monitor not in measured:
        close = nearest(recipe.monitor, measured)
        hint = f"; did you mean {close!r}?" if close else ""
        raise UsageError(f"monitor: {recipe.monitor!r} is not measured; measured are {', '.join(measured)}{hint}")
