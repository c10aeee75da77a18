import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nas.errors import UsageError
from nas.statistics.ranks import block_ranks, blocks_needed, cliques, critical_difference, friedman

# Twelve blocks of four controllers, with ties.
VALUES = np.array(
    [
        [-4, 3, 12, 4],
        [3, 2, 3, 13],
        [-2, 2, 8, 10],
        [7, 3, 1, 8],
        [4, 5, 8, 7],
        [2, 8, 3, 7],
        [1, 12, 12, 8],
        [1, 4, 9, 10],
        [2, 10, 7, 13],
        [4, 4, 6, 4],
        [7, 12, 6, 9],
        [-2, 8, 7, 15],
    ],
    dtype=float,
)
RANKS = block_ranks(VALUES.T[None])


def test_as_autorank_and_scikit_posthocs() -> None:
    """Golden values: `autorank(VALUES, order="ascending", force_mode="nonparametric")`, autorank 1.3.0, and of the
    pairs `posthoc_nemenyi_friedman(VALUES)`, scikit-posthocs 0.17.1, p for the first and the last, and the third."""
    found = friedman(RANKS)
    assert found.mean_ranks == pytest.approx([1.4583333333333333, 2.5416666666666665, 2.6666666666666665, 3.3333333333])
    assert found.p == pytest.approx(0.0033268655026822383)
    assert found.blocks == 12
    assert critical_difference(4, 12) == pytest.approx(1.3539901117469855, rel=1e-4)  # its q is tabled
    assert critical_difference(4, 12, alpha=0.0021198008688987358) == pytest.approx(
        found.mean_ranks[3] - found.mean_ranks[0], rel=1e-5
    )
    assert critical_difference(4, 12, alpha=0.09969438011735166) == pytest.approx(
        found.mean_ranks[2] - found.mean_ranks[0], rel=1e-5
    )
    assert cliques(found.mean_ranks, critical_difference(4, 12)) == ((0, 1, 2), (1, 2, 3))


def test_as_scipy() -> None:
    found, expected = friedman(RANKS), stats.friedmanchisquare(*VALUES.T)
    assert (found.statistic, found.p) == pytest.approx((expected.statistic, expected.pvalue))


@pytest.mark.parametrize(
    ("controllers", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (8, 3.031), (10, 3.164)]
)
def test_the_critical_values_of_demsar(controllers: int, q: float) -> None:
    """Table 5(a) of Demšar (2006): q / sqrt(2) at 0.05."""
    blocks = 10
    scale = np.sqrt(controllers * (controllers + 1) / (6 * blocks))
    assert critical_difference(controllers, blocks) / scale == pytest.approx(
        q, abs=1.5e-3
    )  # q itself is tabled to 0.001


def test_blocks_are_seeds_or_problems() -> None:
    values = np.array([[[1, 5, 3], [2, 4, 9]], [[10, 50, 90], [20, 60, 30]]], dtype=float)  # (2 problems, 2, 3 seeds)
    # Seed 1: first is higher on one problem and lower on the other. Seed 2: lower, then higher.
    np.testing.assert_array_equal(block_ranks(values), [[1, 2], [1.5, 1.5], [1.5, 1.5]])
    np.testing.assert_array_equal(block_ranks(values, "problems"), [[1, 2], [2, 1]])


def test_floating_point_makes_no_rank() -> None:
    np.testing.assert_array_equal(block_ranks([[[0.1 + 0.2], [0.3], [0.5]]]), [[1.5, 1.5, 3]])


def test_all_tied() -> None:
    found = friedman(block_ranks(np.ones((1, 3, 10))))
    assert (found.p, found.statistic, found.mean_ranks.tolist()) == (1, 0, [2, 2, 2])


def test_order_of_seeds_and_controllers() -> None:
    other = friedman(block_ranks(VALUES.T[None, ::-1, ::-1]))
    found = friedman(RANKS)
    assert other.p == pytest.approx(found.p)
    assert other.mean_ranks == pytest.approx(found.mean_ranks[::-1])


def test_problems_that_go_together_make_no_evidence() -> None:
    # 400 experiments without a difference, four controllers, three problems on which a seed does much the same. Seeds
    # as blocks: at most 5 %, 20 +- 4.4 of 400; 38 is four standard errors above (by luck: once in 30,000). Problems x
    # seeds as blocks reject in some 40 %.
    rng = np.random.default_rng(0)
    seeds = runs = 0
    for _ in range(400):
        values = rng.normal(size=(1, 4, 20)) + 0.3 * rng.normal(size=(3, 4, 20))
        seeds += friedman(block_ranks(values)).p <= 0.05
        runs += friedman(np.concatenate([block_ranks(problem[None]) for problem in values])).p <= 0.05
    assert seeds <= 38
    assert runs > 100


def test_too_few_of_something() -> None:
    assert blocks_needed(3) == 3
    with pytest.raises(UsageError, match=r"2 blocks are too few: .* fewer than 3"):
        friedman([[1, 2, 3], [1, 2, 3]])
    assert friedman([[1, 2, 3]] * 3).p <= 0.05
    with pytest.raises(UsageError, match="three controllers or more, got 2"):
        friedman([[1, 2]] * 9)
    with pytest.raises(UsageError, match="two controllers and two blocks or more, got 1 and 10"):
        critical_difference(1, 10)
    with pytest.raises(UsageError, match="expected an array of 3 dimensions"):
        block_ranks(VALUES)


def test_cliques() -> None:
    assert cliques([1.0, 3.0, 2.0, 4.0], 1.0) == ((0, 2), (2, 1), (1, 3))
    assert cliques([1.0, 2.0, 3.0], 0.5) == ()
    assert cliques([1.0, 2.0, 3.0], 2) == ((0, 1, 2),)
    assert cliques([2.0, 2.0, 2.0], 0) == ((0, 1, 2),)


@given(
    st.lists(st.integers(2, 12).map(lambda n: n / 2), min_size=1, max_size=6), st.integers(0, 8).map(lambda n: n / 2)
)
def test_cliques_are_all_that_is_not_told_apart(means: list[float], difference: float) -> None:
    groups = [set(group) for group in cliques(means, difference)]
    for i, one in enumerate(means):
        for j, other in enumerate(means):
            if i != j:
                assert any({i, j} <= group for group in groups) == (abs(one - other) <= difference)
    assert not any(one < other for one in groups for other in groups)
