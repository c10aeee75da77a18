"""Whether networks can be trained as a recipe says, known before the first training."""

from collections.abc import Iterable

from nas.errors import UsageError
from nas.ops import Op
from nas.space import Architecture
from nas.training.recipe import Recipe


def check_batches(networks: Iterable[Architecture], recipe: Recipe) -> None:
    """Raises UsageError if a layer takes statistics of a batch of one value a sample, and batches are of one sample."""
    found = next(filter(None, map(_needs_batch, networks)), None) if recipe.batch_size == 1 else None
    if found is not None:
        raise UsageError(
            f"batch_size: {found} of one value a sample has nothing to take statistics of in a batch of one "
            "(expected 2 or more, got 1)"
        )


def _needs_batch(arch: Architecture) -> str | None:
    """The name of a layer that cannot be trained with one sample."""
    shapes = [arch.input, *(layer.output for layer in arch.layers)]
    for op, inputs, _, _ in arch.layers:
        if isinstance(op, Op) and op.needs_batch(shapes[inputs[0]]):
            return op.name
    return None
