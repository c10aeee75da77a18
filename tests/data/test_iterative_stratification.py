"""Iterative stratification: shares of rare and frequent labels, sizes, and what a seed decides."""

import numpy as np
import pytest

from nas.data.iterative_stratification import stratified_parts

RNG = np.random.default_rng(0)
RATES = np.array([0.5, 0.2, 0.05, 0.01])
LABELS = (RNG.uniform(size=(600, 4)) < RATES).astype(np.uint8)


@pytest.mark.parametrize("shares", [(0.8, 0.2), (0.25, 0.25, 0.25, 0.25), (0.6, 0.3, 0.1)])
def test_each_label_has_its_share_of_each_part(shares: tuple[float, ...]) -> None:
    parts = stratified_parts(LABELS, shares, seed=0)
    for part, share in enumerate(shares):
        rows = parts == part
        assert rows.sum() == pytest.approx(600 * share, abs=3)
        assert LABELS[rows].sum(axis=0) == pytest.approx(LABELS.sum(axis=0) * share, abs=1.5)


def test_random_parts_are_farther_from_the_shares() -> None:
    """Of 20 draws, the mean distance of stratified parts is below a third of that of random ones."""

    def distance(rows: np.ndarray) -> float:
        return float(np.abs(LABELS[rows].mean(axis=0) / LABELS.mean(axis=0) - 1).mean())

    stratified = [distance(stratified_parts(LABELS, (0.8, 0.2), seed=seed) == 1) for seed in range(20)]
    random = [distance(np.random.default_rng(seed).permutation(600) < 120) for seed in range(20)]
    assert np.mean(stratified) < np.mean(random) / 3


def test_a_rare_label_goes_to_the_large_part_first() -> None:
    labels = np.zeros((20, 2), np.uint8)
    labels[3, 0] = labels[:10, 1] = 1
    for seed in range(5):
        assert stratified_parts(labels, (0.8, 0.2), seed=seed)[3] == 0


def test_a_seed_decides() -> None:
    first, again, other = (stratified_parts(LABELS, (0.5, 0.5), seed=seed) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
