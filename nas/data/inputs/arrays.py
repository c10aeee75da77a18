"""Arrays without targets."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.archive import open_npz
from nas.arrays import as_array
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.errors import IntegrityError, StorageError, UsageError, few

KEY = "inputs"
"""The array of an archive that has the inputs, unless it is the only one."""

FILES = (".npy", ".npz")


def read_arrays(reading: Reading, source: Source) -> Iterator[Named]:
    """The array of a `.npy` file, or the array `inputs` of a `.npz` archive, or its only one. Nothing is unpickled."""
    if not isinstance(source, Path):
        raise UsageError(f"{source}: the network was trained on arrays, which are not read from there")
    if source.suffix.lower() not in FILES:
        raise UsageError(f"{source}: the network was trained on arrays; expected a file {' or '.join(FILES)}")
    found = _archived(source) if source.suffix.lower() == ".npz" else read_single(source)
    return take_arrays(reading, found, str(source))


def take_arrays(reading: Reading, given: Any, called: str = "inputs") -> Iterator[Named]:
    """Samples `(N, *shape)`; images of one channel and series may lack their axis of channels."""
    found = with_channels(as_array(called, given), reading.intake.preparation.input.shape, called)
    for start in range(0, len(found), reading.rows):
        part = found[start : start + reading.rows]
        yield Named([f"sample {place}" for place in range(start, start + len(part))], part)


def with_channels(found: NDArray[Any], shape: tuple[int, ...], called: str) -> NDArray[Any]:
    """Samples `(N, *shape)` with their axis of channels. Raises UsageError if they have another shape; `called` is the
    name of the array there."""
    if shape[0] == 1 and len(shape) > 1 and found.shape[1:] == shape[1:]:
        found = found[:, None]
    if found.shape[1:] != shape:
        last = (*shape[1:], shape[0])
        one = "; this is one sample: take inputs[None]" if found.shape == shape else ""
        hint = "; channels come first: take numpy.moveaxis(inputs, -1, 1)" if found.shape[1:] == last else one
        wanted = ", ".join(map(str, shape))
        raise UsageError(f"{called}: expected shape (N, {wanted}) as in training, got {found.shape}{hint}")
    return found


def _archived(path: Path) -> NDArray[Any]:
    with open_npz(path) as archive:
        key = key_of(archive.names, path)
        return archive.arrays([key])[key]


def key_of(names: Sequence[str], path: Path) -> str:
    """The array of an archive that has the inputs. Raises UsageError if there is none."""
    key = KEY if KEY in names or len(names) != 1 else names[0]
    if key not in names:
        raise UsageError(f"{path}: there is no array {KEY!r}; it has {few(names) or 'none'}")
    return key


def read_single(path: Path) -> NDArray[Any]:
    """The array of a `.npy` file. Raises IntegrityError if it has none, and StorageError if it cannot be read."""
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, SyntaxError, TokenError) as error:
        raise IntegrityError(f"{path} is no array of numbers: {error}") from error
