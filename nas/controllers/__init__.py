"""The table of controllers, by the name that they have in a run file."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nas.controllers.asha import ASHA
from nas.controllers.controller import Controller, Decided, Predicting, Valuing, draw_other
from nas.controllers.distinct import Distinct
from nas.controllers.hyperband import Hyperband
from nas.controllers.local_search import LocalSearch
from nas.controllers.optuna_controller import OptunaController
from nas.controllers.portfolio import Portfolio
from nas.controllers.q_learning import QLearning
from nas.controllers.random_search import RandomSearch
from nas.controllers.regularized_evolution import RegularizedEvolution
from nas.controllers.successive_halving import SuccessiveHalving
from nas.controllers.warm_start import WarmStart

CONTROLLERS: Mapping[str, Callable[..., Controller]] = MappingProxyType(
    {
        "random": RandomSearch,
        "regularized_evolution": RegularizedEvolution,
        "local_search": LocalSearch,
        "q_learning": QLearning,
        "optuna": OptunaController,
        "distinct": Distinct,
        "successive_halving": SuccessiveHalving,
        "hyperband": Hyperband,
        "asha": ASHA,
        "warm_start": WarmStart,
        "portfolio": Portfolio,
    }
)

__all__ = [
    "ASHA",
    "CONTROLLERS",
    "Controller",
    "Decided",
    "Distinct",
    "Hyperband",
    "LocalSearch",
    "OptunaController",
    "Portfolio",
    "Predicting",
    "QLearning",
    "RandomSearch",
    "RegularizedEvolution",
    "SuccessiveHalving",
    "Valuing",
    "WarmStart",
    "draw_other",
]
