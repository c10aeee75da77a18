"""Hyperband: Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband: A Novel Bandit-Based Approach to
Hyperparameter Optimization", JMLR 18 (185), 2018, algorithm 1.

How many networks should share the epochs is not known in advance, so brackets of successive halving with different
numbers take turns: the first trains the most networks, for the fewest epochs at first; the last trains a few networks
in full. With R = 81 and η = 3 the brackets begin with 81, 34, 15, 8 and 5 networks.

Deviations: after the last bracket the first one comes again, until the search ends. New networks come from the wrapped
controller, where the paper samples them at random. Every network, in any bracket, is first trained for the fewest
epochs of all, since the wrapped controller is told that result, at which all networks are comparable; in a bracket that
begins higher, all of them then continue. This takes more trials, but no more epochs. Otherwise as in
`successive_halving.py`.
"""

from collections.abc import Sequence
from typing import ClassVar

from nas.arguments import Positive, checked
from nas.controllers.backends.brackets import Brackets, Stage
from nas.controllers.backends.promoting import Eta, Promoting, levels_of
from nas.controllers.controller import Controller


def bracket(s: int, s_max: int, eta: int) -> Sequence[Stage]:
    """Bracket s of Hyperband (s_max, ..., 0), which begins with a fraction η^-s of the full training."""
    first = s_max - s
    networks = -(-(s_max + 1) * eta**s // (s + 1))  # rounded up
    stages = [Stage(first + i, networks // eta**i) for i in range(s + 1)]
    return stages if first == 0 else [Stage(0, networks), *stages]


@checked
class Hyperband(Promoting):
    """Brackets of successive halving, from many networks and few epochs to few networks and many epochs, in turn.

    Args:
        controller: what proposes networks. It is told their results after the fewest epochs (`promoting.py`).
        full_epochs: R, epochs of the evaluator's full training.
        min_epochs: the fewest epochs that a network is trained for (the paper's 1).
        eta: η, one in η networks is promoted (the paper's 3).
    """

    name: ClassVar = "hyperband"

    def __init__(
        self, controller: Controller, *, full_epochs: Positive, min_epochs: Positive = 1, eta: Eta = 3
    ) -> None:
        levels = levels_of(full_epochs, min_epochs, eta)
        s_max = len(levels) - 1
        super().__init__(controller, levels, Brackets(lambda number: bracket(s_max - number % (s_max + 1), s_max, eta)))
