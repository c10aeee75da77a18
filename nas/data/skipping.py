"""Files and rows that cannot be read: they end the reading, or are left out, counted and reported."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Fraction, checked
from nas.errors import StorageError, UsageError

Item = TypeVar("Item")
Read = TypeVar("Read")

Fault = UsageError | StorageError
"""Why an item cannot be read. The message names the item."""

OnError = Literal["stop", "skip"]

SHOWN = 3
"""The number of faults that a message shows in full."""


def named_fault(name: str, fault: Fault) -> Fault:
    """A fault of a single sample, which names it."""
    if name in str(fault):
        return fault
    kind = StorageError if isinstance(fault, StorageError) else UsageError
    return kind(f"{name}: {str(fault).removeprefix('inputs: ')}")


@checked
@dataclass(frozen=True)
class Skipping:
    """What happens to files or rows that cannot be read.

    Attributes:
        on_error: `stop`: the first one ends the reading with an error. `skip`: they are left out, and the run says how
            many and which.
        skip_share: the largest fraction of all that may be left out with `skip`; more are an error.
    """

    on_error: OnError = "stop"
    skip_share: Fraction = 0.01

    def check(self, faults: Sequence[Fault], of: int, what: str) -> None:
        """Raises the first of `faults` with `stop`, and UsageError if more than `skip_share` of `of` items are faulty.

        Args:
            faults: of the items that cannot be read.
            of: the number of all items.
            what: what the items are, in the plural.
        """
        if faults and self.on_error == "stop":
            raise faults[0]
        if len(faults) > round(self.skip_share * of, 6):  # 0.29 · 100 is below 29
            counted = f"{len(faults)} of {of:,} {what} cannot be read, and skip_share is {self.skip_share:g}"
            raise UsageError(f"{counted}: {_shown(faults, len(faults))}")

    def note(self, faults: Sequence[Fault], of: int, what: str) -> tuple[str, ...]:
        """The sentence that reports what is left out, for `Dataset.notes`; none if nothing is."""
        return (left_out(len(faults), of, what, faults[:SHOWN]),) if faults else ()


def left_out(count: int, of: int, what: str, first: Sequence[Fault]) -> str:
    """The sentence that reports what is left out.

    Args:
        count: of the items that cannot be read.
        of, what: as for `Skipping.check`.
        first: what is wrong with the first ones, `SHOWN` at most.
    """
    return f"{count:,} of {of:,} {what} cannot be read and are left out: {_shown(first, count)}"


@dataclass(frozen=True)
class Kept(Generic[Read]):
    """What was read of some items.

    Attributes:
        values: of the items that could be read, in their order.
        rows: the places of these among all items, ascending.
        notes: what is reported of the others.
    """

    values: list[Read]
    rows: NDArray[np.intp]
    notes: tuple[str, ...]


def read_each(
    items: Sequence[Item], read: Callable[[Item], Read], skipping: Skipping, *, what: str, threads: int = 1
) -> Kept[Read]:
    """Reads items one by one.

    Args:
        items: such as the paths of files.
        read: reads one. An item that cannot be read raises UsageError or StorageError, whose message names it.
        skipping: what happens then.
        what: what the items are, in the plural.
        threads: how many are read at a time. The result does not depend on it.

    Raises:
        UsageError: an item cannot be read, or too many.
        StorageError: a file cannot be read.
    """
    values: list[Read] = []
    rows: list[int] = []
    faults: list[Fault] = []
    for place, found in enumerate(_outcomes(items, read, threads)):
        if isinstance(found, UsageError | StorageError):
            faults.append(found)
            skipping.check(faults, len(items), what)
        else:
            values.append(found)
            rows.append(place)
    return Kept(values, np.array(rows, np.intp), skipping.note(faults, len(items), what))


def _outcomes(items: Sequence[Item], read: Callable[[Item], Read], threads: int) -> Iterator[Read | Fault]:
    """What was read of each item, or why it cannot be, in the order of the items."""

    def attempt(item: Item) -> Read | Fault:
        try:
            return read(item)
        except (UsageError, StorageError) as error:
            return error

    if threads == 1:
        yield from map(attempt, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(attempt, items)
    finally:  # also where a fault ended the reading
        pool.shutdown(cancel_futures=True)


def _shown(faults: Sequence[Fault], count: int) -> str:
    """The first faults of `count`."""
    rest = (f"and {count - SHOWN:,} more",) if count > SHOWN else ()
    return "; ".join((*map(str, faults[:SHOWN]), *rest))
