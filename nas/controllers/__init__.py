"""The table of controllers, by the name that they have in a run file."""

from nas.controllers.asha import ASHA
from nas.controllers.bananas import Bananas
from nas.controllers.bayesian_q import BayesianQ
from nas.controllers.controller import Controller, Decided, Predicting, Valuing, draw_other
from nas.controllers.distinct import Distinct
from nas.controllers.dqn import DQN
from nas.controllers.gp import BayesianOptimization
from nas.controllers.gpt import GPT
from nas.controllers.grid import Grid
from nas.controllers.hyperband import Hyperband
from nas.controllers.local_search import LocalSearch
from nas.controllers.nsga2 import NSGA2
from nas.controllers.optuna_controller import OptunaController
from nas.controllers.portfolio import Portfolio
from nas.controllers.ppo import PPO
from nas.controllers.q_learning import QLearning
from nas.controllers.random_search import RandomSearch
from nas.controllers.regularized_evolution import RegularizedEvolution
from nas.controllers.reinforce import Reinforce
from nas.controllers.successive_halving import SuccessiveHalving
from nas.controllers.warm_start import WarmStart
from nas.settings import Registry

CONTROLLERS: Registry[Controller] = Registry(
    Controller,
    "controller",
    {
        "random": RandomSearch,
        "grid": Grid,
        "regularized_evolution": RegularizedEvolution,
        "local_search": LocalSearch,
        "nsga2": NSGA2,
        "bananas": Bananas,
        "gp": BayesianOptimization,
        "q_learning": QLearning,
        "bayesian_q": BayesianQ,
        "reinforce": Reinforce,
        "ppo": PPO,
        "gpt": GPT,
        "dqn": DQN,
        "optuna": OptunaController,
        "distinct": Distinct,
        "successive_halving": SuccessiveHalving,
        "hyperband": Hyperband,
        "asha": ASHA,
        "warm_start": WarmStart,
        "portfolio": Portfolio,
    },
    supplied=("space", "trials", "full_epochs", "proxies"),
)

__all__ = [
    "ASHA",
    "CONTROLLERS",
    "DQN",
    "GPT",
    "NSGA2",
    "PPO",
    "Bananas",
    "BayesianOptimization",
    "BayesianQ",
    "Controller",
    "Decided",
    "Distinct",
    "Grid",
    "Hyperband",
    "LocalSearch",
    "OptunaController",
    "Portfolio",
    "Predicting",
    "QLearning",
    "RandomSearch",
    "RegularizedEvolution",
    "Reinforce",
    "SuccessiveHalving",
    "Valuing",
    "WarmStart",
    "draw_other",
]
