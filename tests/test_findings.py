"""All that is wrong is told at once."""

import pytest

from nas.errors import Diagnostic, Mark, SpecError, StorageError, UsageError
from nas.findings import Findings

KNOWN, TWICE = Diagnostic(Mark("f", 1, 1), "a", "known"), Diagnostic(Mark("f", 2, 1), "b", "twice")


def raising(error: Exception) -> object:
    raise error


def test_everything_is_told_once_in_order() -> None:
    found = Findings([KNOWN])
    assert found.attempt(lambda: 5) == 5
    assert found.attempt(lambda: raising(SpecError([TWICE]))) is None
    found.attempt(lambda: raising(StorageError("no disk")), Mark("f", 4, 1), "d")
    found.attempt(lambda: raising(UsageError("no such thing")), lambda text: Mark("f", text.count("no") + 2, 1), "c")
    found.attempt(lambda: raising(SpecError([TWICE])))
    found.add(Mark("f", 5, 1), "e", "no seconds")
    with pytest.raises(SpecError) as caught:
        found.end()
    assert [str(one) for one in caught.value.problems] == [
        "f:1:1: a: known",
        "f:2:1: b: twice",
        "f:3:1: c: no such thing",
        "f:4:1: d: no disk",
        "f:5:1: e: no seconds",
    ]


def test_an_error_alone_keeps_its_kind_and_has_its_place() -> None:
    found = Findings()
    found.end()
    found.attempt(lambda: raising(StorageError("no disk")), Mark("f", 4, 1), "d")
    with pytest.raises(StorageError, match=r"^f:4:1: d: no disk$"):
        found.end()


@pytest.mark.parametrize("error", [UsageError("where?"), KeyError("a fault of ours")])
def test_what_has_no_place_or_is_a_fault_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        Findings().attempt(lambda: raising(error))
