"""Tasks as JSON, in which the task of one network leaves the process that tuned it."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.errors import IntegrityError
from nas.tasks import TASKS
from nas.tasks.task import Task


def task_to_json(task: Task) -> str:
    """A task as JSON: `{"NAME": {...}}`, with its fields."""
    fields = TypeAdapter[Any](type(task)).dump_python(task, mode="json")
    return json.dumps({task.name: fields}, ensure_ascii=False)


def task_from_json(text: str | bytes) -> Task:
    """The task that `task_to_json` wrote.

    Raises:
        IntegrityError: this is no task.
    """
    try:
        ((name, fields),) = json.loads(text).items()
        found: Task = TypeAdapter[Any](TASKS[name]).validate_json(json.dumps(fields), strict=True)
    except (ValueError, TypeError, AttributeError, KeyError, ValidationError) as error:
        raise IntegrityError(f"this is no task: {error}") from error
    return found
