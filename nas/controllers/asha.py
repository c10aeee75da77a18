"""ASHA, asynchronous successive halving: Li, Jamieson, Rostamizadeh, Gonina, Ben-Tzur, Hardt, Recht & Talwalkar, "A
System for Massively Parallel Hyperparameter Tuning", MLSys 2020 (arXiv:1810.05934), algorithm 2.

Whenever a worker is idle, the highest rung with a network that is among the best 1/η and not yet promoted is found, and
the network is promoted. If there is none, a new network is added to the bottom rung. No rung has to be complete.

Deviations: rungs are counted down from the full training, R, R/η, R/η², ..., as in Hyperband, where the paper counts up
from r; both are the same if R/r is a power of η, and otherwise the last rung is the full training here as well. New
networks come from the wrapped controller, where the paper samples them at random. A network that is proposed again does
not join a rung twice. A failed network is the worst member of its rung, and is not promoted.
"""

from collections.abc import Iterator
from typing import ClassVar

from nas.arguments import Positive, checked
from nas.controllers.backends.promoting import Eta, Promoting, Rung, levels_of
from nas.controllers.controller import Controller
from nas.trial import Trial


@checked
class ASHA(Promoting):
    """Promotes a network as soon as it is among the best of its rung.

    Args:
        controller: what proposes networks. It is told their results after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: r, the fewest epochs that a network is trained for (R/256 in most of the paper's experiments).
        eta: η, one in η networks is promoted (the paper's 4).
    """

    name: ClassVar = "asha"

    def __init__(
        self, controller: Controller, *, full_epochs: Positive, min_epochs: Positive = 1, eta: Eta = 4
    ) -> None:
        levels = levels_of(full_epochs, min_epochs, eta)
        super().__init__(controller, levels, Rungs(len(levels), eta))


class Rungs:
    """The schedule of ASHA.

    Args:
        count: how many rungs.
        eta: η.
    """

    def __init__(self, count: int, eta: int) -> None:
        self._eta = eta
        self._rungs = [Rung() for _ in range(count)]

    def due(self) -> Iterator[tuple[Trial, int]]:
        """The best 1/η of each rung, from the highest that has a rung above it down to the lowest."""
        for level in reversed(range(1, len(self._rungs))):
            rung = self._rungs[level - 1]
            for trial in rung.best(rung.networks // self._eta):
                yield trial, level

    def enter(self, trial: Trial, level: int) -> None:
        """Enters a trial into the rung of its level."""
        self._rungs[level].add(trial)
