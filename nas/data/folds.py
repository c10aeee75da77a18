"""Folds of a cross-validation: divisions of the pool of a data set, as scikit-learn makes them.

The splitters are scikit-learn's, which is imported when folds are made; it has none for several labels.
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
        val: the other rows, ascending, to validate on.
    """

    train: Rows
    val: Rows


def check_folds(data: Dataset, folds: int) -> None:
    """Raises UsageError if the pool of a data set cannot be divided into so many folds. Does not load scikit-learn.

    Stratified folds take two samples of each class, so that each class occurs in the training rows of each fold; of
    samples with several labels, two with and two without each label.
    """
    if data.timed:
        raise UsageError("folds: the data are divided by time, and folds are drawn at random; expected no `time`")
    if isinstance(data.train.inputs, Streamed):
        raise UsageError("folds: these data are streamed; cross-validation takes `storage` memory or mapped")
    samples = len(data.train) + len(data.val)
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

    Args:
        data: the data set.
        folds: the number of folds, 2 or more.
        repeats: the number of repetitions.
        seed: of the divisions, in [0, 2³²).

    Raises:
        UsageError: `check_folds` fails; or groups are such that a fold is empty, or that no sample of a class remains
            to train on.
    """
    check_folds(data, folds)
    count = len(data.train) + len(data.val)
    labels = _targets(data) if data.task.stratified else None
    made: list[Fold] = []
    for train, val in _divisions(labels, data.groups, count, folds, repeats, seed):
        place = f"fold {len(made) + 1} of {folds * repeats}"
        if not len(val) or len(train) < 2:
            raise UsageError(f"{place} has {len(train)} samples to train on and {len(val)} to validate on")
        if labels is not None and labels.ndim == 2:
            if alike := alike_in(labels[train]):
                names = few(repr(data.outputs[label]) for label in alike)
                raise UsageError(f"{place}: of the samples to train on, all or none would have {names}")
        elif labels is not None and len(gone := np.setdiff1d(np.arange(len(data.outputs)), labels[train])):
            names = few(repr(data.outputs[label]) for label in gone)
            raise UsageError(
                f"{place}: no sample to train on would remain of {names}, whose groups are all in the fold"
            )
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


def _targets(data: Dataset) -> NDArray[Any]:
    """The targets of the pool, without its inputs."""
    return np.concatenate([data.train.targets, data.val.targets])


def fewest(folds: Sequence[Fold]) -> int:
    """The number of training rows of the fold that has the fewest."""
    return min(len(fold.train) for fold in folds)
