"""The table of controllers, by the name that they have in a run file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nas.controllers.bananas import Bananas
from nas.controllers.controller import Controller, Decided, Predicting, Valuing, draw_other
from nas.controllers.gp import BayesianOptimization
from nas.controllers.grid import Grid
from nas.controllers.local_search import LocalSearch
from nas.controllers.nsga2 import Nsga2
from nas.controllers.optuna_controller import OptunaController
from nas.controllers.q_learning import QLearning
from nas.controllers.random_search import RandomSearch
from nas.controllers.regularized_evolution import RegularizedEvolution

CONTROLLERS: Mapping[str, Callable[..., Controller]] = MappingProxyType(
    {
        "random": RandomSearch,
        "grid": Grid,
        "regularized_evolution": RegularizedEvolution,
        "local_search": LocalSearch,
        "nsga2": Nsga2,
        "bananas": Bananas,
        "gp": BayesianOptimization,
        "q_learning": QLearning,
        "optuna": OptunaController,
    }
)

__all__ = [
    "CONTROLLERS",
    "Bananas",
    "BayesianOptimization",
    "Controller",
    "Decided",
    "Grid",
    "LocalSearch",
    "Nsga2",
    "OptunaController",
    "Predicting",
    "QLearning",
    "RandomSearch",
    "RegularizedEvolution",
    "Valuing",
    "draw_other",
]
