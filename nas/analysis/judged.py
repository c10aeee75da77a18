"""The analysis of a comparison, from which the page, the terminal and the JSON output are derived.

Tests are paired by seed, so every run needs a value: a run without an incumbent gets the worst possible one
(`measures.worst_loss`). Missing runs and incumbents of unknown quality, which `nas compare` never leaves, have no
value, and their seeds are left out. The notes state both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nas.analysis.measures import Measures, Scale, comparable, measure
from nas.analysis.words import decimals
from nas.errors import UsageError
from nas.formatting import counted, show_count
from nas.simulation.results import Floats, ProblemFacts, Results
from nas.statistics.ranks import block_ranks
from nas.statistics.verdict import Outcome, Verdict, verdicts


@dataclass(frozen=True, eq=False)
class Judgement:
    """The analysis of a comparison.

    Attributes:
        results: the runs.
        measures: the measures of the runs.
        alpha: the level of each family of verdicts.
        problems: the problems with values.
        controllers: the controllers with values, in ascending order of their means (or mean ranks).
        values: `(problems, controllers, seeds)`, final losses in these orders, without missing values.
        mean: a family of verdicts on the mean over the problems; may be empty.
        each: a second family, on each problem; with one problem, the same as `mean`.
        notes: missing results and caveats, in sentences.
    """

    results: Results
    measures: Measures
    alpha: float
    problems: Sequence[str]
    controllers: Sequence[str]
    values: Floats
    mean: Sequence[Verdict] = ()
    each: Sequence[Verdict] = ()
    notes: Sequence[str] = ()

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts on the mean over the problems or, if their units differ, on each problem."""
        return self.mean or self.each

    @property
    def seeds(self) -> int:
        """The number of complete seeds."""
        return int(self.values.shape[2])

    @property
    def common(self) -> Scale | None:
        """The common scale of the problems; None if they differ."""
        return _common(self.measures, self.problems or [problem.name for problem in self.results.problems])

    def standing(self, name: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        """The controllers than which this one is better, worse, and neither, by the verdicts on the mean."""
        better: list[str] = []
        worse: list[str] = []
        neither: list[str] = []
        for other in self.controllers:
            verdict = against(self.mean, name, other)
            if verdict is None:
                continue
            winner = winner_of(verdict)
            (neither if winner is None else better if winner == name else worse).append(other)
        return better, worse, neither

    @property
    def reach(self) -> str:
        """The differences that this number of seeds detects, in a sentence; empty if unknown."""
        found = self.verdicts
        smallest = [verdict.detectable for verdict in found if verdict.detectable is not None]
        if not smallest or len({verdict.unit for verdict in found}) > 1:
            return ""
        low, high = self.show(min(smallest)), self.show(max(smallest))
        size = f"{low} {found[0].unit}" if low == high else f"{low} to {high} {found[0].unit} (depending on the pair)"
        return (
            f"With {self.seeds} seeds and {counted(len(found), 'test')}, a true difference of {size} is detected with "
            f"a power of {100 * found[0].power:.0f} %, and smaller ones are missed more often. “Not shown” does not "
            "mean “equal”."
        )

    def show(self, value: float) -> str:
        """A loss, with decimals according to the smallest standard deviation over the seeds."""
        means = self.values.mean(axis=0) if len(self.values) else self.values[:0]
        places = decimals([float(np.std(runs, ddof=1)) for runs in means if self.seeds > 1])
        return f"{round(value, places) + 0.0:.{places}f}"


def judge(results: Results, *, alpha: float = 0.05) -> Judgement:
    """Analyses the runs of a comparison.

    Args:
        results: the runs.
        alpha: the level of each family of verdicts.

    Raises:
        UsageError: there are no problems, controllers or seeds, or a true quality exceeds the optimum.
    """
    if not (results.problems and results.controllers and results.seeds):
        raise UsageError("there is nothing to compare: no problems, no controllers, or no seeds")
    measures = measure(results)
    notes = [note for problem in results.problems for note in _notes(results, measures, problem)]
    there = [bool(np.isfinite(finals).any()) for finals in measures.final]
    problems = [problem.name for problem, known in zip(results.problems, there, strict=True) if known]
    notes += [
        f"{problem.name}: left out of tests and ranks: no run has a final value."
        for problem, known in zip(results.problems, there, strict=True)
        if not known
    ]
    usable, complete = comparable(measures.final[there])
    if not problems or not complete.any():
        return Judgement(results, measures, alpha, problems, (), np.empty((len(problems), 0, 0)), notes=notes)
    names = [name for name, use in zip(results.controllers, usable, strict=True) if use]
    if len(names) < len(results.controllers):
        left = [name for name in results.controllers if name not in names]
        notes.append(f"{', '.join(left)}: left out of tests and ranks: no seed has a final value on every problem.")
    if not complete.all():
        notes.append(
            f"Tests and ranks use the {complete.sum()} of {len(complete)} seeds with a final value in every run."
        )
    values = measures.final[there][:, usable][:, :, complete]
    one_unit = _common(measures, problems)
    level = values.mean(axis=(0, 2)) if one_unit else block_ranks(values).mean(axis=0)
    order = np.argsort(level, kind="stable")
    judgement = Judgement(results, measures, alpha, problems, [names[place] for place in order], values[:, order])
    return _with_verdicts(judgement, notes)


def _with_verdicts(judgement: Judgement, notes: list[str]) -> Judgement:
    """The judgement with its verdicts and notes, which state what cannot be tested."""
    scale, problems = judgement.common, judgement.problems
    mean: Sequence[Verdict] = ()
    each: Sequence[Verdict] = ()
    if len(judgement.controllers) < 2:
        notes.append("Verdicts, ranks and the matrix of pairs need at least two controllers.")
        return replace(judgement, notes=notes)
    if scale is None:
        notes.append(
            "Verdicts on the mean over the problems, and the interquartile mean: the problems have different units."
        )
    names, alpha = judgement.controllers, judgement.alpha
    try:
        if scale:
            mean = verdicts(judgement.values, names, problems, alpha=alpha, quantity=scale.quantity, unit=scale.unit)
    except UsageError as error:
        notes.append(f"Verdicts: {error}.")
    try:
        if mean and len(problems) == 1:
            each = mean
        else:
            found = verdicts(judgement.values, names, problems, over="each", alpha=alpha)
            scales = [
                judgement.measures.scales[problem] for problem in problems for _ in range(len(found) // len(problems))
            ]
            each = [
                replace(verdict, quantity=own.quantity, unit=own.unit)
                for verdict, own in zip(found, scales, strict=True)
            ]
    except UsageError as error:
        notes.append(f"Verdicts on single problems: {error}.")
    return replace(judgement, mean=mean, each=each, notes=notes)


def against(found: Sequence[Verdict], first: str, second: str) -> Verdict | None:
    """The verdict on two controllers; None: there is none."""
    return next((verdict for verdict in found if {verdict.first, verdict.second} == {first, second}), None)


def winner_of(verdict: Verdict) -> str | None:
    """The controller that is shown to be better; None: not shown."""
    if verdict.outcome is Outcome.NOT_SHOWN:
        return None
    return verdict.first if verdict.outcome is Outcome.BETTER else verdict.second


def _common(measures: Measures, problems: Sequence[str]) -> Scale | None:
    scales = {measures.scales[problem] for problem in problems}
    return next(iter(scales)) if len(scales) == 1 else None


def _notes(results: Results, measures: Measures, problem: ProblemFacts) -> Sequence[str]:
    """Caveats about the runs on a problem."""
    notes = []
    scale = measures.scales[problem.name]
    if not scale.regret:
        why = "the optimum of the problem is unknown" if problem.known else "true quality is unknown"
        notes.append(
            f"{problem.name}: there is no regret, because {why}. Controllers are compared by the {scale.quantity}; "
            "lower is better."
            + (
                ""
                if scale.true
                else " The highest of noisy scores is biased upwards, and more so with more evaluations."
            )
        )
    for name in results.controllers:
        tracks = measures.tracks[problem.name, name]
        where = f"{name} on {problem.name}"
        if len(tracks) < len(results.seeds):
            absent = len(results.seeds) - len(tracks)
            notes.append(f"{where}: {absent} of {len(results.seeds)} runs are missing.")
        failed = sum(int((~np.isfinite(track.run.observed)).sum()) for track in tracks)
        lost = sum(track.failed for track in tracks)
        if failed:
            total = show_count(sum(len(track.run) for track in tracks))
            whole = f", and all of them in {lost} of {len(tracks)} runs; {_worst(measures, problem)}" if lost else ""
            notes.append(f"{where}: {show_count(failed)} of {total} evaluations failed{whole}.")
        unknown = sum(not track.failed and np.isnan(track.incumbent[-1]) for track in tracks)
        if unknown:
            notes.append(
                f"{where}: the quality of the final incumbent is unknown in {unknown} of {len(tracks)} runs. Their "
                "seeds are left out of means, tests and ranks."
            )
    lengths = [len(track.run) for name in results.controllers for track in measures.tracks[problem.name, name]]
    if lengths and min(lengths) < max(lengths):
        notes.append(
            f"{problem.name}: runs have {min(lengths)} to {max(lengths)} evaluations. The curve of a controller ends "
            "where its first run ends; final values are those of the final incumbent of each run."
        )
    return notes


def _worst(measures: Measures, problem: ProblemFacts) -> str:
    """The value of a run without an incumbent, in words."""
    scale, worst = measures.scales[problem.name], measures.worst[problem.name]
    if np.isnan(worst):
        return "such a run has no value, because no run on this problem has one"
    what = "an accuracy of 0" if scale.accuracy else "the worst value of all evaluated on this problem"
    return f"such a run counts as {what}, {scale.quantity} {worst:.6g} {scale.unit}"
