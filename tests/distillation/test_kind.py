"""What all kinds have."""

import pytest
import torch

from nas.distillation import KINDS
from nas.distillation.kind import Anatomy, Kind
from nas.errors import UsageError
from nas.tasks import Classification, Multilabel, Regression, Task

TASKS = (Classification(("a", "b", "c")), Multilabel(("a", "b")), Regression(("y",), (0.0,), (1.0,)))


def test_the_anatomy_is_a_mapping_in_order() -> None:
    found = Anatomy({"b": (4, 8), "a": (10,)}, outer=("a",))
    assert list(found.items()) == [("b", (4, 8)), ("a", (10,))]
    assert len(found) == 2


@pytest.mark.parametrize("progress", [0.25, torch.tensor(0.25)])
def test_the_weight_follows_the_course(progress: float | torch.Tensor) -> None:
    kind = KINDS["response"](weight=4.0, warmup=0.5, schedule="linear")
    assert float(kind.weight_at(progress)) == 4.0 * 0.5 * 0.75


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_kind_refuses_the_tasks_that_it_is_not_defined_for(name: str, task: Task) -> None:
    kind = KINDS[name]()
    assert isinstance(kind, Kind)
    assert kind.name == name
    if kind.tasks is None or task.name in kind.tasks:
        kind.check(task)
        return
    with pytest.raises(UsageError, match=rf"^distill\.by\.{name}: expected the task .*, got {task.name}$"):
        kind.check(task)


def test_gradients_have_directions_where_they_are_compared() -> None:
    outputs = torch.zeros(3, 2)
    for kind in (make() for make in KINDS.values()):
        if kind.differentiates:
            directions = kind.along(outputs, TASKS[0])
            assert directions.shape[1:] == outputs.shape
        else:
            with pytest.raises(NotImplementedError):
                kind.along(outputs, TASKS[0])
