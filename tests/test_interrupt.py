"""Ctrl-C and SIGTERM: once to end in good order, twice to end at once; wherever the signal arrives, it is not lost."""

import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nas.interrupt import SIGNALS, Stopped, orderly, stop_if_asked, stoppable, uninterrupted

# A program says "ready" and waits; the test sends a signal, and looks at what the program says and how it ends.
BEGIN = """
import signal, sys, time
from nas.interrupt import Stopped, orderly, stop_if_asked, stoppable, uninterrupted

def say(text):
    print(text, flush=True)

def wait(seconds=60):
    for _ in range(round(seconds * 100)):
        time.sleep(0.01)
"""
Block = Callable[[], AbstractContextManager[None]]

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
        output, errors = self.process.communicate(timeout=300)
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
    """Also where nobody ever asks, as in the endless loop of a candidate."""
    body = """
def noted():
    from nas import interrupt
    while not interrupt._noted:
        time.sleep(0.005)
    say('noted')

with stoppable(), orderly():
    say('ready')
    noted()
    while True:
        pass
"""
    programs.append(program := _Program(body, tmp_path))
    assert program.line() == "ready"
    program.send(signal.SIGINT)
    assert program.line() == "noted"
    program.send(second)
    assert program.end() == (-second, [])


def test_without_a_signal_nothing_happens_and_handlers_are_put_back() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    with stoppable():
        within = [signal.getsignal(each) for each in SIGNALS]
        with uninterrupted():
            assert [signal.getsignal(each) for each in SIGNALS] != within
        assert [signal.getsignal(each) for each in SIGNALS] == within != before
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.mark.parametrize("block", [stoppable, uninterrupted])
def test_handlers_are_put_back_after_an_error(block: Block) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]

    def fail() -> None:
        with block():
            raise ValueError("an error")

    with pytest.raises(ValueError, match="an error"):
        fail()
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What Python swallows while a test runs."""
    found: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: found.append(report.exc_value))
    return found


def _directly(signum: int) -> None:
    signal.raise_signal(signum)


def _in_a_callback_of_a_weak_reference(signum: int) -> None:
    class Thing:
        pass

    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signum))
    del thing
    assert reference() is None


def _in_a_finaliser(signum: int) -> None:
    class Thing:
        def __del__(self) -> None:
            signal.raise_signal(signum)

    Thing()


def _within_a_write(signum: int) -> None:
    with uninterrupted(), uninterrupted():
        signal.raise_signal(signum)


WAYS = [_directly, _in_a_callback_of_a_weak_reference, _in_a_finaliser, _within_a_write]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("signum", SIGNALS)
def test_no_signal_is_lost(signum: signal.Signals, way: Callable[[int], None], lost: list[object]) -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    reached = []

    def run() -> None:
        with stoppable(), orderly():
            way(signum)
            reached.append("the write in hand")
            stop_if_asked()
            reached.append("the next batch")

    with pytest.raises(Stopped, match=f"^{signum.name}$") as caught:
        run()
    assert (caught.value.exit_code, caught.value.resumable) == (128 + signum, True)
    assert (reached, lost) == (["the write in hand"], [])
    assert [signal.getsignal(each) for each in SIGNALS] == before
    stop_if_asked()  # nothing is left of it


@pytest.mark.parametrize("way", WAYS)
def test_a_command_that_never_asks_is_stopped_too(way: Callable[[int], None], lost: list[object]) -> None:
    def run(ending: Callable[[], None]) -> None:
        with stoppable():
            way(signal.SIGINT)
            ending()

    for ending in (sys.exit, lambda: None):
        with pytest.raises(Stopped) as caught:
            run(ending)
        assert not caught.value.resumable


def test_an_error_of_the_program_is_not_hidden_by_a_signal() -> None:
    def run() -> None:
        with stoppable(), orderly():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("an error")

    with pytest.raises(ValueError, match="an error"):
        run()


def test_the_end_of_an_orderly_block_asks() -> None:
    reached = []

    def run() -> None:
        with stoppable(), orderly():
            with orderly():
                signal.raise_signal(signal.SIGTERM)
                reached.append("within")
            reached.append("between")

    with pytest.raises(Stopped):
        run()
    assert reached == ["within"]


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
