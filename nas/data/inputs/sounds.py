"""Sounds without targets."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nas.data.inputs.files import files_of, shown_path
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.waveforms import SUFFIXES
from nas.errors import UsageError


def read_sounds(reading: Reading, source: Source) -> Iterator[Named]:
    """A file, all files of sounds in a folder, or those whose paths are lines. They are read when prepared."""
    if isinstance(source, Path):
        files, names = files_of(source, SUFFIXES, "sounds", reading.seen.say)
        yield Named(names, RawSounds.of_files(files))
    else:
        for paths in reading.paths(source):
            yield Named([*map(shown_path, paths)], RawSounds.of_files(paths))


def take_sounds(reading: Reading, given: Iterable[Any]) -> Iterator[Named]:
    """Paths of files, or samples as in `nas.from_sounds`, of the rate of the network."""
    items = list(given)
    if all(isinstance(item, str | Path) for item in items):
        raw = RawSounds.of_files([Path(item) for item in items])
    elif any(isinstance(item, str | Path) for item in items):
        raise UsageError("inputs: expected paths of sounds, or samples of sounds, got both")
    else:
        raw = RawSounds.of_samples(items, reading.intake.preparation.input.rate or 0)
    yield Named([str(name) for name in raw.names], raw)
