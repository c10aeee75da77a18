"""Folds of a cross-validation: divisions of the pool of a data set, as scikit-learn makes them.

The splitters are scikit-learn's, which is imported when folds are made; it has none for several labels. Folds by time
are those of its `TimeSeriesSplit`, which knows neither times nor samples of one time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.dataset import Dataset
from nas.data.iterative_stratification import alike_in, stratified_parts
from nas.data.pool import Rows
from nas.data.streamed import Streamed
from nas.errors import UsageError, few


@dataclass(frozen=True, eq=False)
class Fold:
    """A division of the pool of a data set.

    Attributes:
        train: the rows to train on, ascending.
        val: the rows to validate on, ascending: the others, or of data with times, those that come next.
    """

    train: Rows
    val: Rows


def check_folds(data: Dataset, folds: int, repeats: int = 1) -> None:
    """Raises UsageError if the pool of a data set cannot be divided into so many folds. Does not load scikit-learn.

    Stratified folds take two samples of each class, so that each class occurs in the training rows of each fold; of
    samples with several labels, two with and two without each label. Folds by time take a block of samples more than
    there are folds, and are not repeated.
    """
    if isinstance(data.train.inputs, Streamed):
        raise UsageError("folds: these data are streamed; cross-validation takes `storage` memory or mapped")
    samples = len(data.train) + len(data.val)
    if data.times is not None:
        if data.groups is not None:
            raise UsageError("folds: samples are divided by groups or by time, not by both")
        if repeats > 1:
            raise UsageError(f"repeats: folds by time are not drawn, so all would be alike; expected 1, got {repeats}")
        if folds >= (moments := len(np.unique(data.times))):
            raise UsageError(f"folds: expected fewer than {moments}, the number of different times, got {folds}")
        return
    if folds > samples:
        raise UsageError(f"folds: expected at most {samples}, the number of samples, got {folds}")
    if data.groups is not None and folds > (groups := len(np.unique(data.groups))):
        raise UsageError(f"folds: expected at most {groups}, the number of groups, got {folds}")
    if data.task.stratified and _targets(data).ndim == 2:
        having = _targets(data).sum(axis=0, dtype=np.int64)
        if len(lone := np.flatnonzero((having < 2) | (having > samples - 2))):
            names = few(repr(data.outputs[label]) for label in lone)
            raise UsageError(f"folds: expected two or more samples with and without each label, got fewer of {names}")
    elif data.task.stratified:
        counts = np.bincount(_targets(data), minlength=len(data.outputs))
        if folds > counts.max():
            raise UsageError(f"folds: expected at most {counts.max()}, the samples of the largest class, got {folds}")
        if len(lone := np.flatnonzero(counts < 2)):
            names = few(repr(data.outputs[label]) for label in lone)
            raise UsageError(f"folds: expected two or more samples of each class, got one of {names}")


def make_folds(data: Dataset, *, folds: int, repeats: int = 1, seed: int = 0) -> tuple[Fold, ...]:
    """The folds of the training and validation samples, `folds` times `repeats` of them; the test part is not read.

    Each repetition divides the pool anew: each row is validated on in one fold of each repetition. If the data set has
    groups, all samples of a group are in the same fold. For classification, folds have the proportions of the classes,
    with groups as far as these allow; of samples with several labels, those of the labels, unless there are groups.

    The folds equal those of `RepeatedStratifiedKFold` (classification) and `RepeatedKFold` (regression); with groups,
    those of a shuffled `StratifiedGroupKFold` for each repetition, which except for classification balances the sizes
    alone. Several labels are divided by iterative stratification (Sechidis et al. 2011).

    If the data set has times, folds are those of `TimeSeriesSplit`: the rows in the order of their times are
    `folds` + 1 blocks of one size, the first of which takes the remainder. A fold validates on the next block after
    those that it trains on; the first block is never validated on. Rows of one time are in one block, the later one.

    Args:
        data: the data set.
        folds: the number of folds, 2 or more.
        repeats: the number of repetitions.
        seed: of the divisions, in [0, 2³²).

    Raises:
        UsageError: `check_folds` fails; or groups or times are such that a fold is empty, or that no sample of a class
            remains to train on.
    """
    check_folds(data, folds, repeats)
    count = len(data.train) + len(data.val)
    labels = _targets(data) if data.task.stratified else None
    made: list[Fold] = []
    divisions = (
        _divisions(labels, data.groups, count, folds, repeats, seed)
        if data.times is None
        else _blocks(data.times, folds)
    )
    why = "whose groups are all in the fold" if data.times is None else "whose samples come later; fewer folds help"
    for train, val in divisions:
        place = f"fold {len(made) + 1} of {folds * repeats}"
        if not len(val) or len(train) < 2:
            alike = "" if data.times is None else ": too many have the same time"
            raise UsageError(f"{place} has {len(train)} samples to train on and {len(val)} to validate on{alike}")
        if labels is not None and labels.ndim == 2:
            if lacking := alike_in(labels[train]):
                names = few(repr(data.outputs[label]) for label in lacking)
                raise UsageError(f"{place}: of the samples to train on, all or none would have {names}")
        elif labels is not None and len(gone := np.setdiff1d(np.arange(len(data.outputs)), labels[train])):
            names = few(repr(data.outputs[label]) for label in gone)
            raise UsageError(f"{place}: no sample to train on would remain of {names}, {why}")
        made.append(Fold(train.astype(np.int64), val.astype(np.int64)))
    return tuple(made)


def _divisions(
    labels: NDArray[Any] | None, groups: NDArray[Any] | None, count: int, folds: int, repeats: int, seed: int
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    table, labels = (labels, None) if labels is not None and labels.ndim == 2 else (None, labels)
    if table is not None and groups is None:
        for repeat in range(repeats):
            parts = stratified_parts(table, [1 / folds] * folds, seed=(seed + repeat) % 2**32)
            yield from ((np.flatnonzero(parts != fold), np.flatnonzero(parts == fold)) for fold in range(folds))
        return

    import warnings

    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold, StratifiedGroupKFold

    places = np.zeros((count, 1))
    with warnings.catch_warnings():
        # About classes with fewer samples than there are folds: some folds are validated without them.
        warnings.simplefilter("ignore", UserWarning)
        if groups is not None:
            targets = np.zeros(count, np.int64) if labels is None else labels
            random = np.random.RandomState(seed)
            for _ in range(repeats):
                yield from StratifiedGroupKFold(folds, shuffle=True, random_state=random).split(places, targets, groups)
        elif labels is not None:
            yield from RepeatedStratifiedKFold(n_splits=folds, n_repeats=repeats, random_state=seed).split(
                places, labels
            )
        else:
            yield from RepeatedKFold(n_splits=folds, n_repeats=repeats, random_state=seed).split(places)


def _blocks(times: NDArray[Any], folds: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """For each block of rows but the first one, the rows before it, and its own."""
    size = len(times) // (folds + 1)
    limits = np.sort(times)[len(times) - size * np.arange(folds, 0, -1)]
    for place, limit in enumerate(limits):
        later = times >= limit
        ends = times < limits[place + 1] if place + 1 < folds else np.ones(len(times), bool)
        yield np.flatnonzero(~later), np.flatnonzero(later & ends)


def _targets(data: Dataset) -> NDArray[Any]:
    """The targets of the pool, without its inputs."""
    return np.concatenate([data.train.targets, data.val.targets])


def fewest(folds: Sequence[Fold]) -> int:
    """The number of training rows of the fold that has the fewest."""
    return min(len(fold.train) for fold in folds)
