"""What a comparison leaves: for every problem, controller and seed one run, evaluation by evaluation."""

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
    """One run of a controller on a problem, N evaluations in the order in which they were finished.

    Attributes:
        problem, controller: their names in the comparison.
        seed: where all randomness of the run came from.
        ids: N ids of the architectures.
        row: `(N,)` their places in the table; NaN where there is no table.
        observed: `(N,)` the score that the controller was told, higher is better; NaN where the evaluation failed.
        truth: `(N,)` the true quality of what was evaluated, in the unit of `observed`: in a table the mean of all of
            its recorded runs at the full budget; NaN where it is not known.
        unseen: `(N,)` the same without the recorded runs that the search had drawn of it by then; NaN where none is
            left.
        test: `(N,)` its test accuracy; NaN where it is not known.
        trained: `(N,)` for how many epochs it was trained before it was scored.
        epochs: `(N,)` how many of these it cost: less where a training went on, none where the score was known.
        seconds: `(N,)` how long that took, as recorded in the table or measured.
        clock: `(N,)` simulated time at which it was finished, never falling.
        own_seconds: `(N,)` the controller's own time for it, asked and told.
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
    """What a report says of a problem.

    Attributes:
        name: in the comparison.
        source: where the results are from, in a sentence.
        metric: what the score is.
        optimum: the true quality of the best architecture; None where it is not known.
        size: how many architectures there are; None where that is not known.
        known: whether true quality is known; else quality is what was observed.
        runs: the fewest and the most recorded runs of an architecture; None: no recorded ones are looked up.
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
        name: of the comparison.
        problems: in the order of the comparison.
        controllers: name to settings, in the order of the comparison.
        seeds: that every controller was run with, on every problem.
        budget: what each run could spend: `evaluations`, `epochs` or `seconds`, and the number.
        workers: how many evaluations went on at a time.
        runs: (problem, controller, seed) to run.
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
