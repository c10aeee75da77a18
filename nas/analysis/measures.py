"""The loss of the incumbent and of the best evaluated architecture, after each evaluation of each run.

Lower *losses* are better. If true quality and the optimum are known, the loss is the regret (`curves.regret`);
otherwise it is 100 % minus an accuracy, or the score with its sign inverted.

The observed score that selects the incumbent is biased upwards by the selection. The incumbent is therefore judged by
the recorded runs of its architecture that the search had not drawn by then (`Run.unseen`). If none is left, it is
judged by all recorded runs, which is biased (`Track.biased`). If true quality itself selects, there is no selection
bias: the best evaluated architecture, the optimum, and whether an incumbent is near-optimal, are judged by all recorded
runs (`Run.truth`). The regret of an incumbent can thus be negative, and below that of the best evaluated architecture.

A failed evaluation (NaN) counts as an evaluation and leaves the incumbent unchanged. Before the first successful
evaluation there is no incumbent, and the loss is the worst possible one (`worst_loss`): failing is never an advantage,
and no seed is left out.

Higher fidelity ranks first: the incumbent and the best evaluated architecture are selected among the evaluations with
the most epochs so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.simulation.results import Floats, ProblemFacts, Results, Run
from nas.statistics.curves import best_so_far, incumbent, regret
from nas.statistics.survival import ROUNDING
from nas.tasks.metrics import metric_of

EXCESS = 1e-6
"""Tolerance by which true quality may exceed the optimum."""


@dataclass(frozen=True)
class Scale:
    """The quantity by which the runs on a problem are compared.

    Attributes:
        quantity: its name, such as `regret`.
        unit: its unit, such as `percentage points`.
        title: the heading of a column.
        regret: whether it is a difference to a known optimum.
        true: whether it is derived from true quality; else from observed scores.
        accuracy: whether the score is an accuracy, a fraction.
    """

    quantity: str
    unit: str
    title: str
    regret: bool
    true: bool
    accuracy: bool


@dataclass(frozen=True, eq=False)
class Track:
    """A run after each of its N evaluations, in arrays `(N,)`; NaN where unknown.

    Attributes:
        run: the evaluations.
        begin: the index of the first successful evaluation, which gives the first incumbent; N if all failed.
        incumbent: the loss of the incumbent over recorded runs that the search has not drawn.
        recorded: the loss of the incumbent over all recorded runs.
        biased: whether the search has drawn all recorded runs, so that `incumbent` is `recorded`.
        best: the loss of the best evaluated architecture over all recorded runs.
        test: the test accuracy of the incumbent.
    """

    run: Run
    begin: int
    incumbent: Floats
    recorded: Floats
    biased: NDArray[np.bool_]
    best: Floats
    test: Floats

    @property
    def failed(self) -> bool:
        """Whether all evaluations failed, so that there is no incumbent."""
        return self.begin == len(self.run)

    def within(self, delta: float) -> bool:
        """Whether the final incumbent has a loss of at most `delta` over all recorded runs."""
        return not self.failed and bool(self.recorded[-1] <= delta + ROUNDING)

    def completed(self, worst: float, test: float) -> "Track":
        """The track with the loss `worst` and the test accuracy `test` before the first incumbent."""
        nothing = np.arange(len(self.run)) < self.begin
        return replace(
            self,
            incumbent=np.where(nothing, worst, self.incumbent),
            recorded=np.where(nothing, worst, self.recorded),
            best=np.where(nothing, worst, self.best),
            test=np.where(nothing, test, self.test),
        )


@dataclass(frozen=True, eq=False)
class Measures:
    """The measures of a comparison.

    Attributes:
        scales: the scale of each problem.
        worst: the loss of a run without an incumbent, by problem; NaN if no quality is known on the problem.
        tracks: the runs of each (problem, controller), in the order of the seeds; missing runs are omitted.
        final: `(problems, controllers, seeds)`, the loss of the final incumbent; NaN if the run is missing or the
            quality of its incumbent is unknown.
        final_best: the same for the best evaluated architecture.
    """

    scales: Mapping[str, Scale]
    worst: Mapping[str, float]
    tracks: Mapping[tuple[str, str], Sequence[Track]]
    final: Floats
    final_best: Floats


def scale_of(problem: ProblemFacts) -> Scale:
    """The quantity by which runs on this problem are compared."""
    metric = metric_of(problem.metric)
    accuracy = metric is not None and metric.percent
    unit = "percentage points" if accuracy else f"units of {problem.metric}"
    if problem.known and problem.optimum is not None:
        return Scale("regret", unit, "regret", True, True, accuracy)
    source = "true" if problem.known else "observed"
    if accuracy:
        return Scale(f"{source} error (100 % − {problem.metric})", unit, "error", False, problem.known, True)
    if metric is not None and metric.direction == "minimize":
        return Scale(f"{source} {problem.metric}", unit, problem.metric, False, problem.known, False)
    return Scale(f"{source} −1 × {problem.metric}", unit, f"−{problem.metric}", False, problem.known, False)


def measure(results: Results) -> Measures:
    """The measures of all runs of a comparison.

    Raises:
        UsageError: a true quality exceeds the optimum of its problem.
    """
    scales = {problem.name: scale_of(problem) for problem in results.problems}
    worst: dict[str, float] = {}
    tracks: dict[tuple[str, str], Sequence[Track]] = {}
    shape = (len(results.problems), len(results.controllers), len(results.seeds))
    final, final_best = np.full(shape, np.nan), np.full(shape, np.nan)
    places = {seed: place for place, seed in enumerate(results.seeds)}
    for i, problem in enumerate(results.problems):
        runs = {
            controller: [results.runs.get((problem.name, controller, seed)) for seed in results.seeds]
            for controller in results.controllers
        }
        found = {name: [track_of(run, problem) for run in ours if run] for name, ours in runs.items()}
        everyone = [track for ours in found.values() for track in ours]
        worst[problem.name] = worst_loss(everyone, problem)
        test = 0.0 if any(np.isfinite(track.test).any() for track in everyone) else np.nan
        for j, (controller, ours) in enumerate(found.items()):
            tracks[problem.name, controller] = [track.completed(worst[problem.name], test) for track in ours]
            for track in tracks[problem.name, controller]:
                k = places[track.run.seed]
                final[i, j, k], final_best[i, j, k] = track.incumbent[-1], track.best[-1]
    return Measures(scales, worst, tracks, final, final_best)


def worst_loss(tracks: Sequence[Track], problem: ProblemFacts) -> float:
    """The loss of a run without an incumbent; NaN if no quality is known on the problem.

    For accuracies, it is the loss of an accuracy of 0. Other scores have no known bound; for these it is the highest
    loss of all evaluations of all controllers on the problem.
    """
    scale = scale_of(problem)
    lowest = 0.0 if scale.accuracy else np.inf
    for run in (track.run for track in tracks):
        for quality in (run.truth, run.unseen) if scale.true else (run.observed,):
            known = quality[np.isfinite(run.observed) & np.isfinite(quality)]
            lowest = min(lowest, float(np.min(known, initial=np.inf)))
    return float(_loss(np.array([lowest]), problem, scale)[0])


def track_of(run: Run, problem: ProblemFacts) -> Track:
    """The track of a run with at least one evaluation. Raises UsageError if a true quality exceeds the optimum."""
    scale = scale_of(problem)
    empty = np.full(len(run), np.nan)
    worked = np.isfinite(run.observed)
    if not worked.any():
        return Track(run, len(run), empty, empty, np.zeros(len(run), dtype=bool), empty, empty)
    seen = np.where(worked, run.observed, run.observed[worked].min() - 1)
    trained = np.where(worked, run.trained, 0)
    holder = incumbent(seen, np.arange(len(run)), trained).astype(int)
    begin = int(np.argmax(worked))
    there = np.arange(len(run)) >= begin
    quality = run.truth if scale.true else run.observed
    _check_optimum(quality, problem, scale)
    recorded = np.where(there, quality[holder], np.nan)
    rest = run.unseen[latest(run.row, holder)]
    biased = there & scale.true & np.isnan(rest)
    held = np.where(there & scale.true & ~biased, rest, recorded)
    known = worked & np.isfinite(quality)
    best = empty.copy()
    if known.any():
        start = int(np.argmax(known))
        best[start:] = best_so_far(
            np.where(known, quality, quality[known].min())[start:], np.where(known, trained, 0)[start:]
        )
    return Track(
        run,
        begin,
        incumbent=_loss(held, problem, scale),
        recorded=_loss(recorded, problem, scale),
        biased=biased,
        best=_loss(best, problem, scale),
        test=np.where(there, run.test[holder], np.nan),
    )


def latest(row: Floats, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each evaluation n, the last one up to n of the architecture of evaluation `places[n]`, `(N,)`.

    Evaluations with the same row have the same architecture; with unknown rows (NaN), all architectures differ.
    """
    if np.isnan(row).all():
        return places
    last: dict[float, int] = {}
    found = np.array(places)
    rows = row.tolist()
    for n, (own, place) in enumerate(zip(rows, places.tolist(), strict=True)):
        last[own] = n
        found[n] = last.get(rows[place], place)
    return found


