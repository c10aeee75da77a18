"""The contract, for every controller of the table and for controllers that wrap others."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from nas.controllers import (
    ASHA,
    CONTROLLERS,
    NSGA2,
    PPO,
    Bananas,
    BayesianQ,
    Controller,
    Distinct,
    EarlyStopping,
    LocalSearch,
    Portfolio,
    RandomSearch,
    RegularizedEvolution,
    SuccessiveHalving,
    WarmStart,
)
from nas.driver.search import search
from nas.errors import UsageError
from nas.evaluate import make_proxies
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator, check_controller

SPACES = {
    "plain": "input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, gelu, tanh]}]",
    "limited": """
        input: [1, 8, 8]
        limits: {params: 200}
        outputs: 2
        layers:
          - repeat: {choice: [1, 2, 3]}
            of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
          - choice: [flatten, global_avg_pool]
          - linear: {units: outputs}""",
    "one member": "input: [4]\nlayers: [{linear: {units: {choice: [3]}}}]",
    "no decision": "input: [4]\nlayers: [relu]",
}

SMALL: Mapping[str, Mapping[str, Any]] = {
    "asha": {"full_epochs": 20, "eta": 2},
    "bananas": {"initial": 5, "batch_size": 6, "candidates": 20, "steps": 20},
    "bayesian_q": {"initial": 4, "random": 10, "mutants": 10},
    "distinct": {"tries": 2},
    "dqn": {"initial": 5, "anneal": 5, "updates": 1, "batch_size": 8, "units": 8},
    "early_stopping": {"full_epochs": 4, "initial": 1, "threshold": 0.4},
    "gp": {"initial": 5, "candidates": 20},
    "gpt": {"initial": 10, "batch_size": 10, "steps": 2, "width": 8},
    "nsga2": {"population": 6},
    "optuna": {"settings": {"n_startup_trials": 10}},
    "ppo": {"batch_size": 10, "epochs": 2, "units": 8},
    "q_learning": {"trials": 30, "replay": 5},
    "regularized_evolution": {"population": 8, "tournament": 3},
    "reinforce": {"batch_size": 10, "units": 8, "layers": 1},
    "warm_start": {"candidates": 20},
}
"""Settings with which few trials reach all that a controller does."""


def made(name: str, space: Space, **settings: Any) -> Controller:
    """A controller of the table, given what it takes of what a run supplies."""
    evolution = RegularizedEvolution(space, population=8, tournament=3)
    supplied = {
        "space": space,
        "trials": 20,
        "full_epochs": 9,
        "proxies": make_proxies(),
        "controller": evolution,
        "controllers": [RandomSearch(space), evolution],
    }
    taken = inspect.signature(CONTROLLERS[name]).parameters
    return CONTROLLERS[name](**{key: value for key, value in {**supplied, **settings}.items() if key in taken})


@pytest.mark.slow
@pytest.mark.parametrize("text", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("name", CONTROLLERS)
def test_contract(name: str, text: str) -> None:
    space = parse_space(text)
    check_controller(lambda: made(name, space, **SMALL.get(name, {})), space, trials=14 if space.size > 1 else 4)


WRAPPED: Mapping[str, Callable[[Space], Controller]] = {
    "distinct, nsga2": lambda space: Distinct(space, NSGA2(space, population=4)),
    "distinct, warm_start, bayesian_q": lambda space: Distinct(
        space,
        WarmStart(
            space, BayesianQ(space, initial=3, random=5, mutants=5), proxies=make_proxies(), candidates=5, initial=2
        ),
    ),
    "portfolio of three": lambda space: Portfolio(
        [
            Bananas(space, initial=3, batch_size=4, candidates=10, steps=5),
            PPO(space, batch_size=4, epochs=2, units=4),
            LocalSearch(space),
        ],
        window=6,
    ),
    "successive_halving, distinct, ppo": lambda space: SuccessiveHalving(
        Distinct(space, PPO(space, batch_size=3, epochs=2, units=4)), full_epochs=4, eta=2
    ),
    "asha, portfolio": lambda space: ASHA(Portfolio([RandomSearch(space), LocalSearch(space)]), full_epochs=4, eta=2),
    "portfolio, asha": lambda space: Portfolio(
        [ASHA(LocalSearch(space), full_epochs=4, eta=2), NSGA2(space, population=4)]
    ),
    "early_stopping, distinct, nsga2": lambda space: EarlyStopping(
        Distinct(space, NSGA2(space, population=4)), full_epochs=2, threshold=0.4, initial=1
    ),
    "portfolio, early_stopping": lambda space: Portfolio(
        [EarlyStopping(LocalSearch(space), full_epochs=4, initial=1), NSGA2(space, population=4)]
    ),
    "distinct, asha": lambda space: Distinct(space, ASHA(NSGA2(space, population=4), full_epochs=4, eta=2)),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_contract_of_wrapped_controllers(name: str) -> None:
    space = parse_space(SPACES["limited"])
    check_controller(lambda: WRAPPED[name](space), space, trials=14)


SCORES: Mapping[str, Callable[[Architecture], tuple[float, ...]]] = {
    "fewest parameters": lambda arch: (-float(arch.params),),
    "two objectives": lambda arch: (int(arch.id, 16) / 16**16, -float(arch.params)),
}


@pytest.mark.parametrize("scores", SCORES)
@pytest.mark.parametrize("name", [*CONTROLLERS, *WRAPPED])
def test_contract_for_other_objectives(name: str, scores: str) -> None:
    space = parse_space(SPACES["limited"])
    wrapped = WRAPPED.get(name) or (lambda space: made(name, space, **SMALL.get(name, {})))
    check_controller(lambda: wrapped(space), space, trials=10, scores=SCORES[scores])


@pytest.mark.parametrize("name", CONTROLLERS)
def test_defaults_work(name: str) -> None:
    space = parse_space(SPACES["limited"])
    evaluator = FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(0))))
    assert len(search(made(name, space), evaluator, trials=20)) == 20


@pytest.mark.parametrize("name", CONTROLLERS)
def test_more_trials_than_members(name: str) -> None:
    space = parse_space(SPACES["plain"])
    evaluator = MatchEvaluator(space.sample(np.random.default_rng(0)))
    assert len(search(made(name, space, **SMALL.get(name, {})), evaluator, trials=20)) == 20


OUTSIDE: Mapping[str, Mapping[str, Any]] = {
    "asha": {"full_epochs": 0, "min_epochs": 0, "eta": 1},
    "bananas": {"initial": 0, "batch_size": 0, "candidates": 0, "parents": 0, "steps": 0, "longest": -1},
    "bayesian_q": {"initial": 0, "random": 0, "mutants": -1, "parents": 0},
    "distinct": {"tries": 0},
    "dqn": {
        "initial": 0,
        "anneal": -1,
        "epsilon": 1.5,
        "updates": 0,
        "batch_size": 0,
        "lr": 0.0,
        "units": 0,
        "n_step": 0,
        "sync": 0,
        "priority": -0.1,
        "correction": 1.1,
    },
    "early_stopping": {"full_epochs": 0, "threshold": 1.5, "initial": 0, "min_epochs": 0, "eta": 1},
    "gp": {"initial": 0, "batch_size": 0, "candidates": 1, "parents": 0},
    "gpt": {
        "initial": -1,
        "elite": 0.0,
        "min_elite": 0,
        "batch_size": 0,
        "steps": 0,
        "lr": 0.0,
        "temperature": 0.0,
        "uniform": 1.5,
        "width": 0,
        "layers": 0,
        "heads": 0,
    },
    "hyperband": {"full_epochs": 0, "min_epochs": 0, "eta": 1},
    "local_search": {"initial": 0},
    "nsga2": {"population": 1, "crossover": 1.5, "mutation": -0.1},
    "optuna": {"objectives": 0},
    "portfolio": {"window": 0, "exploration": -1.0},
    "ppo": {
        "batch_size": 0,
        "epochs": 0,
        "clip": 0.0,
        "lr": 0.0,
        "entropy": -1.0,
        "baseline_decay": 1.0,
        "units": 0,
        "tanh_constant": 0.0,
        "temperature": 0.0,
    },
    "q_learning": {
        "trials": 0,
        "alpha": 0.0,
        "gamma": 1.5,
        "initial_q": float("inf"),
        "replay": -1,
        "memory": -1,
        "td_lambda": -0.1,
        "n_step": 0,
    },
    "regularized_evolution": {"population": 0, "tournament": 0},
    "reinforce": {"batch_size": 0, "lr": 0.0, "entropy": -1.0, "baseline_decay": 1.0, "units": 0, "layers": 0},
    "successive_halving": {"full_epochs": 0, "min_epochs": 0, "eta": 1, "networks": 0},
    "warm_start": {"candidates": 0, "initial": 0},
}
"""Of each setting that is a number, one that lies just outside of its range."""

NUMBERS = [
    (name, setting)
    for name, controller in CONTROLLERS.items()
    for setting, hint in get_type_hints(controller.__init__).items()
    if {int, float} & {hint, *get_args(hint)}
]


@pytest.mark.parametrize(("name", "setting"), NUMBERS)
def test_every_number_has_a_range(name: str, setting: str) -> None:
    space = parse_space(SPACES["plain"])
    given = [OUTSIDE.get(name, {}).get(setting), *([float("nan")] if isinstance(OUTSIDE[name][setting], float) else [])]
    for value in given:
        with pytest.raises(UsageError, match=rf"^{CONTROLLERS[name].__name__}: {setting}: expected .*, got {value}$"):
            made(name, space, **{setting: value})
