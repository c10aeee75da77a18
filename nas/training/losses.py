"""What training makes small: a loss of the task, which others may wrap. Importing this loads no torch."""

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nas.errors import UsageError, nearest
from nas.tasks import Task
from nas.training.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Context:
    """What a loss may need beside outputs and targets: a teacher's answer, say, is one to these inputs.

    Attributes:
        inputs: `(N, *shape)` that the outputs are of, as the network was given them, augmented.
        samples: `(N,)` their places in the training part.
        progress: share of all steps that are done, in [0, 1).
    """

    inputs: "Tensor"
    samples: "Tensor"
    progress: float


class Loss(Protocol):
    """The loss of a batch."""

    def __call__(self, outputs: "Tensor", targets: "Tensor", context: Context, /) -> "Tensor":
        """A mean over the batch: of outputs `(N, K)` in float32, and the targets of its samples."""
        ...


def make_loss(task: Task, recipe: Recipe) -> Loss:
    """The recipe's loss of a task, made with those of the recipe's settings that it takes.

    Raises:
        UsageError: the task has no such loss, or the loss no label smoothing.
    """
    name = recipe.loss or next(iter(task.losses))
    if name not in task.losses:
        known = nearest(name, task.losses)
        hint = f"; did you mean {known!r}?" if known else ""
        raise UsageError(f"loss: {task.name} has no loss {name!r}; it has {', '.join(task.losses)}{hint}")
    taken = inspect.signature(task.losses[name]).parameters
    if recipe.label_smoothing and "label_smoothing" not in taken:
        raise UsageError(f"label_smoothing: the loss {name} of {task.name} has no labels to smooth")
    settings = {"label_smoothing": recipe.label_smoothing} if "label_smoothing" in taken else {}
    criterion = task.losses[name](**settings)

    return lambda outputs, targets, _: criterion(outputs, targets)
