"""Where the batches of an epoch begin and end. Importing this does not load torch."""

from collections.abc import Sequence


def bounds_of(samples: int, batch_size: int) -> Sequence[int]:
    """Where each batch begins, and where the last one ends. A batch of one sample has no variance for batch norm: it is
    left out."""
    starts = [start for start in range(0, samples, batch_size) if samples - start > 1]
    return [*starts, min(starts[-1] + batch_size, samples)]
