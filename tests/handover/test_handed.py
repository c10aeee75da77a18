"""What is handed over is read from a run or an export, with the data of the run if they are still there."""

from pathlib import Path
from typing import Any

import pytest

from nas.data import load_data
from nas.errors import UsageError
from nas.handover.agreement import agreement, outputs_of, real_inputs
from nas.handover.exporting import export_run
from nas.handover.handed import exported_before, handed_of


def test_data_that_are_not_there(finished: Path, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = handed_of(copied)

    def gone(*_: Any) -> None:
        raise UsageError("there is no such file")

    with monkeypatch.context() as patch:
        patch.setattr("nas.handover.handed.make_data", gone)
        assert str(handed.data) == "the data of the run cannot be read here: there is no such file"
    assert len(real_inputs(handed, 5)) == 0
    assert agreement(handed, lambda inputs: outputs_of(handed, inputs), 0.0).real == 0
    other = handed_of(finished)
    with monkeypatch.context() as patch:
        patch.setattr("nas.handover.handed.make_data", lambda *_: load_data("digits", split_seed=1))
        assert str(other.data) == "the data are not those of the run any more"


def test_a_folder_with_an_export_and_nothing_else(finished: Path, tmp_path: Path) -> None:
    folder = export_run(finished, tmp_path / "network").folder
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "model.cpython-311.pyc").touch()  # `predict.py` was run
    assert exported_before(folder)
    assert not handed_of(folder).is_run
    assert handed_of(finished).is_run
    assert not exported_before(finished)
    (folder / "more").mkdir()
    (folder / "more/notes.txt").write_text("mine")
    assert not exported_before(folder)
