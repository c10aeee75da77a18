"""Quiet is given by whoever runs the process."""

from collections.abc import Iterator
from contextlib import contextmanager

from nas.stillness import still, still_by


def test_stillness_is_that_of_the_innermost_block() -> None:
    steps: list[str] = []

    @contextmanager
    def way() -> Iterator[None]:
        steps.append("begins")
        yield
        steps.append("ends")

    with still_by(way), still():
        steps.append("timed")
    with still():
        steps.append("alone anyway")
    assert steps == ["begins", "timed", "ends", "alone anyway"]
