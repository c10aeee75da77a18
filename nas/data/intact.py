"""Raw samples without those that cannot be read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.data.assemble import RawPart
from nas.data.skipping import Skipping, read_each
from nas.errors import UsageError, few


def intact(
    parts: Mapping[str, RawPart],
    check: Callable[[Any, int], None],
    skipping: Skipping,
    *,
    what: str,
    threads: int = 1,
    several: bool = False,
) -> tuple[Mapping[str, RawPart], tuple[str, ...]]:
    """The samples that can be read, and what is reported of the others; with `stop`, all samples, unread.

    Args:
        parts: the samples.
        check: reads the sample at a place of raw inputs, and raises UsageError or StorageError if it cannot be read.
        skipping: what happens then.
        what: what the samples are, in the plural.
        threads: how many are read at a time.
        several: whether a sample may have several labels, so that its target is no class.

    Raises:
        UsageError: too many cannot be read, or none of a class is left in its part.
    """
    if skipping.on_error == "stop":
        return parts, ()
    everything = [(part, place) for part, raw in parts.items() for place in range(len(raw.inputs))]
    kept = read_each(
        everything, lambda item: check(parts[item[0]].inputs, item[1]), skipping, what=what, threads=threads
    )
    if len(kept.rows) == len(everything):
        return parts, ()
    rows: dict[str, list[int]] = {part: [] for part in parts}
    for row in kept.rows:
        part, place = everything[row]
        rows[part].append(place)
    found = {part: _rows_of(raw, np.array(rows[part], np.intp)) for part, raw in parts.items()}
    for part, one in parts.items():
        if not len(found[part].inputs):
            raise UsageError(f"{part}: none of the {what} can be read: {kept.notes[0]}")
        gone = _classes(one.targets) - _classes(found[part].targets)
        if gone and not several:
            raise UsageError(
                f"{part}: none of the {what} of the class {few(sorted(gone))} can be read: {kept.notes[0]}"
            )
    return found, kept.notes


def _classes(targets: ArrayLike) -> set[str]:
    """The names of classes among targets that are strings."""
    values = targets if isinstance(targets, Sequence) else np.asarray(targets).tolist()
    return {value for value in values if isinstance(value, str)}


def _rows_of(part: RawPart, rows: NDArray[np.intp]) -> RawPart:
    def taken(values: ArrayLike) -> Any:
        return [values[row] for row in rows] if isinstance(values, Sequence) else np.asarray(values)[rows]

    return RawPart(
        part.inputs[rows],
        taken(part.targets),
        None if part.groups is None else taken(part.groups),
        None if part.times is None else part.times[rows],
    )
