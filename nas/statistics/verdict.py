"""Which of two controllers is better: a decision rule, and a sentence with its numbers.

**The rule.** Values are paired by seed; over several problems, each seed counts once, with its mean over the problems.
`first` is better (or worse) if

1. Wilcoxon's signed-rank test rejects at `alpha`, two-sided, after Holm's correction over the family of verdicts, and
2. Student's interval of the mean difference, at `1 - alpha` and not corrected, excludes 0 on the side to which the
   signed ranks point.

The test controls the error rate; the second condition can only withdraw verdicts. It is needed because the sentence is
about means and the test is not: if one controller wins most pairs by little and loses a few by much, the test can
reject while the mean difference is unclear or has the opposite sign. All other cases are "not shown", which does not
mean "equal".
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError
from nas.statistics.check import differences, finite, fraction, paired
from nas.statistics.effect import mean_difference, vargha_delaney
from nas.statistics.estimate import Estimate
from nas.statistics.power import detectable, seeds_needed
from nas.statistics.significance import SignedRank, enough_pairs, holm, wilcoxon


class Outcome(StrEnum):
    """The result for the first controller."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Verdict:
    """One controller against another; lower values are better. `sentence` says it in words.

    Attributes:
        first, second: the controllers' names.
        outcome: of `first` against `second`.
        first_mean, second_mean: means over the seeds, in `unit`.
        difference: the difference of the means, first - second (below 0: first is better), with Student's interval.
        p: of the two-sided signed-rank test, not corrected.
        corrected: the same after Holm's correction over `comparisons` tests.
        comparisons: the number of tests in the family.
        balance: the sign and size of the rank correlation, -1 to 1 (below 0: first is better), see `SignedRank`.
        pairs, wins, ties: the number of paired seeds, and of those in which `first` is lower, or equal.
        improvement: the probability that a run of `first` is better than one of `second`; ties count one half
            (Vargha-Delaney A).
        detectable: the smallest difference that this number of seeds shows with the given `power` at the level
            `alpha / comparisons` (Holm's strictest step), in `unit`; None if the differences do not vary.
        seeds_needed: the number of seeds that shows the observed difference with this power; None: there is none, or
            it is out of reach.
        alpha: the level of the family.
        power: the power for the two above.
        where: the problem, or the problems of the mean; may be empty.
        quantity, unit: the name and the unit of the values.
    """

    first: str
    second: str
    outcome: Outcome
    first_mean: float
    second_mean: float
    difference: Estimate
    p: float
    corrected: float
    comparisons: int
    balance: float
    pairs: int
    wins: int
    ties: int
    improvement: float
    detectable: float | None
    seeds_needed: int | None
    alpha: float = 0.05
    power: float = 0.8
    where: str = ""
    quantity: str = "regret"
    unit: str = "percentage points"

    @property
    def sentence(self) -> str:
        """The verdict in words, without a full stop."""
        place = f" {self.where}" if self.where else ""
        if self.outcome is Outcome.NOT_SHOWN:
            return f"not shown: {self.first} against {self.second}{place}: {self._numbers()}; {self._reach()}"
        return f"{self.first} is {self.outcome} than {self.second}{place}: {self._numbers()}"

    def _numbers(self) -> str:
        show = self._show
        gap, low, high = self.difference.value, self.difference.low, self.difference.high
        if self.outcome is Outcome.BETTER:  # "better by 0.45", not by -0.45
            gap, low, high = -gap, -high, -low
        test = "Wilcoxon, Holm-corrected p" if self.comparisons > 1 else "Wilcoxon, p"
        subject = "it" if self.outcome is not Outcome.NOT_SHOWN else self.first
        ties = f" and ties in {_percent(self.ties, self.pairs)}" if self.ties else ""
        return (
            f"mean {self.quantity} {show(self.first_mean)} against {show(self.second_mean)} {self.unit} (difference "
            f"{show(gap)}, {_level(self.difference.level)} CI {show(low)} to {show(high)}; {test} = "
            f"{_probability(self.corrected)}, {self.pairs} paired seeds; {subject} wins in "
            f"{_percent(self.wins, self.pairs)} of pairs{ties})"
        )

    def _reach(self) -> str:
        if self.ties == self.pairs:
            return f"all {self.pairs} pairs are equal, which says nothing about other seeds"
        parts = []
        rejected, observed = self.corrected <= self.alpha, abs(self.difference.value)
        if rejected:
            winner = self.first if self.balance < 0 else self.second
            parts.append(
                f"the test favours {winner} in the typical pair, but the mean difference is not shown to have the same "
                "sign: a few outlying runs dominate it"
            )
        if self.detectable is None:
            parts.append("the differences do not vary, so the detectable difference is unknown")
            return "; ".join(parts)
        parts.append(
            f"with {self.pairs} seeds, a difference below {self._show(self.detectable)} would be missed in more than "
            f"{_odds(1 - self.power)} such comparisons"
        )
        if observed >= self.detectable and not rejected:
            parts.append("the observed difference is larger, but varies too much between the pairs")
        elif self.seeds_needed is not None:
            parts.append(
                f"if the observed difference is the true one, about {_about(self.seeds_needed)} seeds would show it"
            )
        else:
            parts.append("no affordable number of seeds would show the observed difference")
        return "; ".join(parts)

    def _show(self, value: float) -> str:
        """A value with enough decimals to distinguish the ends of the interval, at least two."""
        half = (self.difference.high - self.difference.low) / 2
        decimals = min(8, max(2, -math.floor(math.log10(half)))) if half > 0 else 2
        return f"{round(value, decimals) + 0.0:.{decimals}f}"


