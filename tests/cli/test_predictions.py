"""The command `nas predict`."""

import csv
import io
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from nas.cli.predictions import show_predictions
from nas.data import load_data
from nas.manifest import Manifest
from nas.prediction import Predictions
from tests.cli.conftest import Command
from tests.forked import Server, read, wait_until
from tests.prediction import exported


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


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a network for texts in UTF-16."""
    return exported.texts(tmp_path_factory.mktemp("texts")).folder


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


class _Input:
    """Standard input with this content."""

    def __init__(self, content: bytes) -> None:
        raw = io.BytesIO(content)
        raw.name = "<stdin>"
        self.buffer = io.BufferedReader(raw)


def test_formats(texts: Path, tmp_path: Path, nas: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """All write the same, to a pipe or to a file, and read it from a pipe or from files."""
    lines = "eins zwei\n\nzwei drei\n".encode("utf-16")
    (tmp_path / "new.txt").write_bytes(lines)
    shown = nas("predict", texts, tmp_path / "new.txt", "--format", "csv")
    assert (shown.code, shown.err) == (0, "")
    header, *rows = csv.reader(io.StringIO(shown.out))
    assert header == ["name", "prediction", "probability cold", "probability warm"]
    assert [row[0] for row in rows] == ["line 1", "line 3"]
    monkeypatch.setattr(sys, "stdin", _Input(lines))
    objects = [
        json.loads(line) for line in nas("predict", texts, "-", "--format", "json", "--batch", 1).out.splitlines()
    ]
    assert [one["name"] for one in objects] == ["line 1", "line 3"]
    for one, row in zip(objects, rows, strict=True):
        assert one["prediction"] == [label for label in row[1].split("; ") if label]
        assert np.allclose([*one["probabilities"].values()], [float(cell) for cell in row[2:]], atol=1e-6)
    for name, options in (("a.csv", ()), ("a.jsonl", ()), ("a.json", ()), ("a.txt", ("--format", "csv"))):
        done = nas("predict", texts, tmp_path / "new.txt", "--out", tmp_path / name, *options)
        assert done.out == f"{tmp_path / name}: 2 predictions\n"
        content = (tmp_path / name).read_text(encoding="utf-8")
        assert content == shown.out if name in ("a.csv", "a.txt") else json.loads(content.splitlines()[1]) is not None
    monkeypatch.setattr(sys, "stdin", _Input(lines))
    several = nas("predict", texts, tmp_path / "new.txt", "-")
    assert [line.split("  ")[0] for line in several.out.splitlines()][3] == "standard input, line 1"


def test_a_file_is_complete_or_not_there(texts: Path, tmp_path: Path, nas: Command) -> None:
    (tmp_path / "new.csv").write_text("body\n" + "eins\n" * 1500 + " \n", encoding="utf-16")
    (tmp_path / "out.csv").write_text("before")
    done = nas("predict", texts, tmp_path / "new.csv", "--out", tmp_path / "out.csv")
    assert (done.code, done.out) == (2, "")
    assert "line 1,502: the text in 'body' is empty" in done.err
    assert (tmp_path / "out.csv").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.csv"]
    done = nas("predict", texts, tmp_path / "new.csv", "--out", tmp_path / "out.csv", "--on-error", "skip")
    assert (done.code, done.out) == (0, f"{tmp_path / 'out.csv'}: 1,500 predictions\n")
    assert done.err.startswith("1 of 1,501 samples cannot be read and are left out: ")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1501


def test_inputs_are_not_replaced(texts: Path, tmp_path: Path, nas: Command) -> None:
    (tmp_path / "new.csv").write_text("body\neins\n", encoding="utf-16")
    (tmp_path / "link.csv").symlink_to("new.csv")
    for out in ("new.csv", "link.csv"):
        done = nas("predict", texts, tmp_path / "new.csv", "--out", tmp_path / out)
        assert (done.code, done.out) == (2, "")
        assert "which is an input and would be replaced" in done.err
    assert (tmp_path / "new.csv").read_text(encoding="utf-16") == "body\neins\n"


FROM = """
import os, sys
os.dup2(os.open({path!r}, os.O_RDONLY), 0)
sys.stdin = open(0, closefd=False)
"""


@pytest.mark.parametrize("ending", ["the reader ends", "ctrl-c"])
def test_pipes_that_end(ending: str, texts: Path, tmp_path: Path, server: Server) -> None:
    """A reader that has seen enough ends the command without a word, and Ctrl-C leaves no half-written file."""
    given, shown, log, out = (tmp_path / name for name in ("given", "shown", "log", "out.csv"))
    os.mkfifo(given)
    os.mkfifo(shown)
    options = ["--out", str(out)] if ending == "ctrl-c" else ["--format", "csv"]
    command = ["predict", str(texts), "-", "--batch", "1", *options]
    process = server.begin(*command, log=log, out=shown, before=FROM.format(path=str(given)))
    with shown.open("rb") as reader, given.open("wb", buffering=0) as writer:
        writer.write("eins\n".encode("utf-16"))
        if ending == "ctrl-c":
            wait_until(lambda: any(path.stat().st_size for path in tmp_path.glob(".out.csv.*.tmp")))
            os.kill(process, signal.SIGINT)
            assert server.end(process) == 130
        else:
            assert reader.readline().startswith(b"name,prediction,")
            assert reader.readline().startswith(b"line 1,")  # before there is a second line
            reader.close()
            writer.write("zwei\n".encode("utf-16-le"))
            assert server.end(process) == 1
    assert read(log) == ("nas: stopped by SIGINT\n" if ending == "ctrl-c" else "")
    assert {path.name for path in tmp_path.iterdir()} == {"given", "shown", "log"}


def test_what_is_wrong(run: Path, tmp_path: Path, nas: Command) -> None:
    np.save(tmp_path / "new.npy", np.zeros((1, 8, 9)))
    for arguments, message in (
        (("none.npy",), "nas: none.npy: there is no such file or folder\n"),
        (
            (tmp_path / "new.npy",),
            f"nas: {tmp_path}/new.npy: expected shape (N, 1, 8, 8) as in training, got (1, 8, 9)\n",
        ),
        ((tmp_path / "new.npy", "--on-error", "go"), "nas: --on-error is 'go', expected stop or skip\n"),
        ((tmp_path / "new.npy", "--format", "xml"), "nas: --format is 'xml', expected table, csv, json\n"),
        (
            (tmp_path / "new.npy", "--out", "a.txt"),
            "nas: --out is 'a.txt', expected a file .csv, .json, .jsonl, or --for",
        ),
        (
            ("x", "--out", "a.csv", "--format", "table"),
            "nas: --format table is for the terminal; --out writes csv or js",
        ),
        (("-", "-"), "nas: standard input can be read once, got - twice\n"),
        ((tmp_path / "new.npy", "--batch", "0"), "nas: --batch is 0, expected 1 or more\n"),
        ((tmp_path / "new.npy", "--device", "x"), "nas: --device is 'x', expected auto, cpu, cuda\n"),
    ):
        done = nas("predict", run, *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(message)
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
    assert len(lines) == 21
    assert max(map(len, lines)) == 80
    assert lines[1].endswith("/0.png  a class with a …t is very long       50.0 %")
    values = Predictions(("x\n\x1b[31m",), ("pay",), None, None, np.array([[1.5]], np.float32))
    assert show_predictions(values) == ["name     prediction", "x��[31m  1.5"]
