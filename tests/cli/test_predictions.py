"""The command `nas predict`."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nas.cli.predictions import show_predictions
from nas.data import load_data
from nas.manifest import Manifest
from nas.prediction import Predictions
from tests.cli.conftest import Command


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a finished run is kept for the tests of this file."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def run(small: Path, kept: Path, nas: Command) -> Path:
    """A copy of a run."""
    if not (kept / "run").exists():
        done = nas("search", small, "--trials", 1, "--out", kept / "run", "-q", "baseline=none")
        assert done.code == 0, done.err
    return Path(shutil.copytree(kept / "run", small.parent / "run"))


def test_predict(run: Path, tmp_path: Path, nas: Command) -> None:
    """The predictions for the test samples are those that the run wrote of its own test."""
    test = load_data("digits").test
    assert test is not None
    np.savez(tmp_path / "new.npz", inputs=test.inputs[:, 0])
    done = nas("predict", run, tmp_path / "new.npz", "--out", tmp_path / "found.csv", "--device", "cpu")
    assert (done.code, done.out, done.err) == (0, f"{tmp_path / 'found.csv'}: 360 predictions\n", "")
    with (tmp_path / "found.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["name", "prediction", *(f"probability {digit}" for digit in range(10))]
    assert [rows[0][0], rows[-1][0]] == ["sample 0", "sample 359"]
    found = np.array([row[2:] for row in rows], np.float32)
    with np.load(run / "predictions.npz") as own:
        assert np.array_equal(found, own["predictions"])
    assert [int(row[1]) for row in rows] == found.argmax(axis=1).tolist()

    shown = nas("predict", run, tmp_path / "new.npz").out.splitlines()
    assert len(shown) == 22
    assert shown[0] == "name       prediction  probability"
    assert shown[1].split() == ["sample", "0", rows[0][1], f"{100 * found[0].max():.1f}", "%"]
    assert shown[-1] == "and 340 more; --out FILE.csv writes all, with all probabilities"

    nas("export", run, "--to", tmp_path / "network")
    assert nas("predict", tmp_path / "network", tmp_path / "new.npz").out.splitlines() == shown


def test_what_is_wrong(run: Path, tmp_path: Path, nas: Command) -> None:
    np.save(tmp_path / "new.npy", np.zeros((1, 8, 9)))
    for arguments, message in (
        (("none.npy",), "nas: none.npy: there is no such file or folder\n"),
        ((tmp_path / "new.npy",), "nas: inputs: expected shape (N, 1, 8, 8) as in training, got (1, 8, 9)\n"),
        ((tmp_path / "new.npy", "--on-error", "go"), "nas: --on-error is 'go', expected stop or skip\n"),
        ((tmp_path / "new.npy", "--device", "x"), "nas: --device is 'x', expected auto, cpu, cuda\n"),
    ):
        done = nas("predict", run, *arguments)
        assert (done.code, done.out, done.err) == (2, "", message)
    record = json.loads((run / "final/preparation.json").read_bytes())
    (run / "final/preparation.json").write_text(json.dumps(record), encoding="utf-8")
    done = nas("predict", run, tmp_path / "new.npy")
    assert done.code == 4
    assert "preparation.json" in done.err
    Manifest(run).forget("final.json")
    assert nas("predict", run, tmp_path / "new.npy").err.startswith(f"nas: {run} has no final network")


def test_tables_fit_the_terminal() -> None:
    chances = np.full((21, 2), 0.5, np.float32)
    labels = np.array(["a class with a name that is very long", "b"] + ["b"] * 19)
    found = Predictions(tuple(f"{'folder/' * 12}{place}.png" for place in range(21)), ("a", "b"), labels, chances, None)
    lines = show_predictions(found)
    assert max(map(len, lines)) == 80
    assert lines[1].endswith("/0.png  a class with a …t is very long       50.0 %")
    values = Predictions(("x",), ("pay",), None, None, np.array([[1.5]], np.float32))
    assert show_predictions(values) == ["name  prediction", "x     1.5"]
