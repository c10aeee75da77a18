"""A log without its space: what is read is what was written, and what is written anew is the same study."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from nas.driver.log import Log, may_have_trials, read_log, write_log
from nas.driver.optuna_study import OptunaStudy, read_study
from nas.errors import IntegrityError
from nas.space import Space
from nas.trial import Trial

Opened = Callable[..., contextlib.AbstractContextManager[OptunaStudy]]
Trials = Callable[..., list[Trial]]


def test_a_log_is_written_as_it_was_read(tmp_path: Path, space: Space, opened: Opened, trials: Trials) -> None:
    """In the order of telling, whatever the numbers."""
    eight = trials(8)
    told = [eight[number] for number in (1, 0, 6, 2)]
    path, copy = tmp_path / "study.db", tmp_path / "copy.db"
    with opened(path) as study:
        for trial in told:
            study.append(trial)
    log = read_log(path)
    assert [(one.place, one.record["number"]) for one in log.trials] == [(0, 1), (1, 0), (2, 6), (3, 2)]
    assert (log.name, log.seen, log.later) == ("s", 4, ())
    write_log(copy, log)
    assert read_log(copy) == log
    assert read_study(copy, name="s", space=space) == read_study(path, name="s", space=space)
    with opened(copy) as study:
        assert list(study) == told


def test_logs_without_trials(tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "study.db"
    assert not may_have_trials(path)
    write_log(path, Log())
    assert read_log(path) == Log()
    with opened(path):
        pass
    assert read_log(path) == Log("s")
    assert not may_have_trials(path)


def test_whether_a_file_may_have_trials(stored: Path, tmp_path: Path) -> None:
    assert may_have_trials(stored)
    unreadable = tmp_path / "study.db"
    unreadable.write_bytes(b"no database")
    assert may_have_trials(unreadable)


def test_a_log_is_of_one_study(copied: Path, opened: Opened) -> None:
    with opened(copied, name="other"):
        pass
    with pytest.raises(IntegrityError, match=r"study\.db holds 2 studies: 's', 'other'"):
        read_log(copied)
