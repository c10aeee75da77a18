"""Splits are those of scikit-learn, draw for draw."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from nas.data.held_out import held_out, held_out_groups


@given(st.data())
def test_splits_are_those_of_scikit_learn(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(2, 30), min_size=1, max_size=6))
    seed = data.draw(st.integers(0, 2**32 - 1))
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = data.draw(st.integers(len(sizes), len(labels) - len(sizes)))
    stratify = labels if len(sizes) > 1 else None
    _, expected = train_test_split(np.arange(len(labels)), test_size=count, random_state=seed, stratify=stratify)
    assert held_out(labels, count, seed=seed).tolist() == sorted(expected)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=50), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_splits_of_groups_are_those_of_scikit_learn(numbers: list[int], share: float, seed: int) -> None:
    groups = np.array([*numbers, 10])
    found = held_out_groups(groups, share, seed=seed)
    kept = np.setdiff1d(groups, groups[found])
    assert len(kept) >= 1
    assert not set(kept) & set(groups[found])
    if len(found) and math.ceil(share * len(set(numbers) | {10})) < len(set(numbers) | {10}):
        ((_, expected),) = GroupShuffleSplit(1, test_size=share, random_state=seed).split(groups, groups=groups)
        assert found.tolist() == sorted(expected)
