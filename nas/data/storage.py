"""Where prepared inputs are kept: in memory, in a file of which parts are read, or nowhere, as they are streamed."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nas.arguments import checked
from nas.data.memory import available_bytes, mappable_bytes
from nas.errors import StorageError, UsageError
from nas.formatting import show_bytes

Residence = Literal["memory", "mapped", "streamed"]

CACHE_VARIABLE, SIZE_VARIABLE = "ARCHWRIGHT_CACHE", "ARCHWRIGHT_CACHE_GIB"
"""Environment variables: the folder of the cache (empty: there is none), and its size in GiB."""

DEFAULT_GIB = 20.0


@checked
@dataclass(frozen=True)
class Storage:
    """Where prepared inputs are kept.

    Attributes:
        storage: `memory`; `mapped`: in a file of the cache, of which the system reads what is used; `streamed`: they
            are prepared anew whenever they are used, by threads, ahead of the training. `auto`: `memory` if they take
            up at most half of the memory that is available (or nothing is known of that), else `mapped` if the cache
            has room for them, else `streamed`.
    """

    storage: Literal["auto", "memory", "mapped", "streamed"] = "auto"

    def decide(self, size: int, *, streams: bool = True, room: int | None = None) -> tuple[Residence, str]:
        """Where inputs of a size are kept, and why, in a sentence; empty where nobody needs to know.

        Args:
            size: bytes of all prepared inputs.
            streams: whether they can be streamed.
            room: the bytes that they may take up in the cache; None: those of `room_in_cache`.

        Raises:
            UsageError: they can be kept nowhere, or the wish cannot be met.
        """
        room = room_in_cache() if room is None else room
        refused = _why_not_mapped(size, room)
        if self.storage == "streamed" and not streams:
            raise UsageError("storage: these data cannot be streamed; expected memory, mapped or auto")
        if self.storage == "mapped" and refused:
            raise UsageError(f"storage: mapped inputs take {show_bytes(size)}, and {refused}; {_HINT}")
        memory = available_bytes()
        if self.storage == "memory" and memory is not None and size > memory:
            raise UsageError(
                f"prepared inputs take {show_bytes(size)} of memory, and {show_bytes(memory)} are available; "
                "`storage: auto` keeps them elsewhere, and a smaller size or length of inputs takes less"
            )
        if self.storage == "memory":
            return "memory", ""
        if self.storage != "auto":
            return self.storage, f"Prepared inputs are {_WORDS[self.storage]}, as `storage` says"
        if memory is None or size <= memory // 2:
            return "memory", ""
        large = f"take {show_bytes(size)}, more than half of the {show_bytes(memory)} of memory that are available"
        if not refused:
            return "mapped", f"Prepared inputs are {_WORDS['mapped']}, because they {large}"
        if streams:
            return "streamed", f"Prepared inputs are {_WORDS['streamed']}, because they {large}, and {refused}"
        raise UsageError(f"prepared inputs {large}, and {refused}; {_HINT}")


def _why_not_mapped(size: int, room: int) -> str:
    """Why inputs of a size cannot be mapped from the cache; empty: they can."""
    if size > room:
        return f"the cache has room for {show_bytes(room)}"
    left = mappable_bytes()
    if left is not None and size > left:
        return f"the limits of the process (`ulimit -v`, `ulimit -d`) let it map {show_bytes(left)}"
    return ""


_HINT = f"the variables {CACHE_VARIABLE} and {SIZE_VARIABLE} set the folder and the size of the cache"

_WORDS: dict[Residence, str] = {
    "memory": "kept in memory",
    "mapped": "kept in a file of the cache (mapped)",
    "streamed": "prepared anew in each epoch (streamed)",
}

IN_MEMORY = Storage("memory")


def cache_folder() -> Path | None:
    """The folder of the cache of prepared data; None: there is none.

    It is that of the variable `ARCHWRIGHT_CACHE`, or else `archwright` in the user's folder of caches.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named is not None:
        return Path(named).absolute() if named else None
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "archwright"


def most_in_cache() -> int:
    """The size of the cache in bytes. Raises UsageError if the variable `ARCHWRIGHT_CACHE_GIB` is not a number."""
    text = os.environ.get(SIZE_VARIABLE)
    try:
        size = DEFAULT_GIB if text is None else float(text)
    except ValueError:
        size = -1.0
    if not 0 <= size < 2**30:
        raise UsageError(f"{SIZE_VARIABLE}: expected a number of GiB, got {text!r}")
    return int(size * 2**30)


def room_in_cache() -> int:
    """How many bytes the cache may take up: what it may hold, or what the disk has free."""
    folder = cache_folder()
    if folder is None:
        return 0
    there = folder
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        return min(most_in_cache(), int(shutil.disk_usage(there).free * 0.95))
    except OSError as error:
        raise StorageError(f"{there} cannot be read: {error.strerror or error}") from error
