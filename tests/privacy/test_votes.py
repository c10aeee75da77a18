"""Noisy votes."""

import numpy as np

from nas.privacy.votes import error_of_unanimity, noisy_labels


def test_the_most_votes_win_but_for_noise() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(3, size=(25, 200))
    counts = np.stack([(votes == one).sum(axis=0) for one in range(3)], axis=1)
    clear = np.sort(counts, axis=1)[:, -1] > np.sort(counts, axis=1)[:, -2]
    assert (noisy_labels(votes, 3, 1e-9, rng) == counts.argmax(axis=1))[clear].all()
    unanimous = np.zeros((20, 4000), dtype=np.intp)
    wrong = (noisy_labels(unanimous, 3, 12.0, rng) != 0).mean()
    assert 0.5 * error_of_unanimity(12.0, 20, 3) < wrong <= error_of_unanimity(12.0, 20, 3)
