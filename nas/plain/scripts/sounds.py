"""INPUT is a sound, or a folder with sounds: WAV, FLAC or Ogg."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.inputs.files import files_of
from nas.data.preparation.sounds import put_waveform
from nas.data.preparation.waveforms import SUFFIXES
from nas.plain.scripts.samples import Record, Samples


def read(path: Path, _record: Record) -> Samples:
    """A file, or all sounds in a folder. They are read when they are prepared."""
    files, names = files_of(path, SUFFIXES, "sounds")
    return Samples(names, files)


def take(given: Iterable[Any], _record: Record) -> Samples:
    """Sounds: paths of files, or samples (L,) or (C, L) of the rate of the network."""
    items = [Path(item) if isinstance(item, str) else item for item in given]
    raw = [item if isinstance(item, Path | bytes) else np.asarray(item) for item in items]
    return Samples([str(item) if isinstance(item, Path) else f"sound {place}" for place, item in enumerate(raw)], raw)


def prepared(samples: Samples, record: Record) -> NDArray[Any]:
    """The sounds as waveforms (N, 1, length)."""
    fields = record["preparation"]["sounds"]
    rate, strict = fields["rate"], fields["strict"]
    found: NDArray[Any] = np.empty((len(samples.raw), 1, fields["length"]), np.float32)
    for wave, name, item in zip(found, samples.names, samples.raw, strict=True):
        put_waveform(wave[0], item, rate, str(item) if isinstance(item, Path) else name, to=rate, strict=strict)
    return found


def requires(_fields: Mapping[str, Any]) -> Sequence[str]:
    """The packages that are needed for such a preparation."""
    return ("numpy", "scipy", "soundfile")
