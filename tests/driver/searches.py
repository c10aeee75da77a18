"""Every controller on a small space, and evaluators for it, for the tests of searches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nas.controllers import (
    ASHA,
    DQN,
    GPT,
    NSGA2,
    PPO,
    Bananas,
    BayesianOptimization,
    BayesianQ,
    Controller,
    Distinct,
    EarlyStopping,
    Grid,
    Hyperband,
    LocalSearch,
    OptunaController,
    Portfolio,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
    Reinforce,
    SuccessiveHalving,
    WarmStart,
)
from nas.evaluate import make_proxies
from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Metrics, Trial

MAKERS: dict[str, Callable[..., Controller]] = {
    "random": RandomSearch,
    "regularized_evolution": lambda space: RegularizedEvolution(space, population=6, tournament=3),
    "local_search": LocalSearch,
    "grid": Grid,
    "nsga2": lambda space: NSGA2(space, population=4),
    "bananas": lambda space: Bananas(space, initial=4, batch_size=6, candidates=10, steps=5),
    "gp": lambda space: BayesianOptimization(space, initial=4, batch_size=6, candidates=10),
    "bayesian_q": lambda space: BayesianQ(space, initial=3, random=4, mutants=4),
    "dqn": lambda space: DQN(space, initial=4, anneal=4, updates=1, batch_size=4, units=4),
    "reinforce": lambda space: Reinforce(space, batch_size=4, units=4, layers=1),
    "ppo": lambda space: PPO(space, batch_size=4, epochs=1, units=4),
    "gpt": lambda space: GPT(space, initial=4, batch_size=4, steps=1, width=4),
    "optuna": lambda space: OptunaController(space, settings={"n_startup_trials": 4}),
    "q_learning": lambda space, trials=20: QLearning(space, trials=trials, replay=5),
    "distinct": lambda space: Distinct(space, RegularizedEvolution(space, population=6, tournament=3)),
    "warm_start": lambda space: WarmStart(space, LocalSearch(space), proxies=make_proxies(), candidates=10),
    "portfolio": lambda space: Portfolio([LocalSearch(space), RandomSearch(space)]),
    "successive_halving": lambda space: SuccessiveHalving(LocalSearch(space), full_epochs=9),
    "hyperband": lambda space: Hyperband(RandomSearch(space), full_epochs=4, eta=2),
    "early_stopping": lambda space: EarlyStopping(
        RegularizedEvolution(space, population=4, tournament=2), full_epochs=4, initial=1, threshold=0.4
    ),
    "asha": lambda space, trials=20: ASHA(QLearning(space, trials=trials, replay=5), full_epochs=9, eta=2),
}
SCHEDULED = ("q_learning", "asha")
"""Those that have a schedule over so many trials."""


def make_controller(name: str, space: Space, *, trials: int) -> Controller:
    """The controller of a search for so many trials."""
    return MAKERS[name](space, trials=trials) if name in SCHEDULED else MAKERS[name](space)


SPACE = parse_space(
    """
    input: [4]
    layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, gelu]}]
    """
)
EVALUATOR: Evaluator = FailingEvaluator(MatchEvaluator(SPACE.sample(np.random.default_rng(50))))
"""Fails one time in three."""


def timeless(trial: Trial) -> Trial:
    """All of a trial but its duration."""
    return replace(trial, seconds=0.0)


@dataclass(frozen=True)
class Slow:
    """An evaluator whose evaluations take between 1 and 8 seconds of simulated time."""

    evaluator: Evaluator

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        metrics = self.evaluator(arch, epochs=epochs, seed=seed)
        return {**metrics, "seconds": 1.0 + seed % 8}


def reporting(*reported: object) -> Evaluator:
    """Reports each of these in turn, and the last one for ever."""
    left = list(reported)

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    return evaluate


GOOD = {"val_acc": 0.5}
