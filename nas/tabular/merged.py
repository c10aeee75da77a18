"""Rows with the same decisions, merged as runs of one architecture."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nas.tabular.reading import check_runs

Floats = NDArray[np.float32]
Alike = Iterable[Sequence[int]]
"""The rows of each architecture."""


def side_by_side(values: Floats, alike: Alike, recorded: NDArray[np.bool_]) -> Floats:
    """The recorded runs of all rows of each architecture, concatenated.

    Args:
        values: `(rows, runs, epochs)`.
        alike: the rows of each architecture.
        recorded: `(rows, runs)`.

    Returns:
        `(architectures, runs, epochs)`, NaN after the last run.

    Raises:
        UsageError: an architecture has too many runs.
    """
    kept = [values[list(rows)][recorded[list(rows)]] for rows in alike]
    check_runs(most := max(1, *map(len, kept)))
    found = np.full((len(kept), most, values.shape[2]), np.nan, dtype=np.float32)
    for place, runs in enumerate(kept):
        found[place, : len(runs)] = runs
    return found


def means(values: Floats, alike: Alike) -> Floats:
    """The mean of the recorded values, `(rows,)`, of each architecture; NaN if there are none."""
    known = [column[~np.isnan(column)] for column in (values[list(rows)].astype(np.float64) for rows in alike)]
    return np.array([column.mean() if len(column) else np.nan for column in known], dtype=np.float32)
