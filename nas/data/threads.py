"""Work that several threads do, such as the decoding of files, which leaves Python to others most of the time."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def processors() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[int], None], starts: Sequence[int], *, threads: int) -> None:
    """Does the work that begins at each of some places. The error that is raised is that of the first of them."""
    if threads == 1 or len(starts) == 1:
        for start in starts:
            work(start)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        for _ in pool.map(work, starts):
            pass
    finally:  # also where an error ended it
        pool.shutdown(cancel_futures=True)
