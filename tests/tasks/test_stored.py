"""Tasks as JSON: they come back as they were, and nothing else does."""

import pytest

from nas.errors import IntegrityError
from nas.tasks import TASKS, Classification, Multilabel, Regression, Task
from nas.tasks.stored import task_from_json, task_to_json

KEPT: list[Task] = [
    Classification(("cat", "Ж"), (3, 4)),
    Multilabel(("a", "b"), (0.1, 1 / 3), ((3, 4), (6, 1))),
    Regression(("y",), (0.1,), (1e-300,)),
]


@pytest.mark.parametrize("task", KEPT, ids=lambda task: task.name)
def test_a_task_comes_back(task: Task) -> None:
    assert task_from_json(task_to_json(task)) == task


def test_every_task_is_tried() -> None:
    assert [task.name for task in KEPT] == list(TASKS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"x": {}}',
        '{"classification": {}}',
        '{"classification": {"outputs": [1]}}',
        '{"regression": 3}',
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(IntegrityError, match=r"^this is no task: "):
        task_from_json(text)