def stacked(curves: Sequence[Floats]) -> Floats:
    """Curves of different lengths as one array `(seeds, longest)`, padded with NaN."""
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    return table


def comparable(final: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks of the controllers `(controllers,)` and seeds `(seeds,)` that can be paired.

    A controller without a seed that is complete over the problems is left out. Then each seed is left out for which a
    remaining controller has no value.
    """
    known = np.asarray(np.isfinite(final).all(axis=0))
    controllers = np.asarray(known.any(axis=1))
    seeds = np.asarray(known[controllers].all(axis=0))
    return controllers, seeds if controllers.any() else np.zeros_like(seeds)


def _check_optimum(quality: Floats, problem: ProblemFacts, scale: Scale) -> None:
    most = np.max(quality[np.isfinite(quality)], initial=-np.inf)
    if scale.regret and problem.optimum is not None and most > problem.optimum + EXCESS:
        raise UsageError(
            f"{problem.name}: a quality of {most:.6f} is above the optimum of {problem.optimum:.6f}: not of one table?"
        )


def _loss(quality: Floats, problem: ProblemFacts, scale: Scale) -> Floats:
    loss = np.full(len(quality), np.nan)
    known = np.isfinite(quality)
    if scale.regret and known.any() and problem.optimum is not None:
        loss[known] = regret(quality[known], problem.optimum) / (1 if scale.accuracy else 100)
    elif scale.accuracy:
        loss[known] = 100 * (1 - quality[known])
    else:
        loss[known] = 0.0 - quality[known]
    return loss
