"""What is said of a distillation."""

import pytest

from nas.students.findings import gains_of, notes_of
from nas.students.result import ALONE, LONGER, TEACHER, Compared
from nas.trial import Objective


def _rows(teacher: float, alone: float, longer: float) -> dict[str, Compared]:
    return {
        name: Compared(1, {"val_acc": (value,), "val_rmse": (value,)}, 0.0)
        for name, value in ((TEACHER, teacher), (ALONE, alone), (LONGER, longer))
    }


@pytest.mark.parametrize(
    ("rows", "objective", "starts"),
    [
        (_rows(0.95, 0.9, 0.9), Objective("val_acc"), []),
        (_rows(0.91, 0.9, 0.9), Objective("val_acc"), ["The teacher leads the student by +1.00 points"]),
        (_rows(0.95, 0.9, 0.93), Objective("val_acc"), ["The student alone gains +3.00 points"]),
        (_rows(2.0, 4.0, 4.0), Objective("val_rmse", "minimize"), []),
        (
            _rows(3.99, 4.0, 3.0),
            Objective("val_rmse", "minimize"),
            ["The teacher leads", "The student alone gains +1.00"],
        ),
    ],
)
def test_what_a_reader_should_know(rows: dict[str, Compared], objective: Objective, starts: list[str]) -> None:
    found = list(notes_of(rows, objective, same=False))
    assert len(found) == len(starts)
    assert all(note.startswith(start) for note, start in zip(found, starts, strict=True))
    known = [*notes_of(rows, objective, same=True)]
    assert any("saw no more labels" in note for note in known)
    strange = [*notes_of(rows, objective, same=False, strange=True)]
    assert any(note.startswith("It is not known which samples") for note in strange)


def test_gains_are_positive_where_the_metric_is_better() -> None:
    one, other = (Compared(1, {"val_rmse": values, "test_rmse": values}, 0.0) for values in ((1.0, 2.0), (2.0, 2.5)))
    found = gains_of(one, other, Objective("val_rmse", "minimize"))
    assert found.keys() == {"validation", "test"}
    assert found["test"].value == 0.75
    assert found["test"].low < 0.5 < 1.0 < found["test"].high
    first, second = (Compared(1, {"val_acc": (value,)}, 0.0) for value in (0.5, 0.25))
    alone = gains_of(first, second, Objective("val_acc"))
    assert alone.keys() == {"validation"}
    assert (alone["validation"].value, alone["validation"].low) == (0.25, 0.25)
