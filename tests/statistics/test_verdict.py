import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.statistics.significance import holm, wilcoxon
from nas.statistics.verdict import Outcome, Verdict, outcomes, verdict, verdicts

NAMES = ("q_learning", "random")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def runs(mean: float, seeds: int, seed: int) -> NDArray[np.float64]:
    return rng(seed).gamma(2, mean / 2, size=seeds)


def test_better_and_worse_in_words() -> None:
    first, second = runs(0.12, 100, 1), runs(0.57, 100, 2)
    found = verdict(first, second, NAMES, where="on nasbench201-cifar10-12")
    assert found.outcome == "better"
    assert found.sentence == (
        "q_learning is better than random on nasbench201-cifar10-12: mean regret 0.11 against 0.57 percentage points "
        "(difference 0.46, 95 % CI 0.38 to 0.55; Wilcoxon, p = 1e-23, 100 paired seeds; it wins in 93 % of pairs)"
    )
    mirrored = verdict(second, first, NAMES[::-1])
    assert mirrored.outcome == "worse"
    assert mirrored.sentence == (
        "random is worse than q_learning: mean regret 0.57 against 0.11 percentage points "
        "(difference 0.46, 95 % CI 0.38 to 0.55; Wilcoxon, p = 1e-23, 100 paired seeds; it wins in 7 % of pairs)"
    )


def test_not_shown_in_words() -> None:
    first, second = runs(0.40, 20, 7), runs(0.48, 20, 8)
    found = verdict(first, second, NAMES)
    assert found.outcome is Outcome.NOT_SHOWN
    assert found.sentence == (
        "not shown: q_learning against random: mean regret 0.28 against 0.38 percentage points (difference -0.10, "
        "95 % CI -0.22 to 0.03; Wilcoxon, p = 0.2, 20 paired seeds; q_learning wins in 55 % of pairs); with 20 "
        "seeds, a difference below 0.20 would be missed in more than one in five such comparisons; if the observed "
        "difference is the true one, about 93 seeds would show it"
    )
    assert "equal" not in found.sentence


def test_all_pairs_equal_is_not_equality() -> None:
    found = verdict(np.ones(10), np.ones(10), NAMES)
    assert found.outcome is Outcome.NOT_SHOWN
    assert (found.p, found.ties, found.wins, found.detectable, found.seeds_needed) == (1, 10, 0, None, None)
    assert found.sentence.endswith("all 10 pairs are equal, which says nothing about other seeds")


def test_a_difference_that_does_not_vary() -> None:
    found = verdict(np.zeros(6), np.full(6, 0.5), NAMES)
    assert found.outcome is Outcome.BETTER
    assert "difference 0.50, 95 % CI 0.50 to 0.50; Wilcoxon, p = 0.03, 6 paired seeds" in found.sentence


def test_where_test_and_mean_part_nothing_is_shown() -> None:
    # A little better in most pairs, far worse in a few: the test rejects, the mean says nothing.
    first = np.array([0.0] * 27 + [2.0] * 3)
    second = np.linspace(0.15, 0.25, 30)
    found = verdict(first, second, NAMES)
    assert found.corrected <= 0.05
    assert found.balance < 0
    assert found.outcome is Outcome.NOT_SHOWN
    assert "the test favours q_learning in the typical pair, but the mean difference is not shown" in found.sentence
    assert found.sentence.endswith("no affordable number of seeds would show the observed difference")


def test_what_these_seeds_can_show_in_words() -> None:
    found = verdict(runs(0.40, 20, 7), runs(0.48, 20, 8), NAMES)
    uneven = dataclasses.replace(found, detectable=0.01)
    assert uneven.sentence.endswith("the observed difference is larger, but varies too much between the pairs")
    beyond = dataclasses.replace(found, detectable=9.0, seeds_needed=None, power=0.9)
    assert (
        "a difference below 9.00 would be missed in more than 10 % of such comparisons; no affordable"
        in beyond.sentence
    )
    assert beyond.sentence.endswith("no affordable number of seeds would show the observed difference")


def test_ties_are_told() -> None:
    values = np.array([0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4])
    found = verdict(np.zeros(8), values, NAMES)
    assert (found.wins, found.ties) == (4, 4)
    assert "q_learning wins in 50 % of pairs and ties in 50 %)" in found.sentence


def mirror(found: Verdict) -> Verdict:
    outcome = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}.get(found.outcome, found.outcome)
    gap = found.difference
    return dataclasses.replace(
        found,
        first=found.second,
        second=found.first,
        outcome=outcome,
        first_mean=found.second_mean,
        second_mean=found.first_mean,
        difference=dataclasses.replace(gap, value=-gap.value, low=-gap.high, high=-gap.low),
        balance=-found.balance,
        wins=found.pairs - found.wins - found.ties,
        improvement=1 - found.improvement,
    )


