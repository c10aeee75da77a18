"""The page of a comparison while it is made: its options, plots and notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nas.analysis.judged import Judgement
from nas.analysis.measures import Measures, Scale, Track
from nas.errors import UsageError
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.who import Who
from nas.simulation.results import ProblemFacts, Results


@dataclass(frozen=True)
class Options:
    """The options of a page.

    Attributes:
        delta: the regret, in percentage points, up to which an architecture counts as near-optimal in the plot.
        deltas: the same for the table.
        statistic: the statistic of the curves over the seeds.
        seed: the seed of the bootstrap.
    """

    delta: float = 0.5
    deltas: tuple[float, ...] = (1.0, 0.5, 0.1)
    statistic: Literal["mean", "median"] = "mean"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Page:
    """The input of the sections of a page, and their output: plots, and notes on missing results."""

    judged: Judgement
    options: Options
    rng: np.random.Generator
    plots: list[Plot] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, judged: Judgement, options: Options) -> "Page":
        """An empty page."""
        return cls(judged, options, np.random.default_rng(options.seed), missing=list(judged.notes))

    @property
    def results(self) -> Results:
        """The runs."""
        return self.judged.results

    @property
    def measures(self) -> Measures:
        """The measures of the runs."""
        return self.judged.measures

    @property
    def who(self) -> Sequence[Who]:
        """The controllers in the order of the comparison file."""
        return [Who(name, place) for place, name in enumerate(self.results.controllers)]

    @property
    def ranked(self) -> Sequence[Who]:
        """The controllers that are compared, in the order of the analysis."""
        who = {each.name: each for each in self.who}
        return [who[name] for name in self.judged.controllers]

    def scale(self, problem: ProblemFacts) -> Scale:
        """The quantity by which the runs on a problem are compared."""
        return self.measures.scales[problem.name]

    def tracks(self, problem: ProblemFacts, who: Who) -> Sequence[Track]:
        """The runs of a controller on a problem."""
        return self.measures.tracks[problem.name, who.name]

    def draw(self, what: str, make: Callable[[], Plot]) -> Plot | None:
        """Makes a plot and keeps it; if it cannot be made, notes the reason."""
        try:
            plot = make()
        except UsageError as error:
            self.missing.append(f"{what}: {error}.")
            return None
        self.plots.append(plot)
        return plot
