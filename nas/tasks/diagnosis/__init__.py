"""Where the predictions of a network are right and wrong: records of plain data, one kind for each task.

`Task.diagnose` makes them from predictions and targets, and `diagnosis_of` reads them from JSON. No torch is loaded.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nas.errors import UsageError
from nas.tasks.diagnosis.classification import ClassFigures, ClassificationDiagnosis, Confusion
from nas.tasks.diagnosis.multilabel import LabelFigures, MultilabelDiagnosis
from nas.tasks.diagnosis.regression import RegressionDiagnosis, TargetFigures
from nas.tasks.diagnosis.roc import Roc

Diagnosis = ClassificationDiagnosis | MultilabelDiagnosis | RegressionDiagnosis

_KINDS: Mapping[str, type[Diagnosis]] = {
    kind.task: kind for kind in (ClassificationDiagnosis, MultilabelDiagnosis, RegressionDiagnosis)
}


def plain_diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as plain data, with the name of its `task`."""
    return {"task": diagnosis.task, **asdict(diagnosis)}


def diagnosis_of(data: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis that `plain_diagnosis` wrote, also after JSON.

    Raises:
        UsageError: these are not the data of a diagnosis.
    """
    kind = _KINDS.get(str(data.get("task")))
    if kind is None:
        raise UsageError(f"a diagnosis is of the task {', '.join(_KINDS)}, got {data.get('task')!r}")
    try:
        found: Diagnosis = TypeAdapter(kind).validate_python(
            {name: value for name, value in data.items() if name != "task"}
        )
    except ValidationError as error:
        raise UsageError(f"these are not data of a diagnosis: {error}") from error
    return found


__all__ = [
    "ClassFigures",
    "ClassificationDiagnosis",
    "Confusion",
    "Diagnosis",
    "LabelFigures",
    "MultilabelDiagnosis",
    "RegressionDiagnosis",
    "Roc",
    "TargetFigures",
    "diagnosis_of",
    "plain_diagnosis",
]
