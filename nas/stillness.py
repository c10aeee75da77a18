"""Stillness: nothing else of the search runs while something is timed.

In a worker process, the driver stops all other workers for as long as the block lasts (`nas.driver.executors`). In a
process that evaluates one network at a time, nothing else runs anyway.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_way: ContextVar[Callable[[], AbstractContextManager[object]]] = ContextVar("_way", default=nullcontext)


def still() -> AbstractContextManager[object]:
    """The context in which something may be timed; it should last less than a second."""
    return _way.get()()


@contextmanager
def still_by(way: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """Within this block, `still` is the context that `way` makes."""
    token = _way.set(way)
    try:
        yield
    finally:
        _way.reset(token)
