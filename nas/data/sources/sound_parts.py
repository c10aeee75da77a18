"""A data set from sounds that are not read yet: where all sources of sounds end."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from nas.data.assemble import RawPart, assemble
from nas.data.content import content_of
from nas.data.dataset import Dataset
from nas.data.intact import intact
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Sounds, Waveform, fit_sounds
from nas.data.preparation.waveforms import check_sound
from nas.data.skipping import Skipping
from nas.data.split import Split
from nas.data.storage import Storage
from nas.tasks import AUTO


def assemble_sounds(
    name: str,
    parts: Mapping[str, RawPart],
    waveform: Waveform,
    split: Split,
    skipping: Skipping | None = None,
    *,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
    notes: Sequence[str] = (),
    storage: Storage = Storage(),
    files: Sequence[Path] = (),
) -> Dataset:
    """A data set from parts whose inputs are `RawSounds`; other arguments are those of `assemble`.

    With `skip`, all sounds are read before the data set is divided, to find those that are left out.

    Args:
        waveform: what the sounds are brought to.
        skipping: what happens to sounds that cannot be read; None: the first one is an error.
        files: the files that the sounds come from; none: the cache does not know the sounds.

    Raises:
        UsageError: a sound cannot be read, too many cannot, or the targets do not suit the task.
        StorageError: a file cannot be read.
    """
    skipping = skipping or Skipping()
    threads = os.cpu_count() or 1
    found, left_out = intact(parts, _check, skipping, what="sounds", threads=min(4, threads))
    lengths = {part: len(raw.inputs) for part, raw in found.items()}
    data = assemble(
        name,
        found,
        partial(fit_sounds, waveform=waveform),
        split,
        task=task,
        classes=classes,
        target_names=target_names,
        notes=(*notes, *left_out),
        storage=storage,
        content=content_of(files, Sounds.name, waveform, lengths, left_out) if files else None,
    )
    note = data.preparation.note if isinstance(data.preparation, Sounds) else ""
    return replace(data, notes=(*data.notes, note)) if note else data


def _check(sounds: Any, place: int) -> None:
    """Reads a sound."""
    raw: RawSounds = sounds
    check_sound(raw.items[place], str(raw.names[place]))
