"""Images without targets."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nas.data.inputs.files import files_of, shown_path
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.data.preparation.opened_images import SUFFIXES
from nas.data.preparation.raw_images import RawImages


def read_images(reading: Reading, source: Source) -> Iterator[Named]:
    """A file, all files of images in a folder, or those whose paths are lines. They are decoded when prepared."""
    if isinstance(source, Path):
        files, names = files_of(source, SUFFIXES, "images", reading.seen.say)
        yield Named(names, RawImages.of(files))
    else:
        for paths in reading.paths(source):
            yield Named([*map(shown_path, paths)], RawImages.of(paths))


def take_images(_reading: Reading, given: Iterable[Any]) -> Iterator[Named]:
    """Images as in `nas.from_images`."""
    items = [Path(item) if isinstance(item, str) else item for item in given]
    raw = RawImages.of(items)
    yield Named([str(name) for name in raw.names], raw)
