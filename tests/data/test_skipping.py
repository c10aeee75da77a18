"""Items that cannot be read: what ends the reading, what is left out, and what is said of it."""

import threading
from collections.abc import Callable

import pytest

from nas.data.skipping import Skipping, read_each
from nas.errors import ArgumentError, StorageError, UsageError

SKIP = Skipping("skip", 0.3)


def _reader(*faulty: int, error: type[UsageError] | type[StorageError] = UsageError) -> Callable[[int], str]:
    def read(item: int) -> str:
        if item in faulty:
            raise error(f"item {item} is corrupt")
        return str(item)

    return read


@pytest.mark.parametrize("threads", [1, 3])
def test_items_are_left_out_counted_and_named(threads: int) -> None:
    kept = read_each(range(10), _reader(2, 7), SKIP, what="files", threads=threads)
    assert kept.values == list("01345689")
    assert kept.rows.tolist() == [0, 1, 3, 4, 5, 6, 8, 9]
    assert kept.notes == ("2 of 10 files cannot be read and are left out: item 2 is corrupt; item 7 is corrupt",)
    assert read_each(range(3), _reader(), SKIP, what="files", threads=threads).notes == ()


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_fault_ends_the_reading_unless_faults_are_skipped(threads: int) -> None:
    for error in (UsageError, StorageError):
        with pytest.raises(error, match=r"^item 2 is corrupt$"):
            read_each(range(10), _reader(2, 7, error=error), Skipping(), what="files", threads=threads)


def test_too_many_faults_end_the_reading_as_soon_as_they_are() -> None:
    tried: list[int] = []

    def read(item: int) -> str:
        tried.append(item)
        return _reader(*range(1, 100))(item)

    with pytest.raises(UsageError) as caught:
        read_each(range(10), read, SKIP, what="files")
    assert str(caught.value) == (
        "4 of 10 files cannot be read, and skip_share is 0.3: item 1 is corrupt; item 2 is corrupt; item 3 is corrupt; "
        "and 1 more"
    )
    assert tried == [0, 1, 2, 3, 4]
    assert read_each(range(10), _reader(1, 2, 3), SKIP, what="files").values == list("0456789")


def test_the_share_is_reached_exactly() -> None:
    assert len(read_each(range(100), _reader(*range(29)), Skipping("skip", 0.29), what="files").values) == 71


def test_other_errors_are_bugs() -> None:
    def read(item: int) -> str:
        raise KeyError(item)

    for threads in (1, 2):
        with pytest.raises(KeyError):
            read_each(range(3), read, SKIP, what="files", threads=threads)
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_a_share_is_a_fraction() -> None:
    with pytest.raises(ArgumentError):
        Skipping("skip", 1.5)
