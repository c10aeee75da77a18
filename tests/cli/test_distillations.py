"""`nas distill`."""

from pathlib import Path

import pytest

from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES
from nas.students.distilling import RECORD
from tests.cli.conftest import Command
from tests.tiny_run import contents


def test_distill(copied: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied)
    done = nas("distill", ".", "epochs=1", "distill.task_weight=0", "--no-longer")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["parameters", "teacher", "alone", "distilled"]
    assert lines[-1] == f"The network is in {copied}-distilled"
    assert done.err.splitlines()[0].startswith("training 1/2 · alone · val_acc 0.")
    written = copied.with_name(f"{copied.name}-distilled")
    assert {*NETWORK_FILES, RECORD} < set(contents(written))
    assert Manifest(written).read_record(RECORD)["distill"]["task_weight"] == 0


def test_values_that_do_not_fit(copied: Path, nas: Command) -> None:
    done = nas("distill", copied, "--by", "hint")
    assert done.code == 2
    assert done.err.startswith("option '--by hint': distill.by: no such key: 'hint'")


def test_a_folder_that_is_no_run(tmp_path: Path, nas: Command) -> None:
    done = nas("distill", tmp_path)
    assert (done.code, done.err) == (2, f"nas: {tmp_path} holds no run\n")