@pytest.mark.parametrize("mean", [0.12, 0.3, 0.42, 2.0])
def test_swapping_controllers_mirrors_and_the_order_of_seeds_is_nothing(mean: float) -> None:
    first, second = runs(mean, 20, 5), runs(0.4, 20, 6)
    found, swapped = verdict(first, second, NAMES), verdict(second, first, NAMES[::-1])
    shuffled = verdict(first[::-1], second[::-1], NAMES)
    for other in (mirror(swapped), shuffled):
        for name, value in dataclasses.asdict(found).items():
            assert dataclasses.asdict(other)[name] == (value if isinstance(value, str) else pytest.approx(value)), name


def test_over_several_problems_a_seed_counts_once() -> None:
    values = np.stack([[runs(0.2, 12, 10 * problem + c) for c in range(2)] for problem in range(3)])
    found = verdict(values[:, 0], values[:, 1], NAMES)
    assert found.pairs == 12
    assert found.first_mean == pytest.approx(values[:, 0].mean())
    assert found.p == wilcoxon(values[:, 0].mean(0), values[:, 1].mean(0)).p
    # Three copies of a problem are no more evidence than one.
    assert verdict(values[:1, 0], values[:1, 1], NAMES).p == pytest.approx(
        verdict(np.repeat(values[:1, 0], 3, 0), np.repeat(values[:1, 1], 3, 0), NAMES).p
    )


def test_all_pairs_are_one_family() -> None:
    values = np.stack(
        [[runs(mean, 30, 10 * problem + c) for c, mean in enumerate((0.2, 0.3, 0.6))] for problem in range(2)]
    )
    names, problems = ["a", "b", "c"], ["t", "u"]
    found = verdicts(values, names, problems)
    assert [(v.first, v.second) for v in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [v.corrected for v in found] == pytest.approx(holm([v.p for v in found]))
    assert all(v.comparisons == 3 and v.where == "over the mean of 2 problems" for v in found)
    assert "Holm-corrected p" in found[0].sentence
    each = verdicts(values, names, problems, over="each")
    assert [v.where for v in each] == ["on t"] * 3 + ["on u"] * 3
    assert [v.corrected for v in each] == pytest.approx(holm([v.p for v in each]))
    control = verdicts(values, names, problems, against="a")
    assert [(v.first, v.second, v.comparisons) for v in control] == [("b", "a", 2), ("c", "a", 2)]
    assert verdicts(values[:1, :2], names[:2], ["t"])[0] == verdict(
        values[0, 0], values[0, 1], ("a", "b"), where="on t"
    )


def test_outcomes_are_those_of_verdicts() -> None:
    values = np.stack([runs(mean, 15, 20 + c) for c, mean in enumerate((0.1, 0.3, 0.35, 1.2))])
    found = verdicts(values[None], list("abcd"), ["t"])
    alone = outcomes(values)
    assert {(one.first, one.second): one.outcome for one in found} == {
        ("abcd"[i], "abcd"[j]): outcome for (i, j), outcome in alone.items()
    }
    assert {Outcome.BETTER, Outcome.NOT_SHOWN} <= set(alone.values())
    assert outcomes(values[:1]) == {}
    with pytest.raises(UsageError, match="too few"):
        outcomes(values[:, :7])


def test_the_family_is_wrong_no_more_often_than_stated() -> None:
    # 200 experiments of four equal controllers, six pairs, 12 seeds: any "better" or "worse" in at most 5 %, 10 +- 3.1;
    # 23 is four standard errors above (by luck: once in 10,000). Less is found, exact tests of 12 pairs being coarse.
    values = rng(9).gamma(1, size=(200, 1, 4, 12))
    wrong = sum(
        any(holm([wilcoxon(a, b).p for i, a in enumerate(study[0]) for b in study[0][i + 1 :]]) <= 0.05)
        for study in values
    )
    assert wrong <= 23
    for study in values[:20]:
        for found in verdicts(study, list("abcd"), ["t"]):
            assert found.outcome is Outcome.NOT_SHOWN or found.corrected <= 0.05


def test_errors() -> None:
    with pytest.raises(UsageError, match="5 paired seeds are too few"):
        verdict(np.zeros(5), np.ones(5), NAMES)
    values = rng().random((1, 4, 7))
    with pytest.raises(UsageError, match=r"7 paired seeds are too few: .* p <= 0\.00833 with fewer than 8"):
        verdicts(values, list("abcd"), ["t"])
    with pytest.raises(UsageError, match=r"shape \(1, 4, 7\), for 2 problems and 4 controllers"):
        verdicts(values, list("abcd"), ["t", "u"])
    with pytest.raises(UsageError, match="there is no controller 'e'; there are a, b, c, d"):
        verdicts(values, list("abcd"), ["t"], against="e")
    with pytest.raises(UsageError, match="at least two controllers"):
        verdicts(values[:, :1], ["a"], ["t"])
    with pytest.raises(UsageError, match="do not pair up"):
        verdict(np.zeros(8), np.zeros(9), NAMES)
    with pytest.raises(UsageError, match="not finite"):
        verdict(np.zeros(8), np.full(8, np.nan), NAMES)
