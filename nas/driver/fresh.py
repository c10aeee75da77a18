"""A controller takes part in one search: what it proposes follows from the trials that it was told.

The protocol of controllers does not say whether one was told anything, so the driver remembers whom it told, as long as
they live. What cannot be referred to weakly (a class with `__slots__`) is not noticed.
"""

import weakref
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from nas.controllers import Controller
from nas.errors import UsageError

_told: dict[int, weakref.ref[object]] = {}
"""Controllers that were told a trial, by their `id`."""


def check_fresh(controller: Controller) -> None:
    """Raises UsageError if a controller, or one that it wraps, was told the trials of another search."""
    for one in _with_wrapped(controller):
        if id(one) in _told:
            raise UsageError(
                f"the controller {type(one).__name__} was told the trials of another search, which it would take for "
                "trials of this one: each search needs a new controller"
            )


def note_told(controller: Controller) -> None:
    """Remembers that a controller, and those that it wraps, were told a trial."""
    for one in _with_wrapped(controller):
        with suppress(TypeError):  # it has no weak references
            _told[id(one)] = weakref.ref(one, partial(_forget, id(one)))


def _forget(key: int, _: object) -> None:
    _told.pop(key, None)


def _with_wrapped(controller: object) -> Iterator[object]:
    yield controller
    within = getattr(controller, "controller", None)
    for one in (*getattr(controller, "controllers", ()), *(() if within is None else (within,))):
        yield from _with_wrapped(one)
