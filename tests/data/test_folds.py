"""Folds: those of scikit-learn, of all samples but the test part."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import (
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from nas.data import Dataset, Samples, from_arrays
from nas.data.folds import Fold, check_folds, fewest, make_folds
from nas.errors import UsageError

RNG = np.random.default_rng(0)
LABELS = RNG.permutation(np.repeat([0, 1, 2], [50, 30, 10]))
GROUPS = RNG.integers(0, 20, 90)
PLACES = np.zeros((90, 1))


def _data(*, groups: Any = None, labels: Any = LABELS, task: str = "classification") -> Dataset:
    """70 training samples and 20 validation samples, in the order of the arguments."""
    inputs = np.arange(90.0)[:, None]
    parts = (
        {"groups": None, "val_groups": None} if groups is None else {"groups": groups[:70], "val_groups": groups[70:]}
    )
    return from_arrays(inputs[:70], labels[:70], val=(inputs[70:], labels[70:]), task=task, **parts)


def _same(found: tuple[Fold, ...], expected: Any) -> bool:
    pairs = list(zip(found, expected, strict=True))
    return all(np.array_equal(one.train, train) and np.array_equal(one.val, val) for one, (train, val) in pairs)


def test_folds_of_classes_are_stratified() -> None:
    assert _same(
        make_folds(_data(), folds=4, seed=3), StratifiedKFold(4, shuffle=True, random_state=3).split(PLACES, LABELS)
    )
    repeated = RepeatedStratifiedKFold(n_splits=4, n_repeats=3, random_state=3)
    assert _same(make_folds(_data(), folds=4, repeats=3, seed=3), repeated.split(PLACES, LABELS))


def test_folds_of_values_are_not() -> None:
    data = _data(labels=LABELS + 0.5, task="regression")
    assert _same(make_folds(data, folds=7, seed=1), KFold(7, shuffle=True, random_state=1).split(PLACES))
    repeated = RepeatedKFold(n_splits=7, n_repeats=2, random_state=1)
    assert _same(make_folds(data, folds=7, repeats=2, seed=1), repeated.split(PLACES))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_group_is_in_one_fold_of_each_repetition(task: str) -> None:
    data = _data(groups=GROUPS, labels=LABELS if task == "classification" else LABELS + 0.5, task=task)
    found = make_folds(data, folds=4, repeats=2, seed=5)
    random = np.random.RandomState(5)
    strata = LABELS if task == "classification" else np.zeros(90, int)
    expected = [
        pair
        for _ in range(2)
        for pair in StratifiedGroupKFold(4, shuffle=True, random_state=random).split(PLACES, strata, GROUPS)
    ]
    assert _same(found, expected)
    for fold in found:
        assert not set(GROUPS[fold.train]) & set(GROUPS[fold.val])
    sizes = [len(fold.val) for fold in found]
    assert max(sizes) - min(sizes) <= max(np.bincount(GROUPS))
    assert fewest(found) == 90 - max(sizes)


def test_each_row_is_validated_on_once_in_each_repetition() -> None:
    for groups in (None, GROUPS):
        found = make_folds(_data(groups=groups), folds=5, repeats=2)
        for fold in found:
            assert sorted([*fold.train, *fold.val]) == list(range(90))
        for repetition in (found[:5], found[5:]):
            assert sorted(np.concatenate([fold.val for fold in repetition])) == list(range(90))
        assert not np.array_equal(found[0].val, found[5].val)


def test_folds_of_a_seed_are_frozen() -> None:
    """The result of a trial follows from them, so that another version of scikit-learn must make the same."""
    digests = {}
    for name, data in (("plain", _data()), ("grouped", _data(groups=GROUPS))):
        rows = np.concatenate([fold.val for fold in make_folds(data, folds=3, repeats=2, seed=11)])
        digests[name] = hashlib.sha256(rows.tobytes()).hexdigest()[:16]
    assert digests == {"plain": "5f41f83a4628395a", "grouped": "ce8182d4d528b030"}


def test_the_test_part_is_not_read() -> None:
    data = _data()
    test = Samples(np.full((4, 1), np.nan), np.full(4, -1))
    for one, other in zip(make_folds(data, folds=3), make_folds(replace(data, test=test), folds=3), strict=True):
        assert np.array_equal(one.val, other.val)


def test_rare_classes() -> None:
    """Fewer samples than folds are accepted, as by scikit-learn; a class that a fold takes away is not."""
    labels = np.repeat([0, 1], [87, 3])
    found = make_folds(_data(labels=labels[np.random.default_rng(0).permutation(90)]), folds=5)
    assert len(found) == 5
    with pytest.raises(UsageError, match=r"^folds: expected two or more samples of each class, got one of '1'$"):
        check_folds(_data(labels=np.repeat([0, 1, 0], [5, 1, 84])), 2)


@pytest.mark.parametrize(
    ("data", "folds", "message"),
    [
        (_data(labels=LABELS + 0.5, task="regression"), 91, "expected at most 90, the number of samples, got 91"),
        (_data(groups=GROUPS % 3), 4, "expected at most 3, the number of groups, got 4"),
        (_data(), 51, "expected at most 50, the samples of the largest class, got 51"),
    ],
)
def test_too_many_folds(data: Dataset, folds: int, message: str) -> None:
    with pytest.raises(UsageError, match=f"^folds: {message}$"):
        make_folds(data, folds=folds)


def test_a_class_within_one_group() -> None:
    """All samples of class 2 are in a group of their own, so that one fold would train without it."""
    groups = np.where(LABELS == 2, 99, GROUPS)
    with pytest.raises(UsageError, match=r"^fold \d of 3: no sample to train on would remain of '2', whose groups are"):
        make_folds(_data(groups=groups), folds=3)


def _timed(times: Any, labels: Any = LABELS) -> Dataset:
    return replace(_data(labels=labels, task="auto"), times=np.asarray(times))


@pytest.mark.parametrize("folds", [2, 4, 7])
def test_folds_by_time_are_those_of_time_series_split(folds: int) -> None:
    assert _same(make_folds(_timed(np.arange(90), LABELS + 0.5), folds=folds), TimeSeriesSplit(folds).split(PLACES))
    order = np.random.default_rng(1).permutation(90)  # rows need not be in the order of their times
    dates = np.datetime64("2024-01-01") + np.argsort(order)
    found = make_folds(_timed(dates, LABELS + 0.5), folds=folds)
    for fold, (train, val) in zip(found, TimeSeriesSplit(folds).split(PLACES), strict=True):
        assert set(fold.train) == set(order[train])
        assert set(fold.val) == set(order[val])


def test_no_row_of_a_fold_is_trained_on_at_or_after_the_time_of_one_that_is_validated_on() -> None:
    times = np.random.default_rng(0).integers(0, 12, 90)
    for fold in make_folds(_timed(times, LABELS + 0.5), folds=4):
        assert times[fold.train].max() < times[fold.val].min()
        assert np.all(np.diff(fold.train) > 0)


@pytest.mark.parametrize(
    ("data", "folds", "repeats", "message"),
    [
        (_timed(np.arange(90) // 30), 3, 1, "^folds: expected fewer than 3, the number of different times, got 3"),
        (_timed(np.arange(90)), 3, 2, "^repeats: folds by time are not drawn, .*expected 1, got 2"),
        (_timed([0] * 80 + [*range(1, 11)]), 4, 1, "^fold 1 of 4 has 0 samples .*: too many have the same time$"),
        (
            _timed(np.arange(90), np.repeat([0, 1, 2], 30)),
            4,
            1,
            "^fold 1 of 4: no sample .* of '1', '2', whose samples come",
        ),
        (replace(_data(groups=GROUPS), times=np.arange(90)), 3, 1, "^folds: samples are divided by groups or by time"),
    ],
)
def test_times_that_allow_no_folds(data: Dataset, folds: int, repeats: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_folds(data, folds=folds, repeats=repeats)
