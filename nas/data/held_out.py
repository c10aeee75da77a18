"""Splits as scikit-learn draws them, without the second that loading it takes: stratified ones, as `train_test_split`
draws, and those of groups, as `GroupShuffleSplit` does."""

import math

import numpy as np
from numpy.typing import NDArray


def held_out(labels: NDArray[np.intp], count: int, *, seed: int) -> NDArray[np.intp]:
    """The places of samples drawn at random, in ascending order, in proportion to the classes.

    The draws are those of `StratifiedShuffleSplit`; if there is one class, those of `ShuffleSplit`. Data sets are known
    by their contents, so the splits of a seed must stay.

    Args:
        labels: the class of each sample: integers from 0, each of which occurs.
        count: how many are held out, and how many are not: at least one for each class.
        seed: in [0, 2³²).
    """
    rng = np.random.RandomState(seed)
    sizes = np.bincount(labels)
    if len(sizes) == 1:
        return np.sort(rng.permutation(len(labels))[:count])
    kept = _shares(sizes, len(labels) - count, rng)
    held = _shares(sizes - kept, count, rng)
    drawn = []
    for label, size in enumerate(sizes):
        order = rng.permutation(size)[kept[label] : kept[label] + held[label]]
        drawn.append(np.flatnonzero(labels == label)[order])
    return np.sort(np.concatenate(drawn))


def held_out_groups(groups: NDArray[np.int64], share: float, *, seed: int) -> NDArray[np.intp]:
    """The places of the samples of groups drawn at random, in ascending order; the draws of `GroupShuffleSplit`.

    Args:
        groups: the group of each sample; two or more groups.
        share: the fraction of the groups that is held out, rounded up, but not all of them.
        seed: in [0, 2³²).
    """
    known = np.unique(groups)
    count = min(math.ceil(share * len(known)), len(known) - 1)
    drawn = known[np.random.RandomState(seed).permutation(len(known))[:count]]
    return np.flatnonzero(np.isin(groups, drawn))


def _shares(sizes: NDArray[np.intp], count: int, rng: np.random.RandomState) -> NDArray[np.intp]:
    """How many of `count` samples each class has: its share, rounded down or up, with ties broken at random."""
    exact = sizes / sizes.sum() * count
    shares: NDArray[np.intp] = np.floor(exact).astype(np.intp)
    missing = count - int(shares.sum())
    left = exact - shares
    for value in np.unique(left)[::-1]:
        if not missing:
            break
        tied = np.flatnonzero(left == value)
        taken = min(len(tied), missing)
        shares[rng.choice(tied, size=taken, replace=False)] += 1
        missing -= taken
    return shares
