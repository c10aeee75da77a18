"""One holder at a time, who can be named."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from nas.driver.lock import exclusive
from nas.errors import StorageError

HOLD = """
import sys
from pathlib import Path
from nas.driver.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_the_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with hold(path) as child:
        with pytest.raises(StorageError, match=r"study\.db is in use: process ") as caught, exclusive(path):
            pass
        for part in (f"process {child.pid} ", f"on {socket.gethostname()} ", "since 2"):
            assert part in str(caught.value)
        (tmp_path / "study.db.holder").write_text("[")
        with pytest.raises(StorageError, match="in use: another process holds it"), exclusive(path):
            pass
        child.kill()
    with exclusive(path):
        assert json.loads((tmp_path / "study.db.holder").read_text())["pid"] == os.getpid()
    assert not (tmp_path / "study.db.holder").exists()


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with exclusive(tmp_path / "a"), pytest.raises(StorageError, match="in use"), exclusive(tmp_path / "a"):
        pass
    with exclusive(tmp_path / "a"), exclusive(tmp_path / "b"):
        pass


def test_it_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path / "a"):
        _ = 1 // 0
    with exclusive(tmp_path / "a"):
        pass


def test_a_lock_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.lock").mkdir()
    with pytest.raises(StorageError, match=r"a\.lock cannot be locked"), exclusive(tmp_path / "a"):
        pass
