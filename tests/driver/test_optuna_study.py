"""A study of a database goes on where it ended, under one driver and one identity, also after a kill."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.storages import RDBStorage

from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import IntegrityError, StorageError, UsageError
from nas.space import Space, parse_space
from nas.trial import Objective, Proposal, Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]
Altered = Callable[[str], Path]

# --- trials -----------------------------------------------------------------------------------------------------------


def test_trials_come_back_exactly(
    copied: Path, space: Space, identity: Mapping[str, Any], opened: Opened, trials: Trials
) -> None:
    expected = trials(12)
    assert {trial.error is None for trial in expected} == {True, False}
    with opened(copied) as study:
        assert list(study) == expected[:8]
        for trial in expected[8:]:
            study.append(trial)
        assert list(study) == expected
        assert len(study) == 12
    assert list(study) == expected  # in memory, also after it was closed
    with opened(copied) as again:
        read_again, told = ([repr(replace(trial, clock=0.0)) for trial in one] for one in (again, expected))
        assert read_again == told  # every bit, which `==` does not tell
        assert [trial.clock for trial in again][8:] == [trial.clock for trial in expected[8:]]
        assert [t.architecture.id for t in again] == [t.architecture.id for t in expected]
    read = read_study(copied, name="s", space=space)
    assert list(read.trials) == expected
    assert (read.name, read.objectives) == ("s", (Objective("val_acc"),))
    assert {**identity, "objectives": read.identity["objectives"]} == read.identity


def test_trials_are_appended_once_while_the_study_is_open(copied: Path, opened: Opened, trials: Trials) -> None:
    ten = trials(10)
    with opened(copied) as study:
        with pytest.raises(UsageError, match=r"^the study 's' has a trial 7 already$"):
            study.append(ten[7])
        other = parse_space("{input: [4], outputs: 2, layers: [linear: {units: {choice: [1, 2]}}]}")
        arch = other.sample(np.random.default_rng(0))
        with pytest.raises(UsageError, match="trial 8 cannot be stored"):
            study.append(replace(ten[8], proposal=Proposal(arch)))
    mine = copied.with_name("mine.txt")
    with mine.open("wb") as file:  # may get the number that a file of the study had
        file.write(b"precious")
        file.flush()
        with pytest.raises(UsageError, match="closed"):
            study.append(ten[8])
        with pytest.raises(UsageError, match="closed"):
            study.begin(ten[8].proposal)
        with pytest.raises(UsageError, match="closed"):
            study.withdraw()
    assert mine.read_bytes() == b"precious"


def test_the_log_keeps_the_order_of_telling(tmp_path: Path, space: Space, opened: Opened, trials: Trials) -> None:
    """Trials that are told as they finish are not in the order of their numbers; Optuna numbers them in the log's."""
    ten = trials(10)
    told = [ten[number] for number in (2, 0, 1, 5, 9, 3)]
    path = tmp_path / "study.db"
    with opened(path) as study:
        for trial in told[:4]:
            study.append(trial)
    with opened(path) as study:
        assert list(study) == told[:4]
        for trial in told[4:]:
            study.append(trial)
        with pytest.raises(UsageError, match=r"^the study 's' has a trial 9 already$"):
            study.append(ten[9])
    assert read_study(path, name="s", space=space).trials == tuple(told)
    seen = optuna.load_study(study_name="s", storage=f"sqlite:///{path}").trials
    assert [trial.number for trial in seen] == [0, 1, 2, 3, 4, 5]
    assert [trial.user_attrs["number"] for trial in seen] == [2, 0, 1, 5, 9, 3]


def test_several_studies_in_one_file(copied: Path, space: Space, opened: Opened, trials: Trials) -> None:
    ten = trials(10)
    with opened(copied, name="other", identity={}) as study:
        for trial in ten:
            study.append(trial)
    assert read_study(copied, name="s", space=space).trials == tuple(ten[:8])
    assert read_study(copied, name="other", space=space).trials == tuple(ten)
    with pytest.raises(UsageError, match=r"no study 'othr'; did you mean 'other'\?"):
        read_study(copied, name="othr", space=space)
    with pytest.raises(UsageError, match="no study 'x'; it holds 's', 'other'"):
        read_study(copied, name="x", space=space)


def test_the_loop_does_not_load_optuna() -> None:
    code = "import sys, nas.driver.search; sys.exit('optuna' in sys.modules or 'torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- one driver -----------------------------------------------------------------------------------------------------

