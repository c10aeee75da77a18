"""The scores of the options of decisions, and the decisions of a network in short form."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from nas.formatting import lower_fence, show_value
from nas.space import Architecture, Value
from nas.trial import Trial

LEAST = 3
"""The number of trials from which on the mean of an option counts for the range of its decision."""


@dataclass(frozen=True)
class OptionScore:
    """The trials with one option of a decision.

    Attributes:
        value: the option.
        trials: the number of trials with the option and a score.
        mean: their mean score.
        error: the standard error of the mean; None for a single trial.
        share: their share of all trials that reached the decision.
        better_share: the same within the better half of all trials; None if none of these reached the decision.
    """

    value: Value
    trials: int
    mean: float
    error: float | None
    share: float
    better_share: float | None


@dataclass(frozen=True)
class DecisionScores:
    """A decision: its options, best mean first, and the difference between the best and the worst mean."""

    name: str
    options: tuple[OptionScore, ...]
    spread: float


def same_epochs(trials: Iterable[Trial]) -> Sequence[Trial]:
    """The largest group of scored trials with equal epochs; of equal groups, that with more epochs."""
    groups: defaultdict[float, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.scores:
            groups[trial.proposal.fidelity].append(trial)
    return max(groups.items(), key=lambda item: (len(item[1]), item[0]))[1] if groups else []


def comparable(trials: Iterable[Trial]) -> Sequence[Trial]:
    """The trials of `same_epochs` without outliers at the lower end (`lower_fence`)."""
    scored = same_epochs(trials)
    if not scored:
        return []
    fence = lower_fence([trial.score or 0.0 for trial in scored])
    return [trial for trial in scored if (trial.score or 0.0) >= fence]


def decision_scores(trials: Iterable[Trial], *, count: int) -> Sequence[DecisionScores]:
    """The `count` decisions whose options differ most in mean score, in descending order.

    The differences are correlations, not effects. Only options with at least `LEAST` trials count, and decisions with
    fewer than two such options are left out. `trials` should be `comparable`: a network that did not learn shifts the
    means of all of its options.
    """
    ranked = sorted(trials, key=lambda trial: (-(trial.score or 0.0), trial.number))
    better = {trial.number for trial in ranked[: (len(ranked) + 1) // 2]}
    met: dict[str, list[tuple[Value, Trial]]] = defaultdict(list)
    for trial in sorted(ranked, key=lambda trial: trial.number):
        for name, value in trial.architecture.choices:
            met[name].append((value, trial))
    found = [scores for name, pairs in met.items() if (scores := _scores(name, pairs, better))]
    return sorted(found, key=lambda scores: -scores.spread)[:count]


def _scores(name: str, pairs: Sequence[tuple[Value, Trial]], better: set[int]) -> DecisionScores | None:
    taken: dict[tuple[type, Value], list[Trial]] = defaultdict(list)
    for value, trial in pairs:
        taken[type(value), value].append(trial)  # 1, 1.0 and True are three options
    met_by_better = sum(trial.number in better for _, trial in pairs)
    options = []
    for (_, value), trials in taken.items():
        scores = [trial.score or 0.0 for trial in trials]
        share = sum(trial.number in better for trial in trials) / met_by_better if met_by_better else None
        error = stdev(scores) / math.sqrt(len(scores)) if len(scores) > 1 else None
        options.append(OptionScore(value, len(trials), fmean(scores), error, len(trials) / len(pairs), share))
    means = [option.mean for option in options if option.trials >= LEAST]
    if len(means) < 2:
        return None
    options.sort(key=lambda option: -option.mean)
    return DecisionScores(name, tuple(options), max(means) - min(means))


def grouped(arch: Architecture) -> Mapping[str, Sequence[tuple[str, Value]]]:
    """The decisions grouped by the parts of the space: `body.0` has `conv.width`, `conv.kernel`, ..."""
    groups: dict[str, list[tuple[str, Value]]] = defaultdict(list)
    for name, value in arch.choices:
        part, rest = _split(name)
        groups[part].append((rest, value))
    return groups


def short_form(arch: Architecture) -> Sequence[tuple[str, str]]:
    """For each part of the space, its name and the values of its decisions."""
    lines = []
    for part, decided in grouped(arch).items():
        (first, _), *others = decided
        label = part if others or not first else f"{part}.{first}"
        lines.append((label, " · ".join(show_value(value) for _, value in decided)))
    return lines


def reading_key(archs: Iterable[Architecture]) -> Sequence[tuple[str, str]]:
    """The names of the decisions in `short_form`, once for all copies of a part: `body.n`, `conv.width · ...`."""
    found: Counter[tuple[str, str]] = Counter()
    for arch in archs:
        for part, decided in grouped(arch).items():
            if len(decided) > 1:
                head, _, copy = part.partition(".")
                found[f"{head}.n" if copy else head, " · ".join(name for name, _ in decided)] += 1
    return list(found)


def _split(name: str) -> tuple[str, str]:
    """`body.0.1.conv.width` as `body.0` and `conv.width`: the copy of a repeated part, and the name within it."""
    head, *rest = name.split(".")
    if len(rest) > 1 and rest[0].isdigit():
        head = f"{head}.{rest.pop(0)}"
    return head, ".".join([part for part in rest if not part.isdigit()] or rest)
