"""The content of files, as a hash: what the cache of prepared data knows them by."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nas.errors import StorageError

_AT_ONCE = 2**22
_BATCH, _THREADS = 64, 4


def content_of(paths: Iterable[Path], *settings: object) -> str:
    """64 hexadecimal digits (SHA-256) of the names and the contents of files, in this order, and of settings.

    Args:
        paths: the files.
        settings: whatever else decides what is read from them; their `repr`.

    Raises:
        StorageError: a file cannot be read.
    """
    digest = hashlib.sha256(repr(settings).encode())
    files = list(paths)
    step = max(1, min(_BATCH, len(files) // _THREADS**2))  # handing over one file takes longer than to hash a small one
    batches = [files[start : start + step] for start in range(0, len(files), step)]
    with ThreadPoolExecutor(_THREADS) as threads:
        hashed = (found for batch in threads.map(lambda batch: [*map(_hash, batch)], batches) for found in batch)
        for path, found in zip(files, hashed, strict=True):
            digest.update(f"{path.name}\0".encode("utf-8", "surrogateescape"))
            digest.update(found)
    return digest.hexdigest()


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_AT_ONCE):
                digest.update(block)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.digest()
