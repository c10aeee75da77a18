"""Prepared inputs: in memory, mapped or streamed, and the cache that runs share.

The inputs of all parts are one array, so that a pool of the training and the validation samples is no copy. An entry of
the cache is a folder with the name of its key: `inputs.npy`, and `entry.json` with the preparation and the size of the
former. It is written beside its place and moved there in one step. An entry that is not whole is prepared anew.
"""

import hashlib
import json
import math
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tokenize import TokenError
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.data.memory import release_unused
from nas.data.preparation import PREPARATIONS, Preparation
from nas.data.preparation.stored import preparation_from_json, preparation_to_json
from nas.data.raw import RawInputs
from nas.data.storage import IN_MEMORY, Storage, cache_folder, most_in_cache, room_in_cache
from nas.data.streamed import Streamed
from nas.errors import IntegrityError, StorageError
from nas.files import make_folder, remove_folder, write_text
from nas.interrupt import stop_if_asked

WORTH = 1.0
"""Inputs that took so many seconds to prepare are put into the cache."""

CHUNK = 2**24
"""Bytes that are prepared at a time."""

ENTRY, INPUTS = "entry.json", "inputs.npy"
"""The files of an entry."""

_VERSION = 1
"""Of entries: raised where a preparation computes anything else than before, so that older entries are not taken."""

_STALE = 86_400.0  # seconds after which a half-written entry has no writer any more

Fit = Callable[[Any], Preparation]
Inputs = NDArray[Any] | Streamed


class Prepared(NamedTuple):
    """Prepared inputs.

    Attributes:
        preparation: how they were prepared.
        inputs: by part.
        note: where they are kept, and why; empty where nobody needs to know.
    """

    preparation: Preparation
    inputs: Mapping[str, Inputs]
    note: str


