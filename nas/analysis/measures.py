"""What the runs of a comparison come to: the loss of the incumbent and of the best evaluated, after each evaluation.

A *loss* is lower for better. Where true quality and the optimum are known it is the regret (`curves.regret`); else what
is left to 100 % of an accuracy, or a score with its sign turned.

The incumbent was chosen by the recorded run that its search saw, which was lucky. So it is judged by the other runs of
its architecture, those that the search had not drawn by then (`Run.unseen`). Where there is none, all recorded runs
count, and flatter it (`Track.flattered`). Nothing is chosen by luck where true quality itself chooses: the best
evaluated, and whether an incumbent is one of the best of the table, are judged by all recorded runs (`Run.truth`), as
is the optimum. So a regret of the incumbent can be below 0, and below that of the best evaluated.

A failed evaluation (NaN) counts as an evaluation, and the incumbent stays. Before the first one that did not fail, and
so to the end of a run in which all of them fail, there is nothing to hand over. That counts as the worst value that
there is (`worst_loss`), so that no controller gains by failing, and no seed is left out.

What was trained for longer goes before what was trained for less: incumbent and best evaluated are among the
evaluations of the most epochs up to then.
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
"""By so much true quality may exceed the optimum."""


@dataclass(frozen=True)
class Scale:
    """In what the runs of a problem are compared.

    Attributes:
        quantity: its name, such as `regret`.
        unit: its unit, such as `percentage points`.
        title: of a column with it.
        regret: whether it is a distance to a known optimum.
        true: whether it is made of true quality; else of what was observed.
        accuracy: whether the score is an accuracy, kept as a fraction.
    """

    quantity: str
    unit: str
    title: str
    regret: bool
    true: bool
    accuracy: bool


@dataclass(frozen=True, eq=False)
class Track:
    """A run after each of its N evaluations, in arrays `(N,)`; NaN where not known.

    Attributes:
        run: what was evaluated.
        begin: the first evaluation that did not fail, from when on there is an incumbent; N if all failed.
        incumbent: loss of the incumbent in recorded runs that the search did not see.
        recorded: loss of the incumbent in all recorded runs.
        flattered: whether no run was left that the search did not see, so that the two are one.
        best: loss of the best evaluated, in all recorded runs.
        test: test accuracy of the incumbent.
    """

    run: Run
    begin: int
    incumbent: Floats
    recorded: Floats
    flattered: NDArray[np.bool_]
    best: Floats
    test: Floats

    @property
    def failed(self) -> bool:
        """Whether there is nothing to hand over at the end."""
        return self.begin == len(self.run)

    def within(self, delta: float) -> bool:
        """Whether what is handed over at the end has a loss in all recorded runs of `delta` at the most."""
        return not self.failed and bool(self.recorded[-1] <= delta + ROUNDING)

    def completed(self, worst: float, test: float) -> "Track":
        """The same with the loss `worst`, and the test accuracy `test`, as long as there is no incumbent."""
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
    """A comparison, measured.

    Attributes:
        scales: problem to its scale.
        worst: problem to the loss of having nothing to hand over; NaN where nothing is known of the problem.
        tracks: (problem, controller) to its runs, in the order of the seeds; runs that are missing are not there.
        final: `(problems, controllers, seeds)` loss of the incumbent at the end; NaN where a run is missing, or the
            quality of its incumbent is not known.
        final_best: the same for the best evaluated.
    """

    scales: Mapping[str, Scale]
    worst: Mapping[str, float]
    tracks: Mapping[tuple[str, str], Sequence[Track]]
    final: Floats
    final_best: Floats


def scale_of(problem: ProblemFacts) -> Scale:
    """In what runs on this problem are compared."""
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
    """All runs of a comparison, measured.

    Raises:
        UsageError: a true quality above the optimum of its problem.
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
    """What having nothing to hand over counts as; NaN if nothing is known of the problem.

    For an accuracy the loss of an accuracy of 0. Other scores have no end that is known: then it is the greatest loss
    of all that any controller evaluated on the problem, with any seed.
    """
    scale = scale_of(problem)
    lowest = 0.0 if scale.accuracy else np.inf
    for run in (track.run for track in tracks):
        for quality in (run.truth, run.unseen) if scale.true else (run.observed,):
            known = quality[np.isfinite(run.observed) & np.isfinite(quality)]
            lowest = min(lowest, float(np.min(known, initial=np.inf)))
    return float(_loss(np.array([lowest]), problem, scale)[0])


def track_of(run: Run, problem: ProblemFacts) -> Track:
    """A run of one evaluation or more, measured. Raises UsageError for a true quality above the optimum."""
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
    flattered = there & scale.true & np.isnan(rest)
    held = np.where(there & scale.true & ~flattered, rest, recorded)
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
        flattered=flattered,
        best=_loss(best, problem, scale),
        test=np.where(there, run.test[holder], np.nan),
    )


def latest(row: Floats, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """After each evaluation n, the last one up to n of the architecture of evaluation `places[n]`, `(N,)`.

    Architectures are the same where their rows are; where these are not known (NaN), every evaluation is one of its
    own.
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
    """Curves of different lengths, NaN included, as one array `(seeds, longest)`; NaN where a run has ended."""
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    return table


def comparable(final: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which controllers and which seeds can be paired: `(controllers,)` and `(seeds,)`.

    A controller without any seed that is complete over the problems is left out; then every seed is, for which one of
    the others has no value.
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
