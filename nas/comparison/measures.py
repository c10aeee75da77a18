"""What the runs of a study come to: the loss of the incumbent and of the best evaluated, after each evaluation.

A *loss* is lower for better. Where true quality and the optimum are known it is the regret (`curves.regret`); else what
is left to 100 % of an accuracy, or a score with its sign turned. A failed evaluation (NaN) is an evaluation that found
nothing: it counts, and the incumbent stays. Before the first one that did not fail there is no incumbent, and the loss
is NaN. What was trained for longer goes before what was trained for less: incumbent and best evaluated are among the
evaluations of the most epochs up to then.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.comparison.curves import best_so_far, incumbent, regret
from nas.comparison.results import Floats, Results, Run, TaskFacts


@dataclass(frozen=True)
class Scale:
    """In what the runs of a task are compared.

    Attributes:
        quantity: its name, such as `regret`.
        unit: its unit, such as `percentage points`.
        regret: whether it is a distance to a known optimum.
        true: whether it is made of true quality; else of what was observed.
        accuracy: whether the score is an accuracy, kept as a fraction.
    """

    quantity: str
    unit: str
    regret: bool
    true: bool
    accuracy: bool


@dataclass(frozen=True, eq=False)
class Track:
    """A run: `(N,)` losses after each evaluation, and the test accuracy of the incumbent, NaN where not known."""

    run: Run
    incumbent: Floats
    best: Floats
    test: Floats


@dataclass(frozen=True, eq=False)
class Measures:
    """A study, measured.

    Attributes:
        scales: task to its scale.
        tracks: (task, controller) to its runs, in the order of the seeds; runs that are missing are not there.
        final: `(tasks, controllers, seeds)` loss of the incumbent at the end; NaN where there is none.
        final_best: the same for the best evaluated.
    """

    scales: Mapping[str, Scale]
    tracks: Mapping[tuple[str, str], Sequence[Track]]
    final: Floats
    final_best: Floats


def scale_of(task: TaskFacts) -> Scale:
    """In what runs on this task are compared."""
    accuracy = any(word in ("acc", "accuracy") for word in re.split(r"[^a-z]+", task.metric.lower()))
    if task.known and task.optimum is not None:
        return Scale("regret", "percentage points" if accuracy else f"units of {task.metric}", True, True, accuracy)
    source = "true" if task.known else "observed"
    if accuracy:
        return Scale(f"{source} error (100 % − {task.metric})", "percentage points", False, task.known, True)
    return Scale(f"{source} −1 × {task.metric}", "units", False, task.known, False)


def measure(results: Results) -> Measures:
    """All runs of a study, measured.

    Raises:
        UsageError: a quality above the optimum of its task.
    """
    scales = {task.name: scale_of(task) for task in results.tasks}
    tracks: dict[tuple[str, str], Sequence[Track]] = {}
    shape = (len(results.tasks), len(results.controllers), len(results.seeds))
    final, final_best = np.full(shape, np.nan), np.full(shape, np.nan)
    for i, task in enumerate(results.tasks):
        for j, controller in enumerate(results.controllers):
            found = []
            for k, seed in enumerate(results.seeds):
                run = results.runs.get((task.name, controller, seed))
                if run is not None and len(run):
                    track = track_of(run, task)
                    found.append(track)
                    final[i, j, k], final_best[i, j, k] = track.incumbent[-1], track.best[-1]
            tracks[task.name, controller] = tuple(found)
    return Measures(scales, tracks, final, final_best)


def track_of(run: Run, task: TaskFacts) -> Track:
    """A run of one evaluation or more, measured."""
    scale = scale_of(task)
    empty = np.full(len(run), np.nan)
    worked = np.isfinite(run.observed)
    if not worked.any():
        return Track(run, empty, empty, empty)
    seen = np.where(worked, run.observed, run.observed[worked].min() - 1)
    trained = np.where(worked, run.trained, 0)
    holder = incumbent(seen, np.arange(len(run)), trained).astype(int)
    there = np.arange(len(run)) >= np.argmax(worked)
    quality = run.truth if scale.true else run.observed
    held = np.where(there, quality[holder], np.nan)
    known = worked & np.isfinite(quality)
    best = empty.copy()
    if known.any():
        start = int(np.argmax(known))
        best[start:] = best_so_far(
            np.where(known, quality, quality[known].min())[start:], np.where(known, trained, 0)[start:]
        )
    return Track(run, _loss(held, task, scale), _loss(best, task, scale), np.where(there, run.test[holder], np.nan))


def stacked(curves: Sequence[Floats]) -> Floats:
    """Curves of different lengths, NaN included, as one array `(seeds, longest)`; NaN where a run has ended."""
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    return table


def comparable(final: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which controllers and which seeds can be paired: `(controllers,)` and `(seeds,)`.

    A controller without any seed that is complete over the tasks is left out; then every seed is, for which one of the
    others has no value.
    """
    known = np.asarray(np.isfinite(final).all(axis=0))
    controllers = np.asarray(known.any(axis=1))
    seeds = np.asarray(known[controllers].all(axis=0))
    return controllers, seeds if controllers.any() else np.zeros_like(seeds)


def _loss(quality: Floats, task: TaskFacts, scale: Scale) -> Floats:
    loss = np.full(len(quality), np.nan)
    known = np.isfinite(quality)
    if scale.regret and known.any() and task.optimum is not None:
        loss[known] = regret(quality[known], task.optimum) / (1 if scale.accuracy else 100)
    elif scale.accuracy:
        loss[known] = 100 * (1 - quality[known])
    else:
        loss[known] = 0.0 - quality[known]
    return loss
