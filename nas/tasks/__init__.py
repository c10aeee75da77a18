"""Tasks: the meaning of a network's outputs, and how they are evaluated. Importing this does not load torch."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from numpy.typing import ArrayLike

from nas.arrays import as_array
from nas.errors import UsageError, few, nearest
from nas.tasks.classification import Classification
from nas.tasks.label_sets import holds_lists
from nas.tasks.metric import Metric
from nas.tasks.metrics import METRICS
from nas.tasks.multilabel import Multilabel
from nas.tasks.regression import Regression
from nas.tasks.task import Criterion, Task

TASKS: Mapping[str, type[Task]] = MappingProxyType(
    {task.name: task for task in (Classification, Multilabel, Regression)}
)
"""The table of tasks, by name."""

AUTO = "auto"
"""The task is derived from the targets."""


def pick_task(name: str, targets: ArrayLike) -> type[Task]:
    """A task by name. `auto` is the task that takes the targets, else classification, which says what is wrong.

    Raises:
        UsageError: there is no such task.
    """
    if name == AUTO:
        if holds_lists(targets):  # which may differ in length, so that they are no array
            return Multilabel
        array = as_array("train targets", targets)
        return next((task for task in TASKS.values() if task.takes(array)), Classification)
    if name not in TASKS:
        known = nearest(name, TASKS)
        hint = f"; did you mean {known!r}?" if known else ""
        raise UsageError(f"no task is named {name!r}; there are {', '.join([AUTO, *TASKS])}{hint}")
    return TASKS[name]


def measured_by(task: Task | type[Task], asked: Sequence[str] = ()) -> tuple[str, ...]:
    """The metrics that a training measures: those that the task always has, and those that were `asked` for.

    Raises:
        UsageError: the task does not have such a metric.
    """
    for name in asked:
        if name not in task.metrics:
            known = nearest(name, task.metrics)
            hint = f"; did you mean {known!r}?" if known else ""
            raise UsageError(f"{task.name} has no metric {name!r}; it has {', '.join(task.metrics)}{hint}")
    return (*task.always, *(name for name in METRICS if name in asked and name not in task.always))


def named_outputs(task: Task | type[Task], outputs: Sequence[str]) -> str:
    """The number and names of outputs, `3 classes: cat, dog, eel`; long lists are truncated."""
    return f"{len(outputs):,} {task.word[len(outputs) != 1]}: {few(outputs)}"


__all__ = [
    "AUTO",
    "METRICS",
    "TASKS",
    "Classification",
    "Criterion",
    "Metric",
    "Multilabel",
    "Regression",
    "Task",
    "measured_by",
    "named_outputs",
    "pick_task",
]
