"""Rows that decide the same as runs of one architecture."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nas.tabular.reading import check_runs

Floats = NDArray[np.float32]
Alike = Iterable[Sequence[int]]
"""For each architecture its rows."""


def side_by_side(values: Floats, alike: Alike, recorded: NDArray[np.bool_]) -> Floats:
    """The runs of all rows of each architecture that are recorded, one after the other.

    Args:
        values: `(rows, runs, epochs)`.
        alike: the rows of each architecture.
        recorded: `(rows, runs)`.

    Returns:
        `(architectures, runs, epochs)`, NaN after the last run.

    Raises:
        UsageError: more runs of one architecture than there can be.
    """
    kept = [values[list(rows)][recorded[list(rows)]] for rows in alike]
    check_runs(most := max(1, *map(len, kept)))
    found = np.full((len(kept), most, values.shape[2]), np.nan, dtype=np.float32)
    for place, runs in enumerate(kept):
        found[place, : len(runs)] = runs
    return found


def means(values: Floats, alike: Alike) -> Floats:
    """For each architecture the mean of `(rows,)` values that are recorded; NaN where none is."""
    known = [column[~np.isnan(column)] for column in (values[list(rows)].astype(np.float64) for rows in alike)]
    return np.array([column.mean() if len(column) else np.nan for column in known], dtype=np.float32)
