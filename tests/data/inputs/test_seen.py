"""What is said of samples that are read one after the other."""

import pytest

from nas.data.inputs.seen import Seen
from nas.errors import StorageError, UsageError


def test_nothing_is_said_of_what_is_as_expected() -> None:
    seen = Seen()
    seen.leave_out([])
    seen.meet("colour", [])
    assert seen.notes == ()


def test_the_first_fault_ends_the_reading() -> None:
    with pytest.raises(StorageError, match=r"^a$"):
        Seen().leave_out([StorageError("a"), UsageError("b")])


def test_counts_are_exact_and_examples_are_few() -> None:
    seen = Seen("skip")
    for batch in range(100):
        seen.kept += 10
        seen.leave_out([UsageError(f"{batch}.{place}") for place in range(2)])
        seen.meet("colour", [f"c{batch}", "c0"])
        seen.say("once")
    seen.meet("size", ["x"])
    assert seen.notes == (
        "once",
        "column 'colour' has 200 values that the network does not know: "
        "'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', …",
        "column 'size' has 1 value that the network does not know: 'x'",
        "200 of 1,200 samples cannot be read and are left out: 0.0; 0.1; 1.0; and 197 more",
    )
