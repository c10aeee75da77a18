"""Checks of networks against a recipe, before the first training."""

from collections.abc import Iterable

from nas.errors import UsageError
from nas.ops import Op
from nas.space import Architecture
from nas.training.recipe import Recipe


def check_batches(networks: Iterable[Architecture], recipe: Recipe) -> None:
    """Raises UsageError if batches have one sample, and a layer normalises over a batch of one value per sample."""
    found = next(filter(None, map(_needs_batch, networks)), None) if recipe.batch_size == 1 else None
    if found is not None:
        raise UsageError(
            f"batch_size: {found} with one value per sample cannot normalise a batch of one sample "
            "(expected 2 or more, got 1)"
        )


def _needs_batch(arch: Architecture) -> str | None:
    """The name of a layer that cannot be trained with batches of one sample."""
    shapes = [arch.input, *(layer.output for layer in arch.layers)]
    for op, inputs, _, _ in arch.layers:
        if isinstance(op, Op) and op.needs_batch(shapes[inputs[0]]):
            return op.name
    return None
