"""Golden values of simulated runs: what a controller is asked, told and charged stays the same to the bit."""

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from nas.controllers import (
    ASHA,
    Controller,
    Hyperband,
    LocalSearch,
    Portfolio,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
)
from nas.driver.budget import Budget
from nas.simulation.problem import problem_of_table
from nas.simulation.simulate import run_one
from nas.space import Space
from nas.tabular import Table
from nas.testing import FailingEvaluator

MAKERS: dict[str, Callable[[Space], Controller]] = {
    "random": RandomSearch,
    "evolution": lambda space: RegularizedEvolution(space, population=5, tournament=3),
    "local_search": LocalSearch,
    "q_learning": lambda space: QLearning(space, trials=24),
    "portfolio": lambda space: Portfolio([LocalSearch(space), RandomSearch(space)]),
    "hyperband": lambda space: Hyperband(RandomSearch(space), full_epochs=4, min_epochs=1, eta=4),
    "asha": lambda space: ASHA(RegularizedEvolution(space, population=5), full_epochs=4, min_epochs=1, eta=4),
}

# How to update: these say what committed comparisons were computed with. Change one only together with the algorithm of
# its controller, and a note in the changelog.
GOLDEN = {
    ("random", 1): "62245248f6ec796a",
    ("random", 4): "0f14bf222aff26b2",
    ("evolution", 1): "6f5bcb9533d7e6b8",
    ("evolution", 4): "ea30aeae47c904c8",
    ("local_search", 1): "fb3c183d03b4335b",
    ("local_search", 4): "f9194a89a55de202",
    ("q_learning", 1): "10ec12993ea47b58",
    ("q_learning", 4): "de6db68362f2de68",
    ("portfolio", 1): "cc9f5e06d0f10063",
    ("portfolio", 4): "b767526714c753e2",
    ("hyperband", 1): "eee1da3ff53c3654",
    ("hyperband", 4): "11fe780a3ce28e80",
    ("asha", 1): "d4b7e442cbbd00ab",
    ("asha", 4): "c63eecd427c715ed",
}


SLOW = ("q_learning", "asha")
"""Those that take long to end once all they propose is remembered."""


def digest(name: str, workers: int, table: Table, slow: Sequence[str] = SLOW) -> str:
    """Of runs with each kind of budget, with and without memory, failures, and trainings that go on."""
    make, found = partial(MAKERS[name], table.space), hashlib.sha256()
    for curves in (False, True):
        problem = problem_of_table(dataclasses.replace(table, curves=curves))
        failing = dataclasses.replace(problem, evaluator=FailingEvaluator(problem.evaluator, every=5), unseen=None)
        kinds: list[tuple[Any, float]] = [("evaluations", 24), ("epochs", 60), ("seconds", 200)]
        for one, (kind, amount), cache, seed in itertools.product((problem, failing), kinds, (False, True), (0, 1)):
            if cache and kind != "evaluations" and name in slow:
                continue
            run = run_one(make, one, seed=seed, budget=Budget(kind, amount), workers=workers, cache=cache)
            found.update(" ".join(run.ids).encode())
            for values in (run.observed, run.unseen, run.trained, run.epochs, run.seconds, run.clock):
                found.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return found.hexdigest()[:16]


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("name", MAKERS)
def test_golden_runs(name: str, workers: int, table: Table) -> None:
    assert digest(name, workers, table) == GOLDEN[name, workers]
