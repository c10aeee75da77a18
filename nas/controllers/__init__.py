"""The table of controllers, by the name that they have in a run file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nas.controllers.controller import Controller, Decided, Predicting, Valuing, draw_new, draw_other
from nas.controllers.dqn import DQN
from nas.controllers.local_search import LocalSearch
from nas.controllers.optuna_controller import OptunaController
from nas.controllers.q_learning import QLearning
from nas.controllers.random_search import RandomSearch
from nas.controllers.regularized_evolution import RegularizedEvolution

CONTROLLERS: Mapping[str, Callable[..., Controller]] = MappingProxyType(
    {
        "random": RandomSearch,
        "regularized_evolution": RegularizedEvolution,
        "local_search": LocalSearch,
        "q_learning": QLearning,
        "dqn": DQN,
        "optuna": OptunaController,
    }
)

__all__ = [
    "CONTROLLERS",
    "DQN",
    "Controller",
    "Decided",
    "LocalSearch",
    "OptunaController",
    "Predicting",
    "QLearning",
    "RandomSearch",
    "RegularizedEvolution",
    "Valuing",
    "draw_new",
    "draw_other",
]
