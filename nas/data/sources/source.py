"""What a source of data is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nas.data.dataset import Dataset

Recogniser = Callable[[Path], str | None]
"""Says why an existing file or folder is of the kind that a source reads, in a phrase such as `its name ends in .npz`;
None: it is not. It reads as little as possible, and raises nothing."""


@dataclass(frozen=True)
class Source:
    """A source of data.

    Attributes:
        load: makes the data set; its arguments, which are keywords, are the settings in a file.
        recognise: recognises files and folders that it reads by `path`; None: it has no path.
    """

    load: Callable[..., Dataset]
    recognise: Recogniser | None = None


def by_suffix(*suffixes: str) -> Recogniser:
    """Recognises files by the ends of their names."""

    def recognise(path: Path) -> str | None:
        found = next((suffix for suffix in suffixes if path.name.lower().endswith(suffix)), None)
        return f"its name ends in {found}" if found and path.is_file() else None

    return recognise
