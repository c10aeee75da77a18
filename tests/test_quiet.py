"""Quiet is given by whoever runs the process."""

from collections.abc import Iterator
from contextlib import contextmanager

from nas.quiet import quiet, quiet_by


def test_quiet_is_that_of_the_innermost_block() -> None:
    steps: list[str] = []

    @contextmanager
    def way() -> Iterator[None]:
        steps.append("begins")
        yield
        steps.append("ends")

    with quiet_by(way), quiet():
        steps.append("timed")
    with quiet():
        steps.append("alone anyway")
    assert steps == ["begins", "timed", "ends", "alone anyway"]
