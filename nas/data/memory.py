"""How much memory is left, for data that might not fit."""

from pathlib import Path

_SYSTEM = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def available_bytes() -> int | None:
    """The memory that this process can still use, in bytes, without swapping; None: the system does not say.

    It is the least of what the system and a container's limit (of the memory controller of Linux) leave.
    """
    try:
        lines = _SYSTEM.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    left = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    try:
        limit = (_GROUP / "memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            left.append(int(limit) - int((_GROUP / "memory.current").read_text(encoding="ascii")))
    except OSError:
        pass  # there is no container, or none of this kind
    return min(left, default=None)
