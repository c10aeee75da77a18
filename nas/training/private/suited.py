"""What does not go together with privacy, told before anything is trained. Importing this does not load torch."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from nas.data import Dataset
from nas.errors import UsageError, few
from nas.ops import Augment, Op
from nas.space import Architecture
from nas.training.private.plan import plan_of
from nas.training.recipe import Recipe
from nas.training.trainable import augment_for

if TYPE_CHECKING:
    from nas.training.workbench import Workbench


def check_private(recipe: Recipe, data: Dataset) -> None:
    """Raises UsageError if the promise of a recipe would not hold: for other settings of it, or for the data."""
    if recipe.privacy is None:
        return
    for why in (*_settings(recipe), *_augmented(recipe.augment), *_data(data)):
        raise UsageError(why)


def check_private_networks(bench: "Workbench", networks: Iterable[Architecture], recipe: Recipe) -> None:
    """Raises UsageError if networks cannot be trained as a private recipe says: for their layers, for the precision of
    the bench, or because no noise suffices."""
    import torch

    if recipe.privacy is None:
        return
    if bench.dtype == torch.float16:
        raise UsageError("privacy: gradients in float16 are scaled; expected precision bfloat16 or float32")
    found = set[str]()
    for arch in networks:
        found |= set(tying(arch))
        for why in _augmented(augment_for(arch, recipe)):
            raise UsageError(why)
    if found:
        raise UsageError(
            f"privacy: with the batch norm of {few(sorted(found))}, a sample changes the gradients of others; expected "
            "group_norm or layer_norm in its place"
        )
    plan_of(recipe, known=bench.known, samples=bench.samples)


def _settings(recipe: Recipe) -> Iterator[str]:
    if recipe.clip_norm is None:
        yield "clip_norm: with privacy, the gradient of each sample is clipped; expected a number, got null"
    if recipe.learns:
        yield "distill: what teachers know of the same samples has no bound; with privacy, expected null"
    if recipe.class_weights == "balanced":
        yield "class_weights: balanced counts the training samples; with privacy, expected the weights, or null"
    if recipe.compile != "never":
        yield f"compile: gradients of samples are not compiled; with privacy, expected never, got {recipe.compile}"


def _augmented(augment: Augment) -> Iterator[str]:
    mixing = [name for name in ("mixup", "cutmix", "swap") if getattr(augment, name)]
    if mixing:
        yield f"augment.{mixing[0]}: mixes a sample with others; with privacy, expected 0"
    if augment.coloured:
        yield "augment: of colours, it reads black and white off the training samples; with privacy, expected none"


def _data(data: Dataset) -> Iterator[str]:
    if data.preparation is not None and data.preparation.fits:
        yield (
            f"privacy: {data.name} is prepared by what its training samples are like, such as their words or "
            "quantiles, which is not private; expected inputs that are prepared without them"
        )
    if data.task.scaling is not None:
        yield (
            f"privacy: networks for {data.task.name} scale their outputs by the training targets, which is not "
            "private; expected classes or labels"
        )


def tying(arch: Architecture) -> Iterator[str]:
    """The names of layers that tie samples to each other."""
    import torch
    from torch.nn.modules.batchnorm import _BatchNorm

    shapes = [arch.input, *(layer.output for layer in arch.layers)]
    for op, inputs, _, _ in arch.layers:
        if isinstance(op, Op):
            with torch.device("meta"):
                module = op.module(shapes[inputs[0]])
            if any(isinstance(one, _BatchNorm) for one in module.modules()):
                yield op.name
