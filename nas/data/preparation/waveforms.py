"""One sound: its header, and a part of its samples, read by libsndfile through the package `soundfile`."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import StorageError, UsageError
from nas.extras import package

SUFFIXES = (".wav", ".flac", ".ogg")
"""The ends of the names of files that are read."""

FULL_SCALE = (np.uint8, np.int16, np.int32)
"""The types of integers whose full scale is known; 64 bits are what other libraries convert small integers to."""

MOST_RATE = 1_000_000
"""The highest rate, in samples a second."""

_MOST_FRAMES = 2**40
"""Frames of a file from which its length is unknown: libsndfile then says the largest number."""
_BLOCK = 2**20
"""Samples that are read at a time where a whole file is checked."""
_EXACT = ("PCM_16", "PCM_S8", "PCM_U8")
"""Subtypes of files that int16 holds exactly."""
_SHORTENED = re.compile(r"^data : (\d+) \(should be (\d+)\)", re.MULTILINE)
"""What libsndfile notes of a WAV file with fewer bytes than its header says."""
_UNKNOWN_LENGTHS = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""Lengths in the header of a WAV file that was written to a pipe."""


@dataclass(frozen=True)
class SoundHeader:
    """What is known of a sound before its samples are read.

    Attributes:
        frames: samples of each channel.
        rate: samples a second.
    """

    frames: int
    rate: int

    @property
    def seconds(self) -> float:
        """The duration."""
        return self.frames / self.rate


def read_header(item: Any, rate: int, name: str) -> SoundHeader:
    """The header of a sound.

    Args:
        item: the path of a file, the bytes of one, or its samples (see `full_scale`).
        rate: of samples, a second.
        name: of the sound, for errors.

    Raises:
        UsageError: it is no sound, is damaged or has no samples; or `soundfile` is not installed.
        StorageError: the file cannot be read.
    """
    if isinstance(item, np.ndarray):
        return SoundHeader(_channels_first(item, name).shape[1], rate)
    with _opened(item, name) as file:
        return SoundHeader(file.frames, file.samplerate)


def read_part(
    item: Any, rate: int, name: str, part: Callable[[SoundHeader], tuple[int, int]]
) -> tuple[NDArray[np.float32], SoundHeader]:
    """Some frames of a sound, of full scale 1, as the mean of its channels, `(frames,)`; and its header.

    Args:
        item, rate, name: as in `read_header`.
        part: the first frame and the number of frames, given the header; they are within the sound.

    Raises:
        UsageError: as `read_header`; or the file ends before, or values are not finite.
        StorageError: the file cannot be read.
    """
    if isinstance(item, np.ndarray):
        channels = _channels_first(item, name)
        header = SoundHeader(channels.shape[1], rate)
        begin, frames = part(header)
        found = full_scale(channels[:, begin : begin + frames])
    else:
        with _opened(item, name) as file:
            header = SoundHeader(file.frames, file.samplerate)
            begin, frames = part(header)
            if begin:
                file.seek(begin)
            found = full_scale(_read(file, frames, name).T)
    if not np.isfinite(found).all():
        raise UsageError(f"{name}: the sound has values that are not finite")
    return found[0] if len(found) == 1 else found.mean(axis=0, dtype=np.float32), header


def check_sound(item: Any, name: str) -> None:
    """Reads a whole sound, and raises what `read_part` raises if it cannot be read."""
    if isinstance(item, np.ndarray):
        read_part(item, 1, name, lambda header: (0, header.frames))
        return
    with _opened(item, name) as file:
        for begin in range(0, file.frames, _BLOCK):
            if not np.isfinite(_read(file, min(_BLOCK, file.frames - begin), name)).all():
                raise UsageError(f"{name}: the sound has values that are not finite")


def full_scale(samples: NDArray[Any]) -> NDArray[np.float32]:
    """Samples as float32 of full scale 1; integers are uint8, int16 or int32, floats of full scale 1 already."""
    with np.errstate(over="ignore"):  # values out of range become infinite
        values = samples.astype(np.float32)
    if samples.dtype.kind == "f":
        return values
    middle = 128 if samples.dtype == np.uint8 else 0
    return (values - np.float32(middle)) / np.float32(int(np.iinfo(samples.dtype).max) + 1 - middle)


def check_rate(rate: int, what: str) -> None:
    """Raises UsageError unless a number is a rate of sounds."""
    if not 1 <= rate <= MOST_RATE:
        raise UsageError(f"{what}: expected a rate from 1 to {MOST_RATE:,} samples a second, got {rate:,}")


def _channels_first(samples: NDArray[Any], name: str) -> NDArray[Any]:
    """Samples in memory as `(C, L)`. Raises UsageError if they are none."""
    known = samples.dtype.kind == "f" or samples.dtype in FULL_SCALE
    if samples.ndim not in (1, 2) or not known:
        raise UsageError(
            f"{name}: expected samples (L,) or (C, L), as floats of full scale 1 or as uint8, int16 or int32, "
            f"got {samples.dtype} of shape {samples.shape}"
        )
    if not samples.size:
        raise UsageError(f"{name}: the sound has no samples")
    found = np.atleast_2d(samples)
    if len(found) > found.shape[1]:
        raise UsageError(f"{name}: expected samples (C, L), got {len(found):,} channels of {found.shape[1]:,} samples")
    return found


@contextmanager
def _opened(item: Any, name: str) -> Iterator[Any]:
    """An open `soundfile.SoundFile`; errors within the block name the sound."""
    soundfile = package("soundfile", f"{name}: a file of sound")
    try:
        if isinstance(item, Path) and not item.stat().st_size:
            raise UsageError(f"{name}: the file is empty")
        with soundfile.SoundFile(io.BytesIO(item) if isinstance(item, bytes) else item) as file:
            _check_header(file, name)
            yield file
    except soundfile.LibsndfileError as error:
        raise UsageError(f"{name}: the sound cannot be read: {error.error_string.rstrip('.')}") from error
    except OSError as error:
        raise StorageError(f"{name} cannot be read: {error.strerror or error}") from error


def _check_header(file: Any, name: str) -> None:
    if not file.frames:
        raise UsageError(f"{name}: the sound has no samples")
    if file.frames > _MOST_FRAMES:
        raise UsageError(f"{name}: the file does not say how long the sound is; write it anew")
    check_rate(file.samplerate, name)
    shortened = _SHORTENED.search(file.extra_info)
    if shortened and int(shortened[1]) > int(shortened[2]) and int(shortened[1]) not in _UNKNOWN_LENGTHS:
        raise UsageError(f"{name}: the file is cut off: it has {shortened[2]} of {shortened[1]} bytes of samples")


def _read(file: Any, frames: int, name: str) -> NDArray[Any]:
    """The next frames of an open file, `(frames, C)`."""
    kind = "int16" if file.subtype in _EXACT else "float32"
    found: NDArray[Any] = file.read(frames, dtype=kind, always_2d=True)
    if len(found) < frames:
        raise UsageError(f"{name}: the file is cut off: {frames - len(found):,} samples are missing")
    return found
