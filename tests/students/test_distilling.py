"""The distillation of a network of a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import nas
from nas.distillation import Response
from nas.errors import UsageError
from nas.events import Event, StudentEnded
from nas.manifest import Manifest
from nas.settings import plain
from nas.statistics.effect import mean_difference
from nas.students.distilling import RECORD, distill
from nas.students.result import ALONE, DISTILLED, LONGER, TEACHER
from nas.training import Recipe

SHORT = Recipe(epochs=1, lr=0.01)


def test_a_student_is_compared_with_itself_alone_and_written(finished: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    found = distill(finished, seeds=2, recipe=SHORT, out=tmp_path / "student", on_event=events.append)
    assert list(found.rows) == [TEACHER, ALONE, LONGER, DISTILLED]
    ended = [event.what for event in events if isinstance(event, StudentEnded)]
    assert ended == [ALONE, ALONE, LONGER, LONGER, DISTILLED, DISTILLED]
    student, alone = found.rows[DISTILLED].metrics, found.rows[ALONE].metrics
    assert set(student) == {f"{part}_{name}" for part in ("val", "test") for name in ("loss", "acc")}
    gain = found.gains[ALONE]["validation"]
    assert gain == mean_difference(student["val_acc"], alone["val_acc"])
    assert "twice the epochs" in found.gains or found.gains[LONGER]["test"].low <= found.gains[LONGER]["test"].value
    record = Manifest(tmp_path / "student").read_record(RECORD)
    assert record["rows"][DISTILLED]["metrics"]["val_acc"] == list(student["val_acc"])
    assert record["distill"]["by"] == {"response": {"weight": 1, "warmup": 0, "schedule": "constant", "temperature": 1}}
    inputs = nas.load_data("digits").test
    assert inputs is not None
    predicted = nas.predict(tmp_path / "student", inputs.inputs)
    assert predicted.labels is not None
    share = np.mean([int(label) == truth for label, truth in zip(predicted.labels, inputs.targets, strict=True)])
    assert share == pytest.approx(student["test_acc"][0])
    assert not list(tmp_path.glob(".*"))
    assert any(note.startswith("The teacher saw no more labels") for note in found.notes)
    assert all(len(line) <= 80 for line in found.lines)


def test_an_interrupted_distillation_repeats_no_training(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = distill(finished, recipe=SHORT, longer=False)

    def stop(event: Event) -> None:
        if isinstance(event, StudentEnded) and event.what == DISTILLED:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distill(finished, recipe=SHORT, longer=False, out=tmp_path / "student", on_event=stop)
    assert not (tmp_path / "student").exists()
    epochs: list[Event] = []
    found = distill(finished, recipe=SHORT, longer=False, out=tmp_path / "student", on_event=epochs.append)
    assert [type(event).__name__ for event in epochs] == ["StageBegan", "StudentEnded", "StudentEnded"]
    assert found.rows[DISTILLED].metrics == whole.rows[DISTILLED].metrics
    assert not list(tmp_path.glob(".*"))


def test_a_student_without_data(finished: Path, tmp_path: Path) -> None:
    """From an exported folder alone: targets and inputs of the training part say nothing."""
    nas.export_run(finished, tmp_path / "export")
    made = nas.Inverted(20, steps=2, statistics=0)
    found = distill(
        finished,
        tmp_path / "export",
        recipe=SHORT,
        longer=False,
        unlabelled=made,
        task_weight=0,
        out=tmp_path / "student",
    )
    assert "val_acc" in found.rows[DISTILLED].metrics
    written = Manifest(tmp_path / "student").read_record(RECORD)["distill"]
    assert written["unlabelled"] == {"inverted": plain(made)}
    assert any(note.startswith("It is not known which samples the teacher was trained on") for note in found.notes)


def test_teachers(finished: Path) -> None:
    """A module, the student itself, a network that is yet to be trained, and generations."""
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 10)).eval()
    for teacher, params in ((module, 650), ("largest", None), ("self", None), (0, None), (finished, None)):
        try:
            found = distill(finished, teacher, recipe=SHORT, longer=False, generations=2 if teacher == "self" else 1)
        except UsageError as error:
            assert teacher == "largest"
            assert "the student itself" in str(error)  # noqa: PT017  it depends on which network was selected
            continue
        assert params in (None, found.rows[TEACHER].params)
        assert any("saw no more labels" in note for note in found.notes) == (teacher is not module)
        assert [*found.rows][2:] == ([DISTILLED, f"{DISTILLED} 2"] if teacher == "self" else [DISTILLED])


class Wrong(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1)[:, :7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"teacher": "nope"}, "teacher 'nope': the run has no such network"),
        ({"student": 99}, "student 99: the run has no such network"),
        ({"teacher": Wrong().eval()}, r"expected outputs of the shape \(2, 10\) for 2 samples, got \(2, 7\)"),
        ({"teacher": nn.Linear(3, 3).eval()}, "cannot take inputs"),
        ({"teacher": nn.Flatten()}, "in training mode"),
        ({"teacher": len}, "teacher.*or a module"),
        ({"teacher": None}, "teacher: expected ensemble"),
        ({"unlabelled": np.zeros((3, 1, 9, 9), np.float32)}, "inputs"),
        ({"by": [Response(), Response(temperature=2)]}, "response is given twice"),
    ],
)
def test_errors_come_before_any_training(
    finished: Path, arguments: dict[str, object], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nas.students.school.fit", None)
    with pytest.raises(UsageError, match=message):
        distill(finished, recipe=SHORT, **arguments)  # type: ignore[arg-type]


def test_an_unfinished_run(unfinished: Path) -> None:
    with pytest.raises(UsageError, match="finishes a run"):
        distill(unfinished)
