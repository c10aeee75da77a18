"""Successive halving: Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
AISTATS 2016 (arXiv:1502.07943), figure 3; with the η of Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband",
JMLR 18 (185), 2018, algorithm 1, lines 5 to 10.

A *bracket* is n networks that are trained for a few epochs; the best n/η of them go on to η times as many, of these the
best n/η², and so on to the full training. Then the next bracket begins.

Deviations: new networks come from the wrapped controller, where the paper draws them at random; a network that a
bracket has twice is promoted once, and one that failed is not. A worker for which the bracket has nothing to do,
because a stage must be complete before the next one begins, begins the next bracket (as in the comparison of Li et al.,
MLSys 2020, section 3.1).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from nas.arguments import checked
from nas.controllers.backends.promoting import Promoting, Rung, levels_of
from nas.controllers.controller import Controller
from nas.errors import UsageError
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


@checked
class SuccessiveHalving(Promoting):
    """Trains many networks for a few epochs, the better ones of them for longer, and so on.

    Args:
        controller: what proposes networks. It is told what came of them after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: r, the fewest that a network is trained for.
        eta: η, one in so many goes on (the papers' 2, and 3 or 4).
        networks: n, how many a bracket begins with; None: so many that one of them comes to the full training.
    """

    def __init__(
        self,
        controller: Controller,
        *,
        full_epochs: int,
        min_epochs: int = 1,
        eta: int = 3,
        networks: int | None = None,
    ) -> None:
        super().__init__(controller, levels_of(full_epochs, min_epochs, eta))
        least = eta ** (len(self.levels) - 1)
        if networks is not None and networks < least:
            raise UsageError(f"networks must be {least} or more, or none comes to the full training, got {networks}")
        self.eta = eta
        self.networks = networks or least
        stages = [Stage(level, self.networks // eta**level) for level in range(len(self.levels))]
        self._brackets = Brackets(lambda _: stages)

    def _due(self) -> Iterator[tuple[Trial, int]]:
        return self._brackets.due()

    def _enter(self, trial: Trial, level: int) -> None:
        self._brackets.enter(trial, level)
