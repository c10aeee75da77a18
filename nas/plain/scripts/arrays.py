"""INPUT is a file .npy, or an archive .npz with the array `inputs`: samples (N, ...) as in the training."""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from nas.data.inputs.arrays import FILES, key_of, read_single, with_channels
from nas.data.preparation.arrays import checked_samples
from nas.errors import IntegrityError, StorageError, UsageError
from nas.plain.scripts.samples import Record, Samples

_BROKEN = (
    ValueError,
    EOFError,
    SyntaxError,
    TokenError,
    TypeError,
    RuntimeError,
    OverflowError,
    BadZipFile,
    zlib.error,
)
"""What NumPy and zipfile raise for damaged archives: a flipped bit can demand a password (RuntimeError)."""


def read(path: Path, record: Record) -> Samples:
    """The samples of a file."""
    if path.suffix.lower() not in FILES:
        raise UsageError(f"{path}: the network was trained on arrays; expected a file {' or '.join(FILES)}")
    return take(_archived(path) if path.suffix.lower() == ".npz" else read_single(path), record, str(path))


def take(given: Any, record: Record, called: str = "inputs") -> Samples:
    """Samples in memory, (N, ...)."""
    found = with_channels(np.asarray(given), tuple(record["preparation"]["arrays"]["shape"]), called)
    return Samples([f"sample {place}" for place in range(len(found))], found)  # type: ignore[arg-type]  # it is sliced


def prepared(samples: Samples, record: Record) -> NDArray[Any]:
    """The samples in the type of those of the training."""
    fields = record["preparation"]["arrays"]
    return checked_samples(np.asarray(samples.raw), tuple(fields["shape"]), fields["dtype"])


def requires(_fields: Mapping[str, Any]) -> Sequence[str]:
    """The packages that are needed for such a preparation."""
    return ("numpy",)


def _archived(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise ValueError("a single array")
            found: NDArray[Any] = archive[key_of(archive.files, path)]
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    except _BROKEN as error:
        raise IntegrityError(f"{path} is no archive of arrays of numbers: {error}") from error
    return found
