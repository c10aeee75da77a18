"""A test part from a file, a folder or a table of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nas.data.assemble import RawPart
from nas.errors import UsageError, few


def check_pair(path: Path, test: Path | None) -> None:
    """Raises UsageError if there is no `test`, or one of the two is a folder and the other a file."""
    if test is None:
        return
    if not test.exists():
        raise UsageError(f"test: there is no file or folder {test}")
    if path.is_dir() != test.is_dir():
        kinds = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
        raise UsageError(f"test: {path} is {kinds[0]}, and {test} is {kinds[1]}; expected two of a kind")


def joined_parts(found: Sequence[Mapping[str, RawPart]], test: Path | None) -> Mapping[str, RawPart]:
    """The parts of a data set: of the first of what was read, and if a second was, its samples as the test part."""
    return found[0] if test is None else with_test(found[0], found[1], test.name)


def with_test(parts: Mapping[str, RawPart], test: Mapping[str, RawPart], name: str) -> Mapping[str, RawPart]:
    """The parts of a data set, of which other samples are the test part.

    Args:
        parts: the others.
        test: what was read as if it were a data set of its own: its training part is taken.
        name: of the file, the folder or the table.

    Raises:
        UsageError: both have a test part, or `test` has several parts.
    """
    if "test" in parts:
        raise UsageError(f"test: there is a test part already, so {name} cannot be another")
    if set(test) != {"train"}:
        raise UsageError(f"test: {name} has parts of its own, {few(test)}; expected test samples alone")
    taken = test["train"]
    if taken.origin is not None:
        taken = replace(taken, origin=replace(taken.origin, what=f"{name}, {taken.origin.what}"))
    return {**parts, "test": taken}
