"""Standard streams that fail, that are closed, or that lack letters: nothing of a search is lost, and no traceback."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

import pytest

from nas.events import EpochEnded, Notice, RunEnded, StageBegan
from nas.manifest import Manifest
from nas.output import LETTERS, announced, lasting, prepare, settle, tell
from nas.progress import make_display
from tests.forked import Server
from tests.tiny_run import write_run


class _Failing(io.StringIO):
    """A stream whose disk is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


class _FailingTerminal(_Failing):
    def isatty(self) -> bool:
        return True


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_takes_long_is_announced_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, pipe = _Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with announced("exploring", after=0.0):
        while not terminal.getvalue():
            time.sleep(0.01)
    with announced("not this", after=3600):
        pass
    assert terminal.getvalue() == "exploring\n"
    monkeypatch.setattr(sys, "stderr", pipe)
    with announced("nor this", after=0.0):
        time.sleep(0.05)
    assert pipe.getvalue() == ""


@pytest.mark.parametrize("stream", [_Failing(), _FailingTerminal()])
def test_progress_that_cannot_be_written_is_lost(stream: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with make_display(stream=stream) as display:
        display(Notice("text"))
        display(StageBegan("run", 2))
        display(EpochEnded(0, 1, {"val_acc": 0.5}))
        display(RunEnded("problem", "random", 0))
        display(Notice("text"))
    assert lasting(stream).write("text") == 4


def test_a_message_that_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", _Failing())
    tell("text")
    settle()  # it has no number to be replaced at, either


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_letters_that_an_encoding_lacks(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    monkeypatch.setattr("sys.stdout", stream)
    prepare()
    text = "1×8 → 10 · 3² … é 漢 – █"
    print(text)
    stream.flush()
    spelt = {"ascii": "1x8 > 10 - 32 ... e ? - #", "latin-1": "1×8 > 10 · 3² ... é ? - #", "utf-8": text}
    assert raw.getvalue().decode(encoding) == f"{spelt[encoding]}\n"
    assert all(len(instead) == 1 and instead.isascii() for instead in LETTERS.values())


CLOSED_PIPE = """
import os
read, write = os.pipe()
os.close(read)
os.dup2(write, 1)
os.dup2(write, 2)
"""
FULL = """
import os
os.dup2(os.open("/dev/full", os.O_WRONLY), {stream})
"""
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (CLOSED_PIPE, 1),
        pytest.param(FULL.format(stream=2), 0, marks=needs_full),
        pytest.param(FULL.format(stream=1) + FULL.format(stream=2), 3, marks=needs_full),
    ],
    ids=["closed pipes", "errors on a full disk", "both on a full disk"],
)
def test_a_search_whose_output_cannot_be_written(before: str, code: int, tmp_path: Path, server: Server) -> None:
    """It goes on to its end; the exit code says whether its result could be told."""
    arguments = ["search", str(write_run(tmp_path)), "--trials", "3", "--out", str(tmp_path / "run")]
    log, out = tmp_path / "log", tmp_path / "out"
    assert server.run(*arguments, log=log, before=before) == code
    Manifest(tmp_path / "run").verify()
    assert (tmp_path / "run" / "report.html").exists()
    assert server.run(*arguments, "--resume", "--json", log=log, out=out) == 0
    assert json.loads(out.read_text())["trials"] == 3
    assert "run holds 3 of 3 trials already\n" in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("command", [["validate"], ["describe", "--samples", "5"], ["describe", "--json"]])
def test_a_result_that_cannot_be_printed(command: list[str], tmp_path: Path, server: Server) -> None:
    write_run(tmp_path)
    arguments, log = [command[0], str(tmp_path / "space.yaml"), *command[1:]], tmp_path / "log"
    assert server.run(*arguments, log=log, before=CLOSED_PIPE.replace("os.dup2(write, 2)", "")) == 1
    assert log.read_text() == ""
    if Path("/dev/full").exists():
        assert server.run(*arguments, log=log, before=FULL.format(stream=1)) == 3
        assert log.read_text() == "nas: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    ("limit", "code", "text"),
    [("8", 3, "nas: the limit on open files (`ulimit -n`) is 8; at least 32 are needed\n"), ("32", 0, "")],
)
def test_few_open_files(limit: str, code: int, text: str, tmp_path: Path, server: Server) -> None:
    before = f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))"
    arguments = ["search", str(write_run(tmp_path)), "--trials", "2", "--out", str(tmp_path / "run"), "--quiet"]
    log = tmp_path / "log"
    assert server.run(*arguments, log=log, out=tmp_path / "out", before=before) == code, log.read_text()
    text = f"nas: the limit on open files (`ulimit -n`) is {limit}; at least 32 are needed\n"
    assert log.read_text() == (text if code else "")


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def test_a_process_without_standard_streams(tmp_path: Path) -> None:
    """As `>&- 2>&-` starts it; what fails is said to whoever is left."""
    write_run(tmp_path)
    for redirection, code, file in (("<&- >&- 2>&-", 0, "space.yaml"), (">&-", 2, "none.yaml")):
        command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "nas.cli", "validate", file]
        done = subprocess.run(command, check=False, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        assert done.returncode == code
        assert done.stderr == ("nas: none.yaml: there is no such file\n" if code else "")


def test_a_bare_environment(tmp_path: Path) -> None:
    """No HOME, a C locale, a dumb terminal, a folder whose name is no ASCII: a search runs as it does elsewhere."""
    folder = tmp_path / "Änderung"
    folder.mkdir()
    write_run(folder)
    bare = {key: value for key, value in ENVIRONMENT.items() if not key.startswith(("LC_", "LANG", "XDG_", "PYTHON"))}
    bare.pop("HOME", None)
    bare |= {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TERM": "dumb"}
    command = [sys.executable, "-m", "nas.cli", "search", "tiny.yaml", "--trials", "2", "--out", "run"]
    done = subprocess.run(command, check=False, cwd=folder, env=bare, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    lines = done.stderr.decode("ascii").splitlines()
    assert [line.split(" - ")[0] for line in lines] == [
        "tiny: searching for the highest val_acc",
        "digits: 1,149 training, 288 validation, 360 test samples; classification, "
        "10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "trial 1/2",
        "trial 2/2",
        "final 1/2",
        "final 2/2",
    ]
    Manifest(folder / "run").verify()