def prepare(
    raws: Mapping[str, RawInputs], fit: Fit, storage: Storage = IN_MEMORY, content: str | None = None
) -> Prepared:
    """Fits a preparation to the training samples, and prepares the samples of all parts.

    Args:
        raws: the raw inputs by part, in the order `train`, `val`, `test`.
        fit: makes the preparation from the raw inputs of the training samples.
        storage: where the prepared inputs are kept.
        content: a hash that stands for the raw inputs and for `fit`. None: there is none, so nothing is taken from the
            cache or put into it.

    Raises:
        UsageError: inputs cannot be prepared, or can be kept nowhere.
        StorageError: the cache cannot be written, and inputs are to be mapped from there.
    """
    folder = cache_folder() if content is not None else None
    place = None if folder is None else folder / "prepared" / str(content)
    lengths = {part: len(raw) for part, raw in raws.items()}
    known = None if place is None else _load(place, lengths, storage)
    if known is not None:
        return known
    begin = time.monotonic()
    preparation = fit(raws["train"])
    shape, dtype = (sum(lengths.values()), *preparation.input.shape), np.dtype(preparation.dtype)
    size = math.prod(shape) * dtype.itemsize
    kept, note = storage.decide(size, streams=not preparation.fits, room=0 if place is None else None)
    if kept == "streamed":
        return Prepared(preparation, {part: Streamed(raw, preparation) for part, raw in raws.items()}, note)
    step = max(1, min(shape[0], CHUNK // max(size // max(shape[0], 1), 1)))
    if kept == "mapped" and place is not None:
        block = np.empty((step, *shape[1:]), dtype)
        blocks = (preparation(raw, block[: len(raw)]) for raw in _blocks(raws, step))
        _write(place, preparation, lengths, shape, dtype, blocks)
        found = _load(place, lengths, Storage("mapped"))
        if found is None:
            raise StorageError(f"{place} cannot be read")
        return found._replace(note=note)
    if size > CHUNK // 4:
        release_unused()
    everything, filled = np.empty(shape, dtype), 0
    for raw in _blocks(raws, step):
        preparation(raw, everything[filled : filled + len(raw)])
        filled += len(raw)
    if place is not None and time.monotonic() - begin > WORTH and size <= room_in_cache():
        try:
            _write(place, preparation, lengths, shape, dtype, iter([everything]))
        except StorageError as error:  # the inputs are there: only the next run takes longer
            note = f"Prepared inputs are not put into the cache: {error}"
    return Prepared(preparation, _parts(everything, lengths), note)


def _blocks(raws: Mapping[str, RawInputs], step: int) -> Iterator[RawInputs]:
    """The raw inputs of all parts, `step` samples at a time."""
    for raw in raws.values():
        for start in range(0, len(raw), step):
            stop_if_asked()
            yield raw[np.arange(start, min(start + step, len(raw)))]


def _parts(everything: NDArray[Any], lengths: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """The inputs of each part, as views of those of all."""
    ends = np.cumsum(list(lengths.values())).tolist()
    return {part: everything[end - length : end] for (part, length), end in zip(lengths.items(), ends, strict=True)}


def _entry(place: Path, lengths: Mapping[str, int]) -> dict[str, Any] | None:
    """What an entry of the cache says of itself; None if there is no entry, or if it is not whole."""
    try:
        entry = json.loads((place / ENTRY).read_text(encoding="utf-8"))
        size = (place / INPUTS).stat().st_size
        whole = entry["version"] == _VERSION and entry["bytes"] == size and entry["lengths"] == dict(lengths)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return entry if whole else None


def _load(place: Path, lengths: Mapping[str, int], storage: Storage) -> Prepared | None:
    """What an entry of the cache has; None if there is no entry, or if it is not whole."""
    entry = _entry(place, lengths)
    if entry is None:
        return None
    kept, note = storage.decide(entry["bytes"], room=entry["bytes"])  # which it takes up already
    if kept == "streamed":
        return None
    try:
        preparation = preparation_from_json(json.dumps(entry["preparation"]), PREPARATIONS)
        # Mapped, changes would be private; there are none, but torch warns of arrays that cannot be written.
        found = np.load(place / INPUTS, mmap_mode="c" if kept == "mapped" else None, allow_pickle=False)
    except (OSError, ValueError, KeyError, EOFError, SyntaxError, TokenError, IntegrityError):
        return None
    if kept == "memory" and hashlib.sha256(np.ascontiguousarray(found).data).hexdigest() != entry.get("sha256"):
        return None
    with suppress(OSError):  # the cache may belong to another user
        os.utime(place)  # so that the entries that were not used for longest are dropped first
    return Prepared(preparation, _parts(found, lengths), note)


def _write(
    place: Path,
    preparation: Preparation,
    lengths: Mapping[str, int],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    blocks: Iterator[NDArray[Any]],
) -> None:
    """Writes an entry, and drops those that were not used for longest. Raises StorageError."""
    make_folder(place.parent)
    size = math.prod(shape) * dtype.itemsize
    _make_room(place.parent, size)
    half = place.parent / f".{place.name}.{secrets.token_hex(4)}.tmp"
    try:
        half.mkdir()
        with (half / INPUTS).open("xb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            digest = hashlib.sha256()
            for block in blocks:
                values = np.ascontiguousarray(block, dtype).data
                digest.update(values)
                file.write(values)
            size = file.tell()
        entry = {
            "version": _VERSION,
            "bytes": size,
            "sha256": digest.hexdigest(),
            "lengths": dict(lengths),
            "preparation": json.loads(preparation_to_json(preparation)),
        }
        write_text(half / ENTRY, json.dumps(entry))
        _move(half, place, lengths)
    except OSError as error:
        raise StorageError(f"{place} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _move(half: Path, place: Path, lengths: Mapping[str, int]) -> None:
    """Moves a finished entry to its place, unless another process has written the same in the meantime."""
    try:
        half.rename(place)
    except OSError:
        if _entry(place, lengths) is not None:
            return
        remove_folder(place)
        half.rename(place)


def _make_room(folder: Path, size: int) -> None:
    """Removes what was left half-written, and then the entries that were not used for longest."""
    now, entries = time.time(), []
    for one in folder.iterdir():
        try:
            used, taken = one.stat().st_mtime, sum(file.stat().st_size for file in one.iterdir())
        except OSError:  # another process has removed it, or it is none of ours
            continue
        if one.name.endswith(".tmp"):
            if now - used > _STALE:
                shutil.rmtree(one, ignore_errors=True)
        else:
            entries.append((used, taken, one))
    total = size + sum(taken for _, taken, _ in entries)
    for _, taken, one in sorted(entries):
        if total <= most_in_cache():
            break
        shutil.rmtree(one, ignore_errors=True)
        total -= taken
