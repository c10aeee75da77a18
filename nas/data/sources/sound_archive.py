"""Sounds of one rate in a NumPy archive, one after the other in one array."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nas.archive import open_npz
from nas.data.assemble import RawPart
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.split import PART_NAMES
from nas.errors import IntegrityError, StorageError, UsageError, few

KEYS = ("audio", "offsets", "labels", "rate")
"""The arrays that an archive of sounds has."""


def is_sound_archive(path: Path) -> bool:
    """Whether a file is an archive with these arrays."""
    if path.suffix.lower() != ".npz" or not path.is_file():
        return False
    try:
        with open_npz(path) as archive:
            return set(KEYS) <= set(archive.names)
    except (IntegrityError, StorageError, UsageError):
        return False


def read_sound_archive(path: Path) -> Mapping[str, RawPart]:
    """The sounds of an archive, by part.

    Its arrays are `audio`, the samples of all sounds, `(S,)`; `offsets`, `(N + 1,)`, of which the i-th sound has the
    samples from `offsets[i]` to `offsets[i + 1]`; `labels`, `(N,)`; `rate`, a single number; and possibly `groups` and
    `parts`, `(N,)`, of which the latter says `train`, `val` or `test`.

    Raises:
        UsageError: there is no such file or array, or the arrays do not suit each other.
        IntegrityError: the file is no archive of plain arrays.
        StorageError: the file cannot be read.
    """
    with open_npz(path) as archive:
        for key in KEYS:
            if key not in archive.names:
                raise UsageError(f"{path}: there is no array {key!r}; it has {', '.join(archive.names) or 'none'}")
        extra = [key for key in ("groups", "parts") if key in archive.names]
        arrays = archive.arrays([*KEYS, *extra])
    audio, offsets, labels, rate = (arrays[key] for key in KEYS)
    whole = offsets.ndim == 1 and len(offsets) > 1 and offsets.dtype.kind in "iu"
    offsets = offsets.astype(np.int64) if whole else np.zeros(1, np.int64)
    steps = np.diff(offsets)
    if audio.ndim != 1 or not whole or (steps < 0).any() or offsets[0] != 0 or offsets[-1] != len(audio):
        raise UsageError(
            f"{path}: expected audio of the shape (S,), and offsets of (N + 1,) that ascend from 0 to S; got audio of "
            f"{audio.shape} and offsets of {arrays['offsets'].shape}"
        )
    if rate.size != 1 or rate.dtype.kind not in "iu":
        raise UsageError(f"{path}: expected one integer as rate, got {rate.dtype} of shape {rate.shape}")
    count = len(steps)
    for key in ("labels", *extra):
        if arrays[key].shape[:1] != (count,):
            raise UsageError(f"{path}: expected {key} of {count:,} sounds, got shape {arrays[key].shape}")
    sounds = RawSounds.of_samples(np.split(audio, offsets[1:-1]), int(rate.item()))
    groups = arrays.get("groups")
    if "parts" not in arrays:
        return {"train": RawPart(sounds, labels, groups)}
    named = np.array([PART_NAMES.get(str(part).lower(), "") for part in arrays["parts"].tolist()])
    unknown = arrays["parts"][named == ""]
    if len(unknown) or "train" not in named:
        got = f"{few(map(repr, np.unique(unknown).tolist()))}" if len(unknown) else "no train"
        raise UsageError(f"{path}: expected parts of train, val and test, got {got}")
    rows = {part: np.flatnonzero(named == part) for part in ("train", "val", "test") if part in named}
    return {
        part: RawPart(sounds[places], labels[places], None if groups is None else groups[places])
        for part, places in rows.items()
    }
