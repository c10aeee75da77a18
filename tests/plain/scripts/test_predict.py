"""What the script that predicts says."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.data import from_arrays
from nas.errors import UsageError
from nas.handover.plain_python import executed
from nas.plain.scripts import predict
from tests.prediction.exported import export_of


def test_the_command_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--help"], 0), ([], 2)):
        with pytest.raises(SystemExit) as end:
            predict.main(arguments)
        assert end.value.code == code
    said = capsys.readouterr()
    assert "python predict.py INPUT..." in said.out
    assert max(map(len, said.out.splitlines())) <= 120
    assert "the following arguments are required: INPUT" in said.err


def test_what_the_network_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 5, (20, 4))
    layers = "[{embedding: {vocabulary: 5, width: 2}}, flatten, {linear: {units: outputs}}]"
    path = tmp_path / "new.npy"
    np.save(path, np.array([[0, 1, 2, 3], [0, 1, 2, 9]]))
    made = export_of(from_arrays(tokens, tokens[:, 0] % 2), tmp_path / "network", path, layers)
    network, script = (
        executed(one.read_bytes(), one) for one in (made.folder / "model.py", made.folder / "predict.py")
    )
    monkeypatch.setitem(sys.modules, "model", network)
    assert script.main([str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "error: sample 0 to sample 1: expected token indices, integers from 0 to 4, got 9.0\n"


def test_output_that_cannot_be_written(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that has ended is no error to speak of; a full disk is. The flush at the end of Python is none again."""
    reader, writer = os.pipe()
    os.close(reader)
    for descriptor, code, message in (
        (writer, 1, ""),
        (os.open("/dev/full", os.O_WRONLY), 2, "error: standard output cannot be written: No space left on device\n"),
    ):
        with monkeypatch.context() as patch, os.fdopen(descriptor, "w", encoding="ascii") as out:
            patch.setattr(sys, "stdout", out)
            assert predict.shown("☃\n") == code
        assert capsys.readouterr().err == message
    assert predict.shown("☃\n") == 0
    assert capsys.readouterr().out == "☃\n"


def test_a_fault_of_any_batch_names_its_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"modality": "table", "shape": [2], "dtype": "uint8"}
    monkeypatch.setattr(predict, "record", lambda: {"preparation": {"arrays": fields}})
    given = np.zeros((predict.BATCH + 9, 2))
    given[predict.BATCH + 4] = 0.5
    with pytest.raises(UsageError, match=rf"^sample {predict.BATCH + 4}: it has the value 0\.5; "):
        [predict.ready(batch) for batch in predict.samples_of(given).batches(predict.BATCH)]


def test_paths_that_cannot_be_asked_for(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "header", tuple)
    assert predict.main(["a" * 5000]) == 2
    assert capsys.readouterr().err.startswith("error: [Errno 36] File name too long")
