"""One driver a study: a lock that says who holds it."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from nas.errors import StorageError
from nas.files import write_text


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Holds the lock of a file as long as the context lasts; the lock of a process that died is free at once.

    `PATH.lock` carries the lock. Who holds it stands in `PATH.holder`, a file of its own, because a contender may
    empty the one that it fails to lock.

    Raises:
        StorageError: another process holds it (the message says which, and since when), or it cannot be written.
    """
    lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)
    holder = Path(f"{path}.holder")
    try:
        lock.acquire()
    except Timeout:
        raise StorageError(f"{path} is in use: {_describe(holder)}") from None
    except OSError as error:
        raise StorageError(f"{path}.lock cannot be locked: {error.strerror or error}") from error
    try:
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        write_text(holder, json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
        yield
    finally:
        with contextlib.suppress(OSError):  # it only informs, and only while the lock is held
            holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    try:
        held = json.loads(holder.read_bytes())
        return f"process {held['pid']} on {held['host']} holds it since {held['since']}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process holds it"
