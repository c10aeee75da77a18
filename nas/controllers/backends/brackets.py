"""The schedule of `successive_halving` and `hyperband`: brackets, one after another.

A *bracket* trains n networks for a few epochs, and promotes fewer of them from stage to stage. A stage is complete when
all of its networks have been told; while the next one cannot begin, a new bracket does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nas.controllers.backends.promoting import Rung
from nas.trial import Trial


class Stage(NamedTuple):
    """So many networks are trained to a level."""

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
        """Who goes on from each stage that is complete, and to which level."""
        expected = self.stages[0].networks
        for stage, following in zip(self.stages, self.stages[1:], strict=False):
            rung = self.rungs[stage.level]
            if rung.told < expected:
                return
            best = rung.best(following.networks)
            yield from ((trial, following.level) for trial in best)
            expected = len(best)


class Brackets:
    """Brackets one after the other.

    Args:
        plan: the stages of the bracket of a number, from 0.
    """

    def __init__(self, plan: Callable[[int], Sequence[Stage]]) -> None:
        self._plan = plan
        self._brackets = [_Bracket(plan(0))]
        self._home: dict[int, _Bracket] = {}

    def due(self) -> Iterator[tuple[Trial, int]]:
        """Who goes on, and to which level, the first bracket first."""
        for bracket in self._brackets:
            yield from bracket.promotions()

    def enter(self, trial: Trial, level: int) -> None:
        """Enters a trial: a new network into the last bracket, or the next; another one into its parent's.

        What a bracket has no place for was proposed by someone else, or with other settings, and is left out.
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
