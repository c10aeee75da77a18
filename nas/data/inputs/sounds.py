"""Sounds without targets."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nas.data.inputs.files import files_of
from nas.data.inputs.named import Named
from nas.data.intake import Intake
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.waveforms import SUFFIXES
from nas.data.skipping import Skipping
from nas.errors import UsageError


def read_sounds(_intake: Intake, path: Path, _skipping: Skipping) -> Named:
    """A file, or all files of sounds in a folder. They are read when they are prepared."""
    files, names, notes = files_of(path, SUFFIXES, "sounds")
    return Named(names, RawSounds.of_files(files), notes)


def take_sounds(intake: Intake, given: Iterable[Any]) -> Named:
    """Paths of files, or samples as in `nas.from_sounds`, of the rate of the network."""
    items = list(given)
    if all(isinstance(item, str | Path) for item in items):
        raw = RawSounds.of_files([Path(item) for item in items])
    elif any(isinstance(item, str | Path) for item in items):
        raise UsageError("inputs: expected paths of sounds, or samples of sounds, got both")
    else:
        raw = RawSounds.of_samples(items, intake.preparation.input.rate or 0)
    return Named([str(name) for name in raw.names], raw)
