"""Checks of networks against a recipe, before the first training."""

from collections.abc import Iterable
from dataclasses import replace

from nas.data import Dataset, InputSpec
from nas.data.augmentation import check_augment
from nas.errors import UsageError
from nas.ops import Augment, Op
from nas.ops.augment import OF_RAND_AUGMENT
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


def check_augmented(networks: Iterable[Architecture], recipe: Recipe, input: InputSpec) -> None:
    """Raises UsageError if augmentation does not suit the inputs of a data set: that of a recipe, or of a network."""
    for augment in dict.fromkeys([recipe.augment, *(augment_for(arch, recipe) for arch in networks)]):
        check_augment(augment, input)


def check_distilled(recipe: Recipe, data: Dataset) -> None:
    """Raises the errors of `Distill.check`, if the recipe has something to distill."""
    if recipe.distill is not None:
        recipe.distill.check(data, recipe.augment)


def augment_for(arch: Architecture, recipe: Recipe) -> Augment:
    """How training samples are changed: as a recipe says, and as a network does.

    Raises:
        UsageError: both say how to do the same.
    """
    own = arch.augment
    names = {**own.acting, **dict.fromkeys(OF_RAND_AUGMENT if own.policy else ())}
    twice = [name for name in names if name in recipe.augment.arguments()]
    if twice:
        raise UsageError(
            f"augment.{twice[0]}: set by the recipe, and by networks of the space: {own.text}; leave it to one of them"
        )
    return replace(recipe.augment, **{name: getattr(own, name) for name in names})


def _needs_batch(arch: Architecture) -> str | None:
    """The name of a layer that cannot be trained with batches of one sample."""
    shapes = [arch.input, *(layer.output for layer in arch.layers)]
    for op, inputs, _, _ in arch.layers:
        if isinstance(op, Op) and op.needs_batch(shapes[inputs[0]]):
            return op.name
    return None
