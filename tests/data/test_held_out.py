"""Stratified splits are those of scikit-learn, draw for draw."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from nas.data.held_out import held_out


@given(st.data())
def test_splits_are_those_of_scikit_learn(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(2, 30), min_size=1, max_size=6))
    seed = data.draw(st.integers(0, 2**32 - 1))
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = data.draw(st.integers(len(sizes), len(labels) - len(sizes)))
    stratify = labels if len(sizes) > 1 else None
    _, expected = train_test_split(np.arange(len(labels)), test_size=count, random_state=seed, stratify=stratify)
    assert held_out(labels, count, seed=seed).tolist() == sorted(expected)
