"""Ctrl-C and SIGTERM: once to end in good order, twice to end at once. Each in a process of its own."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.driver.interrupt import SIGNALS, Stopped, stoppable, uninterrupted

# A program says "ready" and waits; the test sends a signal, and looks at what the program says and how it ends.
BEGIN = """
import signal, sys, time
from pathlib import Path
from nas.driver.interrupt import Stopped, stoppable, uninterrupted

def say(text):
    print(text, flush=True)

def wait(seconds=60):
    for _ in range(round(seconds * 100)):
        time.sleep(0.01)

def until(name):
    while not Path(name).exists():
        time.sleep(0.005)
"""
ENDS = "except Stopped as stop:\n    say(f'stopped by {stop}')\n    sys.exit(stop.exit_code)\n"


class _Program:
    def __init__(self, body: str, folder: Path) -> None:
        command = [sys.executable, "-c", BEGIN + body]
        # In a group of its own, so that a Ctrl-C of whoever runs the tests is not counted.
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def send(self, signum: int) -> None:
        self.process.send_signal(signum)

    def end(self) -> tuple[int, list[str]]:
        output, errors = self.process.communicate(timeout=30)
        assert "Traceback" not in errors, errors
        return self.process.returncode, output.splitlines()


@pytest.fixture
def programs() -> Iterator[list[_Program]]:
    """Those that a test begins; none outlives it."""
    begun: list[_Program] = []
    yield begun
    for program in begun:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


@pytest.mark.parametrize(("signum", "code", "name"), [(signal.SIGINT, 130, "SIGINT"), (signal.SIGTERM, 143, "SIGTERM")])
def test_a_signal_ends_the_program_in_good_order(
    signum: int, code: int, name: str, tmp_path: Path, programs: list[_Program]
) -> None:
    body = "try:\n    with stoppable():\n        try:\n            say('ready')\n            wait()\n        finally:\n"
    programs.append(program := _Program(body + "            say('saved')\n" + ENDS, tmp_path))
    assert program.line() == "ready"
    program.send(signum)
    assert program.end() == (code, ["saved", f"stopped by {name}"])


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_it_at_once(second: int, tmp_path: Path, programs: list[_Program]) -> None:
    body = "try:\n    with stoppable():\n        try:\n            say('ready')\n            wait()\n        finally:\n"
    programs.append(program := _Program(body + "            say('slow')\n            wait()\n" + ENDS, tmp_path))
    assert program.line() == "ready"
    program.send(signal.SIGINT)
    assert program.line() == "slow"
    program.send(second)
    assert program.end() == (-second, [])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_an_uninterrupted_block(
    signum: int, tmp_path: Path, programs: list[_Program]
) -> None:
    body = """
try:
    with stoppable():
        with uninterrupted():
            say('ready')
            until('go')
            say('written')
        say('never')
        wait()
"""
    programs.append(program := _Program(body + ENDS, tmp_path))
    assert program.line() == "ready"
    program.send(signum)
    (tmp_path / "go").touch()
    name = signal.Signals(signum).name
    assert program.end() == (128 + signum, ["written", f"stopped by {name}"])


def test_blocks_may_lie_in_each_other(tmp_path: Path, programs: list[_Program]) -> None:
    body = """
try:
    with stoppable():
        with uninterrupted():
            with uninterrupted():
                say('ready')
                until('go')
            say('written')
        say('never')
"""
    programs.append(program := _Program(body + ENDS, tmp_path))
    assert program.line() == "ready"
    program.send(signal.SIGTERM)
    (tmp_path / "go").touch()
    assert program.end() == (143, ["written", "stopped by SIGTERM"])


def test_without_a_signal_nothing_happens_and_handlers_are_put_back() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with stoppable():
        within = [signal.getsignal(each) for each in SIGNALS]
        with uninterrupted():
            assert [signal.getsignal(each) for each in SIGNALS] != within
        assert [signal.getsignal(each) for each in SIGNALS] == within != before
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.mark.parametrize("block", [stoppable, uninterrupted])
def test_handlers_are_put_back_after_an_error(block: type) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]

    def fail() -> None:
        with block():
            raise ValueError("an error")

    with pytest.raises(ValueError, match="an error"):
        fail()
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_a_raised_signal_is_stopped_and_handlers_are_put_back() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    reached = []

    def run() -> None:
        with stoppable(), uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            reached.append("end of the block")

    with pytest.raises(Stopped, match=r"^SIGTERM$") as caught:
        run()
    assert caught.value.exit_code == 143
    assert reached == ["end of the block"]
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_a_stop_is_no_error_that_a_search_survives() -> None:
    assert not issubclass(Stopped, Exception)


def test_other_threads_may_be_uninterrupted_too() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    done = []

    def work() -> None:
        with uninterrupted():
            assert [signal.getsignal(each) for each in SIGNALS] == before
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
