"""The loss of the task in a training. Importing this does not load torch."""

import inspect
from typing import TYPE_CHECKING, NamedTuple, Protocol

from nas.errors import UsageError, nearest
from nas.tasks import Task
from nas.tasks.task import Criterion
from nas.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

LOSS_SETTINGS = ("label_smoothing", "focal_gamma", "class_weights")
"""The settings of recipes that losses may take."""

DEFAULTS = Recipe()


class Mixture(NamedTuple):
    """What the samples of a batch are mixed with.

    Attributes:
        targets: of the other samples, as those of the samples themselves.
        shares: `(N,)`, the share of each sample itself, in [0, 1].
    """

    targets: "Tensor"
    shares: "Tensor"


class Loss(Protocol):
    """The loss of a batch."""

    def __call__(self, outputs: "Tensor", targets: "Tensor", mixture: Mixture | None = None, /) -> "Tensor":
        """The mean loss of a batch.

        Args:
            outputs: `(N, K)` in float32.
            targets: as returned by `Task.read`.
            mixture: what the samples are mixed with; None: they are not mixed.
        """
        ...


def make_loss(task: Task, recipe: Recipe) -> Loss:
    """The loss of a recipe for a task. Raises UsageError as `make_criterion`."""
    criterion = make_criterion(task, recipe)

    def loss(outputs: "Tensor", targets: "Tensor", mixture: Mixture | None = None) -> "Tensor":
        if mixture is None:
            return criterion(outputs, targets)
        return mixed_losses(criterion, outputs, targets, mixture).mean()

    return loss


def mixed_losses(criterion: Criterion, outputs: "Tensor", targets: "Tensor", mixture: Mixture) -> "Tensor":
    """The losses of mixed samples, `(N,)`: of each, the mixture of those for its two targets.

    With cross-entropy, this is the loss for mixed labels (Zhang et al. 2018); with any other loss, the form of their
    code.
    """
    own = criterion(outputs, targets, reduction="none")
    other = criterion(outputs, mixture.targets, reduction="none")
    return mixture.shares * own + (1 - mixture.shares) * other


def make_criterion(task: Task, recipe: Recipe) -> Criterion:
    """The loss of a recipe for a task, as a function of outputs and targets alone.

    Raises:
        UsageError: the task has no such loss, or the loss does not support one of the `LOSS_SETTINGS` or its value.
    """
    name = recipe.loss or next(iter(task.losses))
    if name not in task.losses:
        known = nearest(name, task.losses)
        hint = f"; did you mean {known!r}?" if known else ""
        raise UsageError(f"loss: {task.name} has no loss {name!r}; it has {', '.join(task.losses)}{hint}")
    make = task.losses[name]
    taken = inspect.signature(make).parameters
    settings = {}
    for setting in LOSS_SETTINGS:
        value = getattr(recipe, setting)
        if setting in taken:
            settings[setting] = value
        elif value != getattr(DEFAULTS, setting):
            raise UsageError(f"{setting}: the loss {name} of {task.name} does not support it")
    return make(**settings)
