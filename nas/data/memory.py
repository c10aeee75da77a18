"""How much memory is left, for data that might not fit."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_SYSTEM = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_OWN_GROUP = Path("/proc/self/cgroup")
_SIZES = Path("/proc/self/statm")


def available_bytes() -> int | None:
    """The memory that this process can still use, in bytes, without swapping; None: the system does not say.

    It is the least of what the system, the memory controllers of Linux (as of a container), and the limits of the
    process leave.
    """
    return min((*_system(), *_groups(), *_limits()), default=None)


def release_unused() -> None:
    """Hands memory that is not used any more back to the system, where the C library can (glibc).

    It keeps what is freed between other things, as after a file was read whose columns grew side by side.
    """
    with suppress(AttributeError, OSError, TypeError):  # musl, macOS and Windows have no such function
        ctypes.CDLL(None).malloc_trim(0)


def mappable_bytes() -> int | None:
    """The bytes of a file that this process can still map for reading and writing; None: there is no limit.

    The limits of the process (`ulimit -v`, `ulimit -d`) count what is mapped, whether it is in memory or not.
    """
    return min(_limits(), default=None)


def _system() -> Iterator[int]:
    try:
        lines = _SYSTEM.read_text(encoding="ascii").splitlines()
    except OSError:
        return
    yield from (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def _groups() -> Iterator[int]:
    """What the groups leave to which the process belongs, each a part of the one above it (version 2 of cgroups)."""
    try:
        lines = _OWN_GROUP.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    place = _GROUP / own
    for folder in (place, *place.parents):
        if folder == _GROUP.parent:
            return
        try:
            limit = (folder / "memory.max").read_text(encoding="ascii").strip()
            if limit != "max":
                used = int((folder / "memory.current").read_text(encoding="ascii"))
                yield max(0, int(limit) - used + _reclaimable(folder))
        except OSError:
            pass  # the group has no limit, or this is none


def _reclaimable(folder: Path) -> int:
    """The bytes of files that a group has cached and has not used lately, which are dropped when memory is needed."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))


def _limits() -> Iterator[int]:
    """What the limits of the process leave, of its address space and of its data."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    try:
        sizes = [int(one) * os.sysconf("SC_PAGE_SIZE") for one in _SIZES.read_text(encoding="ascii").split()]
    except OSError:
        return
    for limit, used in ((resource.RLIMIT_AS, sizes[0]), (resource.RLIMIT_DATA, sizes[5])):
        most = resource.getrlimit(limit)[0]
        if most != resource.RLIM_INFINITY:
            yield max(0, most - used)
