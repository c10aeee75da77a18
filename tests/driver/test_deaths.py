"""Trials in which the process dies: told from those that were only unlucky, and not evaluated for ever."""

import contextlib
import faulthandler
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nas.driver.deaths import LIVES, MOST, Begun, fault_log
from nas.driver.optuna_study import OptunaStudy
from nas.driver.study import MemoryStudy, Study, attempt
from nas.errors import EvaluationFailed, FailureKind, StorageError
from nas.space import Space
from nas.trial import Proposal

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]

# Processes that die in the fourth trial, again and again until the search is through; each is forked from one that has
# everything imported. What comes out: the exit codes, and the errors of the trials.
DEATHS = """
import ctypes, json, os, resource, signal
from contextlib import suppress
from pathlib import Path
import nas

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
space = nas.parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}}}]}")
bad = list(nas.search(nas.Grid(space), lambda arch, **_: {"val_acc": 0.5}, trials=4))[3].architecture.id

def kill_once():
    if not Path("killed").exists():
        Path("killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)

def evaluate(arch, how):
    if arch.id == bad:
        how()
    return {"val_acc": 1 / arch.params}

def run(path, how):
    pid = os.fork()
    if not pid:
        code = 1
        with suppress(BaseException):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            aims = [nas.Objective("val_acc")]
            with nas.OptunaStudy.open(path, name="s", space=space, objectives=aims, identity={}) as study:
                nas.search(nas.Grid(space), lambda arch, **_: evaluate(arch, how), study, trials=8)
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

found = {}
for name, how in {
    "segmentation fault": lambda: ctypes.string_at(0),
    "left": lambda: ctypes.CDLL(None)._exit(0),
    "killed once": kill_once,
}.items():
    path, codes, trials = f"{name}.db", [], ()
    while len(trials) < 8 and len(codes) < 9:
        codes.append(run(path, how))
        trials = nas.read_study(path, name="s", space=space).trials
    found[name] = [codes, [trial.error for trial in trials]]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[list[int], list[str | None]]]:
    folder = tmp_path_factory.mktemp("deaths")
    done = subprocess.run([sys.executable, "-c", DEATHS], capture_output=True, text=True, cwd=folder, check=True)
    assert not list(folder.glob("*.fault")), "nothing is left of the reports"
    found: dict[str, tuple[list[int], list[str | None]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("name", "codes", "error"),
    [
        # A fatal signal shows that the trial was the reason; the next process goes on without it.
        ("segmentation fault", [-11, 0], "CRASH: the process died in it: Segmentation fault (__init__.py:"),
        # What leaves no trace may be nobody's fault.
        ("left", [*[0] * LIVES, 0], f"CRASH: the process ended in it {LIVES} times"),
        ("killed once", [-9, 0], None),
    ],
)
def test_a_trial_in_which_the_process_dies(
    name: str,
    codes: list[int],
    error: str | None,
    deaths: Mapping[str, tuple[list[int], list[str | None]]],
) -> None:
    found, errors = deaths[name]
    assert found == codes
    fourth = errors.pop(3)
    assert errors == [None] * 7
    assert fourth == error if fourth is None or error is None else fourth.startswith(error)


def test_a_note_is_of_one_trial_and_one_network(tmp_path: Path, space: Space, opened: Opened) -> None:
    first, second, *_ = (Proposal(arch) for arch in space)
    for _ in range(LIVES):
        with opened(tmp_path / "study.db") as study:
            assert study.begin(first) is None
    with opened(tmp_path / "study.db") as study:
        assert study.begin(first) == f"the process ended in it {LIVES} times"
        assert study.begin(second) is None
        assert study.begin(first) is None


def test_what_ends_in_good_order_does_not_count(tmp_path: Path, space: Space, opened: Opened) -> None:
    proposal = Proposal(next(iter(space)))

    def interrupted(study: Study) -> None:
        with attempt(study, proposal):
            raise KeyboardInterrupt

    for _ in range(LIVES + 1):
        with opened(tmp_path / "study.db") as study, pytest.raises(KeyboardInterrupt):
            interrupted(study)
    with opened(tmp_path / "study.db") as study, attempt(study, proposal):
        pass


def test_an_attempt_at_what_is_given_up_fails(space: Space) -> None:
    class Given(MemoryStudy):
        def begin(self, proposal: Proposal) -> str | None:
            return "the process died in it: Aborted"

    message = r"^CRASH: the process died in it: Aborted$"
    with pytest.raises(EvaluationFailed, match=message) as caught, attempt(Given(), Proposal(next(iter(space)))):
        raise AssertionError("it was evaluated")
    assert caught.value.kind is FailureKind.CRASH


def test_an_error_is_not_hidden_by_a_note_that_cannot_be_written(space: Space) -> None:
    class Full(MemoryStudy):
        def withdraw(self) -> None:
            raise StorageError("the disk is full")

    with pytest.raises(KeyboardInterrupt), attempt(Full(), Proposal(next(iter(space)))):
        raise KeyboardInterrupt


@pytest.mark.parametrize("damage", [None, [], {}, {"place": 3}, "text"])
def test_a_damaged_note_is_none(damage: Any) -> None:
    note = Begun(3, "abc", 2, "Aborted")
    assert Begun.of(json.loads(json.dumps(note.stored()))) == note
    assert Begun.of(damage) == Begun()
    for name, value in (("place", 4), ("times", 3), ("fault", "")):
        assert Begun.of({**note.stored(), name: value}) == Begun()


REPORT = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/somewhere/conv.py", line 12 in forward
  File "/somewhere/fit.py", line 3 in advance
"""


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (b"", ""),
        (b"\n", ""),
        (REPORT.encode(), "Segmentation fault (conv.py:12)"),
        (REPORT.encode()[:40], "Segmentation fault"),
        (b"Fatal Python error: Aborted\n\n<no Python frame>\n", "Aborted"),
        (b"\xff\xfe", "a fatal signal"),
    ],
)
def test_what_a_report_says(report: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "study.db.fault"
    path.write_bytes(report + b"." * MOST if report.strip() else report)
    with fault_log(path) as log:
        assert log.earlier == told
        log.clear()
        assert path.read_bytes() == b""
    assert not path.exists()


def test_the_log_of_another_is_left_alone(tmp_path: Path) -> None:
    """That of a test runner, for instance."""
    before = faulthandler.is_enabled()
    for enabled in (True, False):
        with (tmp_path / "other").open("w") as other:
            faulthandler.enable(other) if enabled else faulthandler.disable()
            with fault_log(tmp_path / "study.db.fault"):
                assert faulthandler.is_enabled()
            assert faulthandler.is_enabled() == enabled
            faulthandler.disable()
    if before:
        faulthandler.enable(2)


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"), fault_log(tmp_path / "no folder" / "study.db.fault"):
        pass
