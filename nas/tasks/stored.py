"""Tasks as JSON, in which the task of one network leaves the process that tuned it."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError
from nas.tasks import TASKS
from nas.tasks.task import Task


def plain_task(task: Task) -> dict[str, Any]:
    """A task as plain data: `{NAME: {...}}`, with its fields."""
    return {task.name: TypeAdapter[Any](type(task)).dump_python(task, mode="json")}


def task_to_json(task: Task) -> str:
    """`plain_task` as JSON."""
    return json.dumps(plain_task(task), ensure_ascii=False)


def task_of(plain: Any) -> Task:
    """The task that `plain_task` described, after JSON.

    Raises:
        IntegrityError: this is no task.
    """
    try:
        ((name, fields),) = plain.items()
        found: Task = TypeAdapter[Any](TASKS[name]).validate_json(json.dumps(fields), strict=True)
    except (ValueError, TypeError, AttributeError, KeyError, ValidationError) as error:
        raise IntegrityError(f"this is no task: {error}") from error
    return found


def task_from_json(text: str | bytes) -> Task:
    """The task that `task_to_json` wrote. Raises IntegrityError."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise IntegrityError(f"this is no task: {error}") from error
    return task_of(plain)
