"""Whether processes run."""

import time
from pathlib import Path


def exists(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter where it ends between opening and reading
        return False


def gone(*pids: int) -> bool:
    """Whether processes end, now or within seconds: the kernel and their new parent take a moment."""
    until = time.monotonic() + 20
    while any(map(exists, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(exists, pids))
