"""What is saved of a damaged log is right, and what is not saved is known to be missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nas.driver.log import read_log
from nas.driver.salvage import salvage


def test_a_whole_log_is_saved_as_it_is(copied: Path) -> None:
    log = read_log(copied)
    saved = salvage(copied)
    assert (saved.name, saved.identity) == (log.name, log.identity)
    assert list(saved.trials) == list(log.trials)
    assert not saved.later
    assert saved.seen == 8
    assert [path.name for path in copied.parent.iterdir()] == ["study.db"], "copies are gone"


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("UPDATE trial_user_attributes SET value_json = '7' WHERE trial_id = 4", 3),
        ("UPDATE trial_params SET param_value = param_value + 1 WHERE trial_id = 4", 3),
        ("DELETE FROM trials WHERE number = 3", 3),
        ("UPDATE trials SET state = 'RUNNING' WHERE number = 0", 0),
    ],
)
def test_trials_behind_a_damaged_one_are_kept_apart(
    statement: str, missing: int, stored: Path, altered: Callable[[str], Path]
) -> None:
    whole = list(read_log(stored).trials)
    saved = salvage(altered(statement))
    assert list(saved.trials) == whole[:missing]
    assert list(saved.later) == whole[missing + 1 :]


def test_random_damage_never_gives_a_trial_that_was_not_there(stored: Path, tmp_path: Path) -> None:
    whole = {trial.place: trial for trial in read_log(stored).trials}
    data, rng = stored.read_bytes(), np.random.default_rng(0)
    path, counts = tmp_path / "study.db", []
    for _ in range(25):
        changed = bytearray(data)
        for place in rng.integers(len(data), size=int(rng.integers(1, 200))):
            changed[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed if rng.random() < 0.8 else changed[: int(rng.integers(len(data)))])
        saved = salvage(path)
        found = [*saved.trials, *saved.later]
        assert all(whole[trial.place] == trial for trial in found)
        assert [trial.place for trial in saved.trials] == list(range(len(saved.trials)))
        counts.append(len(found))
    assert max(counts) > 0
    assert min(counts) < 8


def test_what_is_no_database_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    for content in (b"", b"SQLite format 3\0", b"x" * 10_000):
        path.write_bytes(content)
        assert not salvage(path).trials