def verdict(
    first: ArrayLike,
    second: ArrayLike,
    names: tuple[str, str],
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    where: str = "",
    quantity: str = "regret",
    unit: str = "percentage points",
) -> Verdict:
    """A single verdict; `verdicts` is for several, with correction.

    Args:
        first: values, lower is better; `(seeds,)`, or `(problems, seeds)`, whose mean over the problems is compared.
        second: of the same shape, with the same seeds in the same order.
        names: the names of the two controllers.
        alpha: the level.
        power: the power for `detectable` and `seeds_needed`.
        where: the problem.
        quantity: the name of the values.
        unit: their unit.

    Raises:
        UsageError: too few seeds for the test, different shapes, or a value is not finite.
    """
    one, other = (np.atleast_2d(values).mean(axis=0) for values in paired(first, second, 1, 2))
    p = wilcoxon(one, other, alpha=alpha).p
    return _verdict((one, other), names, (p, 1), (alpha, power), (where, quantity, unit))


def verdicts(
    values: ArrayLike,
    controllers: Sequence[str],
    problems: Sequence[str],
    *,
    over: Literal["mean", "each"] = "mean",
    against: str | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    quantity: str = "regret",
    unit: str = "percentage points",
) -> Sequence[Verdict]:
    """Verdicts on all pairs of controllers, Holm-corrected together.

    A verdict on the mean is about these problems only; problems with larger differences have more weight.

    Args:
        values: shape `(problems, controllers, seeds)`, lower is better.
        controllers: their names.
        problems: their names.
        over: `"mean"`: one verdict for each pair, on the mean over the problems; `"each"`: one for each problem and
            pair, all in one family.
        against: only the pairs with this controller as the second: a smaller family, with less correction. Choose it
            before you see the results.
        alpha: the family-wise level: the probability of any false "better" or "worse".
        power: the power for `detectable` and `seeds_needed`.
        quantity: the name of the values.
        unit: their unit.

    Returns:
        Ordered by problem, then by controllers.

    Raises:
        UsageError: fewer than two controllers, names that do not fit the shape or do not exist, too few seeds for the
            corrected level, or a value is not finite.
    """
    array = finite(values, "values", 3)
    if array.shape[:2] != (len(problems), len(controllers)):
        raise UsageError(
            f"values have shape {array.shape}, for {len(problems)} problems and {len(controllers)} controllers: "
            "expected (problems, controllers, seeds)"
        )
    if len(controllers) < 2:
        raise UsageError("a comparison needs at least two controllers")
    if against is not None and against not in controllers:
        raise UsageError(f"there is no controller {against!r}; there are {', '.join(controllers)}")
    pairs = [
        pair
        for pair in itertools.combinations(range(len(controllers)), 2)
        if against is None or against in (controllers[pair[0]], controllers[pair[1]])
    ]
    if against is not None:
        pairs = [(j, i) if controllers[i] == against else (i, j) for i, j in pairs]
    if over == "mean":
        array = array.mean(axis=0, keepdims=True)
        places = [f"on {problems[0]}" if len(problems) == 1 else f"over the mean of {len(problems)} problems"]
    else:
        places = [f"on {problem}" for problem in problems]
    family = [(problem, first, second) for problem in range(len(array)) for first, second in pairs]
    enough_pairs(array.shape[2], fraction(alpha, "alpha") / len(family))
    adjusted = holm([wilcoxon(array[problem, i], array[problem, j], alpha=alpha).p for problem, i, j in family])
    return tuple(
        _verdict(
            (array[problem, i], array[problem, j]),
            (controllers[i], controllers[j]),
            (float(corrected), len(family)),
            (alpha, power),
            (places[problem], quantity, unit),
        )
        for (problem, i, j), corrected in zip(family, adjusted, strict=True)
    )


