"""The schedule of `successive_halving` and `hyperband`: brackets, one after another.

A *bracket* trains n networks for a few epochs, and promotes fewer of them from stage to stage. A stage is complete when
all of its networks have been told; while the next one cannot begin, a new bracket does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nas.controllers.backends.promoting import Rung
from nas.trial import Trial


class Stage(NamedTuple):
    """A number of networks, and the level that they are trained to."""

    level: int
    networks: int


class _Bracket:
    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = stages
        self.rungs = {stage.level: Rung() for stage in stages}

    @property
    def full(self) -> bool:
        """Whether it takes no more new networks."""
        return self.rungs[self.stages[0].level].told >= self.stages[0].networks

    def promotions(self) -> Iterator[tuple[Trial, int]]:
        """The trials to promote from each complete stage, and the level that each is promoted to."""
        expected = self.stages[0].networks
        for stage, following in zip(self.stages, self.stages[1:], strict=False):
            rung = self.rungs[stage.level]
            if rung.told < expected:
                return
            best = rung.best(following.networks)
            yield from ((trial, following.level) for trial in best)
            expected = len(best)


class Brackets:
    """Brackets, one after another.

    Args:
        plan: from the index of a bracket, from 0, to its stages.
    """

    def __init__(self, plan: Callable[[int], Sequence[Stage]]) -> None:
        self._plan = plan
        self._brackets = [_Bracket(plan(0))]
        self._home: dict[int, _Bracket] = {}

    def due(self) -> Iterator[tuple[Trial, int]]:
        """The trials to promote, and the level that each is promoted to, the first bracket first."""
        for bracket in self._brackets:
            yield from bracket.promotions()

    def enter(self, trial: Trial, level: int) -> None:
        """Adds a trial: a new network to the last bracket, or to a new one if that is full; others to their parent's.

        Trials that belong to no bracket were proposed by another controller, or with other settings, and are ignored.
        """
        parent = trial.proposal.parent
        if parent is None and level == 0:
            if self._brackets[-1].full:
                self._brackets.append(_Bracket(self._plan(len(self._brackets))))
            bracket = self._brackets[-1]
        elif parent in self._home and level in self._home[parent].rungs:
            bracket = self._home[parent]
        else:
            return
        self._home[trial.number] = bracket
        bracket.rungs[level].add(trial)
