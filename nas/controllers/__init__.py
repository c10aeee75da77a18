"""The controllers, and their table. A new one is a file of this folder and a line below."""

from nas.controllers.asha import ASHA as ASHA
from nas.controllers.bananas import Bananas as Bananas
from nas.controllers.bayesian_q import BayesianQ as BayesianQ
from nas.controllers.controller import Controller as Controller
from nas.controllers.controller import Decided as Decided
from nas.controllers.controller import Predicting as Predicting
from nas.controllers.controller import Valuing as Valuing
from nas.controllers.controller import draw_other as draw_other
from nas.controllers.distinct import Distinct as Distinct
from nas.controllers.dqn import DQN as DQN
from nas.controllers.early_stopping import EarlyStopping as EarlyStopping
from nas.controllers.gp import BayesianOptimization as BayesianOptimization
from nas.controllers.gpt import GPT as GPT
from nas.controllers.grid import Grid as Grid
from nas.controllers.hyperband import Hyperband as Hyperband
from nas.controllers.local_search import LocalSearch as LocalSearch
from nas.controllers.nsga2 import NSGA2 as NSGA2
from nas.controllers.optuna_controller import OptunaController as OptunaController
from nas.controllers.portfolio import Portfolio as Portfolio
from nas.controllers.ppo import PPO as PPO
from nas.controllers.q_learning import QLearning as QLearning
from nas.controllers.random_search import RandomSearch as RandomSearch
from nas.controllers.regularized_evolution import RegularizedEvolution as RegularizedEvolution
from nas.controllers.reinforce import Reinforce as Reinforce
from nas.controllers.successive_halving import SuccessiveHalving as SuccessiveHalving
from nas.controllers.warm_start import WarmStart as WarmStart
from nas.settings import Registry
from nas.tables import by_name

CONTROLLERS: Registry[Controller] = Registry(
    Controller,
    "controller",
    by_name(value for value in list(globals().values()) if isinstance(value, type)),
    supplied=("space", "trials", "full_epochs", "proxies"),
)
"""Every controller, by its name in a run file."""
