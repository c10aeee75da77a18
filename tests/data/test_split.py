"""How samples are divided: stratified, by groups, by time."""

from typing import Any

import numpy as np
import pytest

from nas.data import Samples
from nas.data.split import divide
from nas.errors import UsageError


def split(samples: Samples, share: float, *, what: str = "share", classes: Any = None, **options: Any) -> Any:
    parts = divide(samples.targets, len(samples), share, what=what, classes=classes, **options)
    return [Samples(samples.inputs[rows], samples.targets[rows]) for rows in parts]


def _samples(counts: dict[int, int]) -> Samples:
    """Flat samples that are their own number, in a mixed order; `counts` has the number of each label."""
    labels = np.repeat(list(counts), list(counts.values()))
    order = np.random.default_rng(0).permutation(len(labels))
    return Samples(np.arange(len(labels), dtype=np.float32)[:, None], labels[order].astype(np.int64))


@pytest.mark.parametrize("counts", [{0: 50, 1: 50}, {0: 90, 1: 10}, {0: 30, 1: 5, 4: 65}, {3: 7, 9: 13}])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_split_is_complete_disjoint_and_stratified(counts: dict[int, int], share: float) -> None:
    samples = _samples(counts)
    first, second = split(samples, share, seed=3)
    found = np.concatenate([first.inputs, second.inputs])[:, 0]
    assert sorted(found) == list(range(len(samples)))
    assert len(second) == int(np.ceil(share * len(samples)))
    for part in (first, second):
        # Inputs are their own numbers, so this says that each has kept its label and its place.
        assert (samples.targets[part.inputs[:, 0].astype(int)] == part.targets).all()
        assert (np.diff(part.inputs[:, 0]) > 0).all()
    for label, count in counts.items():
        assert abs((second.targets == label).sum() - share * count) <= 1


def test_split_follows_from_its_seed() -> None:
    samples = _samples({0: 60, 1: 40})
    state = repr(np.random.get_state(legacy=True))
    once, again, other = (split(samples, 0.2, seed=seed)[1].inputs for seed in (5, 5, 6))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert repr(np.random.get_state(legacy=True)) == state


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_split_refuses_a_share_that_is_none(share: float) -> None:
    with pytest.raises(UsageError, match=r"^val_share must be between 0 and 1, got"):
        split(_samples({0: 5, 1: 5}), share, seed=0, what="val_share")


@pytest.mark.parametrize(
    ("counts", "share", "message"),
    [
        ({0: 9, 1: 1}, 0.2, "10 samples cannot be split by 0.2: expected two or more of each class, got one of 'dog'"),
        (
            {0: 1, 1: 1},
            0.2,
            "2 samples cannot be split by 0.2: expected two or more of each class, got one of 'cat', 'd",
        ),
        (
            {0: 2, 1: 2},
            0.2,
            "4 samples cannot be split by 0.2: expected parts with at least one of each of the 2 classes, got 3 and 1",
        ),
        ({0: 90, 1: 2}, 0.9, "92 samples cannot be split by 0.9: no training sample would remain of 'dog'"),
    ],
)
def test_split_refuses_a_class_that_cannot_be_in_both_parts(counts: dict[int, int], share: float, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        split(_samples(counts), share, seed=0, what="test_share", classes=["cat", "dog"])
    assert str(caught.value).startswith(f"test_share: {message}")


def test_split_calls_classes_by_their_numbers_where_they_have_no_names() -> None:
    with pytest.raises(UsageError, match=r"got one of 3, 1000000000000;"):
        split(_samples({0: 9, 3: 1, 10**12: 1}), 0.2, seed=0)


def test_the_last_samples_are_held_out_by_time_and_equal_times_stay_together() -> None:
    times = np.array([5, 1, 3, 4, 4, 2])
    first, second = divide(None, 6, 0.3, seed=0, what="val_share", classes=None, times=times)
    assert second.tolist() == [0, 3, 4]
    assert first.tolist() == [1, 2, 5]
    days = np.array(["2020-01-03", "2020-01-01", "2020-01-02"], "datetime64[D]")
    assert divide(None, 3, 0.1, seed=0, what="val_share", classes=None, times=days)[1].tolist() == [0]
    with pytest.raises(UsageError, match="by time: all of them, or too many of the first ones, have the same time"):
        divide(None, 3, 0.3, seed=0, what="val_share", classes=None, times=np.zeros(3))


def test_groups_and_times_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="divided by groups or by time, not by both"):
        divide(None, 2, 0.5, seed=0, what="val_share", classes=None, groups=np.arange(2), times=np.arange(2))


def test_classes_that_look_like_several_labels() -> None:
    hint = "got one of 'cat;dog'; with `task: multilabel`, what is between ';' are labels"
    with pytest.raises(UsageError, match=hint):
        split(_samples({0: 9, 1: 1}), 0.2, seed=0, classes=["cat", "cat;dog"])


def test_a_part_of_several_labels_that_would_be_empty() -> None:
    labels = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0]], np.uint8)
    with pytest.raises(UsageError, match=r"val_share: 5 samples cannot be split by 0.05: .* part would be empty"):
        divide(labels, 5, 0.05, seed=0, what="val_share", classes=["cat", "dog"])
