"""Iterative stratification: splits of samples with several labels, in which each label has its share of each part.

Sechidis, Tsoumakas & Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011, algorithm 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def stratified_parts(labels: NDArray[Any], shares: Sequence[float], *, seed: int) -> NDArray[np.intp]:
    """The part of each sample, `(N,)`.

    The label with the fewest samples that have no part yet is served first. Each of its samples goes to the part that
    lacks most of the label, of several to the one that lacks most samples, of several to one drawn at random. Sizes of
    parts are within a few samples of their shares.

    Args:
        labels: 0 or 1 for each sample and label, `(N, K)`.
        shares: of the samples, one for each part; their sum is 1.
        seed: in [0, 2³²).
    """
    rng = np.random.RandomState(seed)
    having = labels.astype(bool)
    wanted = np.outer(shares, having.sum(axis=0))  # samples with each label that a part still lacks
    room = np.array(shares) * len(labels)
    parts = np.full(len(labels), -1, np.intp)
    remaining = having.sum(axis=0)
    while remaining.any():
        label = int(np.where(remaining > 0, remaining, len(labels) + 1).argmin())
        served = rng.permutation(np.flatnonzero(having[:, label] & (parts < 0)))
        for sample in served:
            part = _neediest(wanted[:, label], room, rng)
            parts[sample] = part
            wanted[part, having[sample]] -= 1
            room[part] -= 1
        remaining = remaining - having[served].sum(axis=0)
    for sample in rng.permutation(np.flatnonzero(parts < 0)):
        parts[sample] = part = _neediest(room, room, rng)
        room[part] -= 1
    return parts


def alike_in(labels: NDArray[Any]) -> Sequence[int]:
    """The labels that all samples of a table of 0 and 1 `(N, K)` have, or none: a network could not learn them."""
    having = labels.sum(axis=0, dtype=np.int64)
    found: list[int] = np.flatnonzero((having == 0) | (having == len(labels))).tolist()
    return found


def _neediest(wanted: NDArray[np.float64], room: NDArray[np.float64], rng: np.random.RandomState) -> int:
    best = np.flatnonzero(wanted >= wanted.max() - 1e-9)
    if len(best) > 1:
        best = best[room[best] >= room[best].max() - 1e-9]
    return int(best[0] if len(best) == 1 else rng.choice(best))
