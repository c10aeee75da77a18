"""The content of files, as a hash: what the cache of prepared data knows them by."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nas.errors import StorageError

_AT_ONCE = 2**22


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
    with ThreadPoolExecutor(4) as threads:
        for path, found in zip(files, threads.map(_hash, files, chunksize=64), strict=True):
            digest.update(f"{path.name}\0".encode("utf-8", "surrogateescape"))
            digest.update(found)
    return digest.hexdigest()


def _hash(path: Path) -> bytes:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_AT_ONCE):
                digest.update(block)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.digest()
