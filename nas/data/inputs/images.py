"""Images without targets."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nas.data.inputs.files import files_of
from nas.data.inputs.named import Named
from nas.data.intake import Intake
from nas.data.preparation.opened_images import SUFFIXES
from nas.data.preparation.raw_images import RawImages
from nas.data.skipping import Skipping


def read_images(_intake: Intake, path: Path, _skipping: Skipping) -> Named:
    """A file, or all files of images in a folder. They are decoded when they are prepared."""
    files, names, notes = files_of(path, SUFFIXES, "images")
    return Named(names, RawImages.of(files), notes)


def take_images(_intake: Intake, given: Iterable[Any]) -> Named:
    """Images as in `nas.from_images`."""
    items = [Path(item) if isinstance(item, str) else item for item in given]
    raw = RawImages.of(items)
    return Named([str(name) for name in raw.names], raw)
