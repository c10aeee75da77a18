"""Teachers by their paths."""

import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from nas.distillation.teacher import Teacher
from nas.distillation.unlabelled import Unlabelled
from nas.errors import UsageError
from nas.settings import plain
from tests.distillation.lessons import IMAGES

CPU = torch.device("cpu")


def _program(path: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    torch.export.save(torch.export.export(nn.Linear(3, 2).eval(), (torch.zeros(2, 3),)), path)
    return path


def test_a_file_that_changes_after_its_content_was_told_is_no_teacher(tmp_path: Path) -> None:
    """The identity of a run has the content; a worker may read it much later."""
    path = _program(tmp_path / "teacher.pt2", 0)
    teacher = Teacher(path)
    told = teacher.sha256
    sent: Teacher = pickle.loads(pickle.dumps(teacher))  # noqa: S301  made here
    later: Teacher = pickle.loads(pickle.dumps(teacher))  # noqa: S301  made here
    assert sent.network(CPU)(torch.ones(2, 3)).shape == (2, 2)
    _program(path, 1)
    assert later.sha256 == told != Teacher(path).sha256
    with pytest.raises(UsageError, match=r"teacher\.pt2 was changed while it was in use"):
        later.network(CPU)
    assert sent.network(CPU)(torch.ones(2, 3)).shape == (2, 2)


def test_files_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(path: Path) -> bytes:
        read.append(path)
        return path.read_bytes()

    monkeypatch.setattr("nas.distillation.teacher.read_bytes", counted)
    teacher = Teacher(_program(tmp_path / "teacher.pt2", 0))
    teacher.check(IMAGES.data)
    assert teacher.sha256
    assert teacher.network(CPU)(torch.ones(2, 3)).shape == (2, 2)
    teacher.check(IMAGES.data)
    assert len(read) == 1


@pytest.mark.parametrize("kind", [Teacher, Unlabelled])
def test_what_is_gone_is_still_written(kind: type[Teacher | Unlabelled], tmp_path: Path) -> None:
    """A finished run is reported and exported without its teacher: only the identity of a run reads it."""
    gone = tmp_path / "gone"
    assert plain({"of": kind(gone)}) == {"of": str(gone)}
    with pytest.raises(UsageError, match="does not exist"):
        plain({"of": kind(gone)}, hashed=True)