HOLD = """
import sys
from nas.driver.optuna_study import OptunaStudy
from nas.space import parse_space
from nas.trial import Objective
space = parse_space(sys.argv[2])
with OptunaStudy.open(sys.argv[1], name="held", space=space, objectives=(Objective("val_acc"),), identity={}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_study_that_is_open_elsewhere(copied: Path, space_text: str, space: Space, opened: Opened) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(copied), space_text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        before = copied.read_bytes()
        with (
            pytest.raises(StorageError, match=rf"study\.db is in use: process {child.pid} on .* since "),
            opened(copied),
        ):
            pass
        assert copied.read_bytes() == before
        assert len(read_study(copied, name="s", space=space).trials) == 8
        child.kill()
    with opened(copied) as study:
        assert len(study) == 8


def test_reading_while_trials_are_written(tmp_path: Path, space: Space, opened: Opened, trials: Trials) -> None:
    expected = trials(10)
    path = tmp_path / "study.db"
    with opened(path) as study:
        writer = threading.Thread(target=lambda: deque(map(study.append, expected)))
        writer.start()
        while writer.is_alive():
            seen = read_study(path, name="s", space=space).trials
            assert list(seen) == expected[: len(seen)]
        writer.join()
    assert read_study(path, name="s", space=space).trials == tuple(expected)


def test_another_program_that_writes_meanwhile(copied: Path, opened: Opened, trials: Trials) -> None:
    with opened(copied) as study:
        other = RDBStorage(f"sqlite:///{copied}")
        other.create_new_trial(other.get_study_id_from_name("s"))
        other.engine.dispose()
        with pytest.raises(IntegrityError, match="another program writes to study 's': it has a trial 8"):
            study.append(trials(9)[8])
        assert len(study) == 8


# --- kill -9 ----------------------------------------------------------------------------------------------------------

# Each search is forked from one process that has everything imported.
KILLED = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
import conftest as tests
from nas.driver import new_file
from nas.driver.rows import TrialWriter
from optuna.storages import RDBStorage
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

OWNERS = {"storage": RDBStorage, "writer": TrialWriter, "sqlite": SQLiteDialect, "file": new_file}

def arm(owner, name, when, count):
    original, calls = getattr(owner, name), 0
    def armed(*args, **kwargs):
        nonlocal calls
        calls += 1
        if when == "before" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if when == "after" and calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, armed)

for path, owner, *point in json.loads(sys.argv[2]):
    pid = os.fork()
    if not pid:
        try:
            arm(OWNERS[owner], *point)
            with tests.open_study(path) as study:
                tests.run_search(8, study=study)
        finally:
            os._exit(70)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

POINTS: Mapping[str, tuple[tuple[str, str, str, int], int | None]] = {
    "before a trial": (("writer", "append", "before", 6), 5),
    "after a trial": (("writer", "append", "after", 6), 6),
    "before a commit": (("sqlite", "do_commit", "before", 30), None),
    "after a commit": (("sqlite", "do_commit", "after", 30), None),
    "within a trial": (("sqlite", "do_executemany", "after", 14), None),
    "behind a trial's rows": (("writer", "_insert", "after", 4), 3),
    "before the file has its name": (("file", "move_into_place", "before", 1), None),
    "after the file has its name": (("file", "move_into_place", "after", 1), 0),
    "before the identity": (("storage", "set_study_user_attr", "before", 1), None),
}
"""Whose function, which, and at which call; and how many trials are there then, where that is known."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The files that killed searches left, one for each point."""
    paths = {point: tmp_path_factory.mktemp("killed") / "study.db" for point in POINTS}
    orders = [(str(paths[point]), *where) for point, (where, _) in POINTS.items()]
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), json.dumps(orders)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(POINTS), done.stderr
    return paths


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_search_goes_on_as_if_nothing_had_been(
    point: str, killed: Mapping[str, Path], stored: Path, space: Space, opened: Opened, trials: Trials
) -> None:
    path, left, expected = killed[point], POINTS[point][1], trials(8)
    if path.exists():
        seen = read_study(path, name="s", space=space).trials
        assert list(seen) == expected[: len(seen)]
        assert left is None or len(seen) == left
    else:
        assert left is None
    with opened(path) as study:
        assert trials(8, study=study) == expected
        assert list(study) == expected
    assert read_study(path, name="s", space=space) == read_study(stored, name="s", space=space)
    assert sorted(item.name for item in path.parent.iterdir()) == ["study.db", "study.db.lock"]
