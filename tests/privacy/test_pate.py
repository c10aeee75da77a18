"""Students of noisy votes."""

from typing import Any

import numpy as np
import pytest

import nas
from nas.data import Dataset, from_arrays
from nas.errors import UsageError
from nas.privacy.pate import distill_privately
from nas.space import Space
from nas.training import Recipe
from nas.training.workbench import Workbench

RECIPE = Recipe(epochs=15, lr=0.05)


def _public(count: int = 80) -> np.ndarray[Any, Any]:
    """Points about the corners, drawn anew."""
    rng = np.random.default_rng(1)
    centres = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[rng.integers(4, size=count)]
    return (centres + 0.2 * rng.normal(size=(count, 2))).astype(np.float32)


def _arguments(space: Space, **given: Any) -> dict[str, Any]:
    arch = space.sample(np.random.default_rng(0))
    known = {"arch": arch, "unlabelled": _public(), "teachers": 12, "epsilon": 40.0, "delta": 1e-3, "recipe": RECIPE}
    return {**known, **given}


def test_a_student_learns_from_votes_alone(corners: Dataset, space: Space) -> None:
    found = distill_privately(corners, **_arguments(space))
    assert 39 < found.epsilon <= 40
    assert (found.teachers, found.queries, found.delta) == (12, 80, 1e-3)
    assert len(found.labelled.train) + len(found.labelled.val) == 80
    assert found.labelled.outputs == corners.outputs
    bench = Workbench(corners, device="cpu")
    assert bench.score(found.network, *bench.val)["val_acc"] > 0.7


def test_no_teacher_shares_a_sample_or_is_seen(corners: Dataset, space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """The student has statistics of the public inputs, and samples of its teachers are disjoint."""
    from nas.training.fit import fit

    seen: list[Workbench] = []

    def watched(bench: Workbench, *given: Any, **named: Any) -> Any:
        seen.append(bench)
        return fit(bench, *given, **named)

    monkeypatch.setattr("nas.privacy.pate.fit", watched)
    distill_privately(corners, **_arguments(space, recipe=Recipe(epochs=1, patience=1)))
    *teachers, student = seen
    rows = [row for one in teachers if one.rows is not None for row in one.rows.tolist()]
    assert sorted(rows) == list(range(len(corners.train)))
    assert student.data is not corners
    assert student.mean == pytest.approx(student.data.train.inputs.mean(axis=0), abs=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epsilon": 0.5}, r"takes noise of .* votes for 80 queries, in which those of 12 teachers are lost"),
        ({"teachers": 200}, "teachers: expected from 2 to 150"),
        ({"teachers": 1}, "teachers: expected from 2 to 150"),
        ({"delta": 0.01}, "delta: expected less than 1 / 300"),
        ({"unlabelled": np.zeros((5, 3), np.float32)}, r"\(5, 3\)"),
        ({"unlabelled": None}, "expected public inputs, got none"),
        ({"epsilon": -1.0}, "epsilon"),
    ],
)
def test_errors_come_before_any_training(
    corners: Dataset, space: Space, given: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nas.privacy.pate.fit", None)
    with pytest.raises(UsageError, match=message):
        distill_privately(corners, **_arguments(space, **given))


def test_what_no_promise_can_be_made_for(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.privacy.pate.fit", None)
    values = from_arrays(_public(), np.linspace(0, 1, 80), task="regression")
    with pytest.raises(UsageError, match="expected a classification, got a regression"):
        distill_privately(values, **_arguments(space))
    table = nas.from_table({"a": list(np.linspace(0, 1, 80)), "b": ["x", "y"] * 40, "t": [0, 1, 2, 3] * 20}, target="t")
    with pytest.raises(UsageError, match="prepared by what its training samples are like"):
        distill_privately(table, **_arguments(space))


def test_a_class_that_no_input_gets(corners: Dataset, space: Space) -> None:
    inputs = np.array([[1, 1]], np.float32) + np.zeros((40, 1), np.float32)
    with pytest.raises(UsageError, match=r"none of 40 inputs the class '0', '1', '2'; expected public inputs of each"):
        distill_privately(corners, **_arguments(space, unlabelled=inputs))
