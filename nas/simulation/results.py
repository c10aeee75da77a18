"""The results of a comparison: for each problem, controller and seed, a run with all of its evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked

Floats = NDArray[np.float64]


@checked
@dataclass(frozen=True, eq=False)
class Run:
    """One run of a controller on a problem: N evaluations in the order of their completion.

    Attributes:
        problem, controller: their labels in the comparison.
        seed: the seed of all random numbers of the run.
        ids: the N ids of the architectures.
        row: `(N,)`, their rows in the table; NaN without a table.
        observed: `(N,)`, the score that the controller was told, higher is better; NaN if the evaluation failed.
        truth: `(N,)`, the true quality of the architecture, in the unit of `observed`: for a table, the mean of all
            recorded runs at the full budget; NaN if unknown.
        unseen: `(N,)`, the same without the recorded runs that the search had drawn by then; NaN if none is left.
        test: `(N,)`, the test accuracy of the architecture; NaN if unknown.
        trained: `(N,)`, the epochs of the training that was scored.
        epochs: `(N,)`, the epochs that were charged: fewer if a training was continued, 0 if the score was cached.
        seconds: `(N,)`, the seconds that were charged, as recorded in the table or measured.
        clock: `(N,)`, the simulated time of completion in seconds, not decreasing.
        own_seconds: `(N,)`, the controller's own time for the evaluation, asking and telling.
    """

    problem: str
    controller: str
    seed: int
    ids: tuple[str, ...]
    row: Floats
    observed: Floats
    truth: Floats
    unseen: Floats
    test: Floats
    trained: Floats
    epochs: Floats
    seconds: Floats
    clock: Floats
    own_seconds: Floats

    def __len__(self) -> int:
        return len(self.ids)


@checked
@dataclass(frozen=True)
class ProblemFacts:
    """The description of a problem in reports.

    Attributes:
        name: its label in the comparison.
        source: the origin of the results, in a sentence.
        metric: the metric of the score.
        optimum: the true quality of the best architecture; None if unknown.
        size: the number of architectures; None if unknown.
        known: whether true quality is known; else quality is the observed score.
        runs: the smallest and the largest number of recorded runs of an architecture; None: there is no table.
    """

    name: str
    source: str
    metric: str
    optimum: float | None
    size: int | None
    known: bool
    runs: tuple[int, int] | None = None


@checked
@dataclass(frozen=True, eq=False)
class Results:
    """All runs of a comparison.

    Attributes:
        name: the name of the comparison.
        problems: in the order of the comparison file.
        controllers: the settings of each controller by its label, in the order of the comparison file.
        seeds: the seeds of the runs of each controller on each problem.
        budget: the budget of each run: `evaluations`, `epochs` or `seconds`, and the amount.
        workers: the number of simulated workers.
        runs: the runs by (problem, controller, seed).
        recorded: versions, hardware and date.
    """

    name: str
    problems: tuple[ProblemFacts, ...]
    controllers: Mapping[str, Mapping[str, Any]]
    seeds: tuple[int, ...]
    budget: tuple[str, float]
    workers: int
    runs: Mapping[tuple[str, str, int], Run]
    recorded: Mapping[str, str]