def outcomes(values: ArrayLike, *, alpha: float = 0.05) -> Mapping[tuple[int, int], Outcome]:
    """The outcomes of `verdicts` on one problem, by pairs of indices `i < j`.

    Args:
        values: shape `(controllers, seeds)`, lower is better.
        alpha: the level of the family.

    Raises:
        UsageError: too few seeds for the corrected level, or a value is not finite.
    """
    array = finite(values, "values", 2)
    pairs = list(itertools.combinations(range(len(array)), 2))
    enough_pairs(array.shape[1], fraction(alpha, "alpha") / max(len(pairs), 1))
    tests = [wilcoxon(array[i], array[j], alpha=alpha) for i, j in pairs]
    adjusted = holm([test.p for test in tests]) if tests else ()
    return {
        (i, j): _outcome(test, float(corrected), mean_difference(array[i], array[j], level=1 - alpha), alpha)
        for (i, j), test, corrected in zip(pairs, tests, adjusted, strict=True)
    }


def _outcome(test: SignedRank, corrected: float, difference: Estimate, alpha: float) -> Outcome:
    if corrected <= alpha and test.balance < 0 and difference.high < 0:
        return Outcome.BETTER
    if corrected <= alpha and test.balance > 0 and difference.low > 0:
        return Outcome.WORSE
    return Outcome.NOT_SHOWN


def _verdict(
    values: tuple[NDArray[np.float64], NDArray[np.float64]],
    names: tuple[str, str],
    correction: tuple[float, int],
    levels: tuple[float, float],
    words: tuple[str, str, str],
) -> Verdict:
    first, second = values
    corrected, comparisons = correction
    alpha, power = levels
    delta = differences(first, second)
    test = wilcoxon(first, second, alpha=alpha)
    difference = mean_difference(first, second, level=1 - alpha)
    strictest = alpha / comparisons
    return Verdict(
        *names,
        outcome=_outcome(test, corrected, difference, alpha),
        first_mean=float(first.mean()),
        second_mean=float(second.mean()),
        difference=difference,
        p=test.p,
        corrected=corrected,
        comparisons=comparisons,
        balance=test.balance,
        pairs=test.pairs,
        wins=int((delta < 0).sum()),
        ties=test.zeros,
        improvement=vargha_delaney(first, second),
        detectable=detectable(delta, alpha=strictest, level=1 - alpha, chance=power),
        seeds_needed=seeds_needed(delta, alpha=strictest, level=1 - alpha, chance=power),
        alpha=alpha,
        power=power,
        where=words[0],
        quantity=words[1],
        unit=words[2],
    )


def _level(level: float) -> str:
    return f"{100 * level:.3g} %"


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.0f} %"


def _probability(p: float) -> str:
    if p >= 0.0995:
        return f"{p:.2g}"
    return f"{p:.0e}".replace("e-0", "e-") if p < 0.001 else f"{p:.1g}"


def _odds(miss: float) -> str:
    return "one in five" if math.isclose(miss, 0.2) else f"{100 * miss:.3g} % of"


def _about(count: int) -> str:
    """Rounded up to two significant digits."""
    size = 10 ** max(0, len(str(count)) - 2)
    return f"{math.ceil(count / size) * size:,}"
