"""Work over processes: every result comes back, errors too, and nobody waits for a process that died."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from nas.errors import EvaluationFailed, FailureKind, StorageError, UsageError
from nas.simulation.parallel import cores, spread


def square(number: int) -> int:
    return number * number


def fail(number: int) -> int:
    if number == 1:
        raise EvaluationFailed(FailureKind.CRASH, "one")
    return number


def die(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


class Odd(Exception):
    """It cannot be pickled."""

    def __init__(self) -> None:
        super().__init__("odd")
        self.inner = lambda: 0


def odd(number: int) -> int:
    raise Odd


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_every_item_once(jobs: int) -> None:
    assert sorted(spread(square, range(5), jobs)) == [(k, k * k) for k in range(5)]
    assert not multiprocessing.active_children()


def test_nothing_to_do() -> None:
    assert list(spread(square, [], 2)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_is_raised_here(jobs: int) -> None:
    with pytest.raises(EvaluationFailed, match="CRASH: one"):
        list(spread(fail, range(4), jobs))
    assert not multiprocessing.active_children()


def test_an_error_that_cannot_be_sent() -> None:
    with pytest.raises(RuntimeError, match="Odd: odd"):
        list(spread(odd, range(2), 2))


def test_a_process_that_dies() -> None:
    with pytest.raises(StorageError, match="died before its runs were finished"):
        list(spread(die, range(4), 2))
    assert not multiprocessing.active_children()


def test_what_is_left_is_ended() -> None:
    results = spread(square, range(50), 2)
    next(results)
    results.close()
    assert not multiprocessing.active_children()


class Waiting:
    """Says that it has begun, and how it ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, number: int) -> int:
        if number:
            (self.folder / "begun").touch()
            try:
                time.sleep(60)
            except BaseException as error:
                (self.folder / type(error).__name__).touch()
                raise
        while not (self.folder / "begun").exists():
            time.sleep(0.01)
        return number


def test_work_that_is_ended_can_clean_up(tmp_path: Path) -> None:
    results = spread(Waiting(tmp_path), range(2), 2)
    assert next(results) == (0, 0)
    results.close()
    assert (tmp_path / "Stopped").exists()
    assert not multiprocessing.active_children()


def test_work_that_cannot_be_sent() -> None:
    with pytest.raises(UsageError, match=r"this cannot be sent to another process: .*; define it in a module"):
        list(spread(lambda number: number, range(3), 2))


def test_cores() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
