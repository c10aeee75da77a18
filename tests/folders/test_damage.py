"""Errors that mean lost content are recognised, and point to the repair."""

import errno
from pathlib import Path

import pytest

from nas.errors import ArchwrightError, Damaged, IntegrityError, StorageError, UsageError
from nas.folders import way_out
from nas.folders.damage import is_lost, reason_of


def failed(number: int) -> StorageError:
    error = StorageError("a cannot be read")
    error.__cause__ = OSError(number, "")
    return error


LOST = [Damaged("a is cut off"), *map(failed, (errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP))]
KEPT = [
    IntegrityError("other"),
    UsageError("wrong"),
    StorageError("in use"),
    *map(failed, (errno.EACCES, errno.ENOSPC)),
]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_lost_content_points_to_the_repair(error: ArchwrightError) -> None:
    assert is_lost(error)
    with pytest.raises(type(error)) as caught, way_out("my run"), way_out("inner"):
        raise error
    assert caught.value.__notes__ == ["nas repair inner moves damaged files aside, and says what to do next"], "once"


@pytest.mark.parametrize("error", KEPT, ids=repr)
def test_other_errors_do_not(error: ArchwrightError) -> None:
    assert not is_lost(error)
    with pytest.raises(type(error)) as caught, way_out("my run"):
        raise error
    assert not hasattr(caught.value, "__notes__")


def test_a_folder_with_a_space_is_quoted() -> None:
    with pytest.raises(Damaged) as caught, way_out(Path("my run")):
        raise Damaged("a is cut off")
    assert caught.value.__notes__[0].startswith("nas repair 'my run' ")


def test_the_reason_is_told_without_the_path() -> None:
    assert reason_of(Damaged("runs/a is cut off"), Path("runs/a")) == "is cut off"
