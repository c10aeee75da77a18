"""What readers of samples are told."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nas.data.inputs.seen import Seen
from nas.data.intake import Intake
from nas.data.reading.opened import Flow, opened_text
from nas.errors import UsageError

Source = Path | Flow
"""A file or a folder, or bytes that are read once."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What readers of samples are told, and where they leave what is to be said of the samples.

    Attributes:
        intake: how the data set takes in samples.
        seen: of the samples.
        rows: the most samples that a reader has in memory.
    """

    intake: Intake
    seen: Seen
    rows: int

    def lines(self, source: Source) -> Iterator[list[tuple[int, str]]]:
        """The lines of a text that are not empty, with their numbers and without the spaces around them."""
        with opened_text(source, self.intake.files.dialect.encoding) as text:
            stripped = ((number, line.strip()) for number, line in enumerate(text, start=1))
            lines = ((number, line) for number, line in stripped if line)
            while chunk := [*islice(lines, self.rows)]:
                yield chunk

    def paths(self, source: Flow) -> Iterator[list[Path]]:
        """The paths of files, one in each line."""
        for chunk in self.lines(source):
            for number, line in chunk:
                if "\0" in line:
                    raise UsageError(f"{source}, line {number:,}: expected the path of a file, got {line!r}")
            yield [Path(line) for _, line in chunk]
