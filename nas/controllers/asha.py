"""ASHA, asynchronous successive halving: Li, Jamieson, Rostamizadeh, Gonina, Ben-Tzur, Hardt, Recht & Talwalkar, "A
System for Massively Parallel Hyperparameter Tuning", MLSys 2020 (arXiv:1810.05934), algorithm 2.

Whenever a worker is idle, the highest rung is looked for in which a network is among the best 1/η and was not promoted:
it is. If there is none, a new network grows the bottom rung. Nothing waits for a rung to be complete.

Deviations: rungs are counted down from the full training, R, R/η, R/η², ... as Hyperband does, where the paper's go up
from r; they are the same where R/r is a power of η, and else the last one is the full training here too. New networks
come from the wrapped controller, where the paper draws them at random. A network that is proposed again is no second
member of a rung. One that failed is a member, the worst of all, and not promoted.
"""

from collections.abc import Iterator

from nas.arguments import checked
from nas.controllers.backends.promoting import Promoting, Rung, levels_of
from nas.controllers.controller import Controller
from nas.trial import Trial


@checked
class ASHA(Promoting):
    """Promotes a network as soon as it is among the best of those that were trained for as long.

    Args:
        controller: what proposes networks. It is told what came of them after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: r, the fewest that a network is trained for (R/256 in most of the paper's experiments).
        eta: η, one in so many is promoted (the paper's 4).
    """

    def __init__(self, controller: Controller, *, full_epochs: int, min_epochs: int = 1, eta: int = 4) -> None:
        super().__init__(controller, levels_of(full_epochs, min_epochs, eta))
        self.eta = eta
        self._rungs = [Rung() for _ in self.levels]

    def _due(self) -> Iterator[tuple[Trial, int]]:
        for level in reversed(range(1, len(self.levels))):
            rung = self._rungs[level - 1]
            for trial in rung.best(rung.networks // self.eta):
                yield trial, level

    def _enter(self, trial: Trial, level: int) -> None:
        self._rungs[level].add(trial)
