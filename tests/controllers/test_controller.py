"""The contract, for every controller of the table: a new one without a case here makes the first test fail."""

import inspect
from collections.abc import Callable

import numpy as np
import pytest

from nas.controllers import (
    ASHA,
    CONTROLLERS,
    DQN,
    GPT,
    NSGA2,
    PPO,
    Bananas,
    BayesianOptimization,
    BayesianQ,
    Controller,
    Distinct,
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
from nas.driver.loop import search
from nas.evaluate import make_proxies
from nas.space import Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator, check_controller

SPACES = {
    "plain": "input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, gelu, tanh]}]",
    "limited": """
        input: [1, 8, 8]
        limits: {params: 200}
        classes: 2
        layers:
          - repeat: {choice: [1, 2, 3]}
            of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
          - choice: [flatten, global_avg_pool]
          - linear: {units: classes}""",
    "one member": "input: [4]\nlayers: [{linear: {units: {choice: [3]}}}]",
    "no decision": "input: [4]\nlayers: [relu]",
}

MAKERS: dict[str, Callable[[Space], Controller]] = {
    "random": RandomSearch,
    "grid": Grid,
    "regularized_evolution": lambda space: RegularizedEvolution(space, population=8, tournament=3),
    "local_search": LocalSearch,
    "bayesian_q": lambda space: BayesianQ(space, initial=4, random=10, mutants=10),
    "nsga2": lambda space: NSGA2(space, population=6),
    "bananas": lambda space: Bananas(space, initial=5, batch=6, candidates=20, steps=20),
    "gp": lambda space: BayesianOptimization(space, initial=5, candidates=20),
    "optuna": lambda space: OptunaController(space, settings={"n_startup_trials": 10}),
    "dqn": lambda space: DQN(space, start=5, anneal=5, updates=1, batch_size=8, hidden=8),
    "q_learning": lambda space: QLearning(space, trials=30, replay=5),
    "distinct": lambda space: Distinct(space, RegularizedEvolution(space, population=8), tries=2),
    "warm_start": lambda space: WarmStart(space, RegularizedEvolution(space), proxies=make_proxies(), candidates=20),
    "portfolio": lambda space: Portfolio([RandomSearch(space), RegularizedEvolution(space, population=8)]),
    "reinforce": lambda space: Reinforce(space, batch=10, units=8, layers=1),
    "ppo": lambda space: PPO(space, batch=10, epochs=2, units=8),
    "gpt": lambda space: GPT(space, warm_up=10, every=10, steps=2, width=8),
    "successive_halving": lambda space: SuccessiveHalving(RandomSearch(space), full_epochs=9),
    "hyperband": lambda space: Hyperband(RegularizedEvolution(space, population=8, tournament=3), full_epochs=9),
    "asha": lambda space: ASHA(QLearning(space, trials=30, replay=5), full_epochs=20, eta=2),
}


def test_every_controller_has_a_case() -> None:
    assert set(MAKERS) == set(CONTROLLERS)


@pytest.mark.parametrize("text", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_contract(name: str, text: str) -> None:
    space = parse_space(text)
    check_controller(lambda: MAKERS[name](space), space, trials=20 if space.size > 1 else 8)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_defaults_work(name: str) -> None:
    space = parse_space(SPACES["limited"])
    supplied = {
        "space": space,
        "trials": 20,
        "full_epochs": 4,
        "proxies": make_proxies(),
        "controller": RandomSearch(space),
        "controllers": [RandomSearch(space), LocalSearch(space)],
    }
    wanted = inspect.signature(CONTROLLERS[name]).parameters
    controller = CONTROLLERS[name](**{name: value for name, value in supplied.items() if name in wanted})
    evaluator = FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(0))))
    assert len(search(controller, evaluator, trials=20)) == 20


@pytest.mark.parametrize("name", CONTROLLERS)
def test_more_trials_than_members(name: str) -> None:
    space = parse_space(SPACES["plain"])
    study = search(MAKERS[name](space), MatchEvaluator(space.sample(np.random.default_rng(0))), trials=20)
    assert len(study) == 20


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CONTROLLERS["random"] = RandomSearch  # type: ignore[index]  # what is tested
