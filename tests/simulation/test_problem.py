"""Problems: what is known of a table's architectures, and of those that are trained."""

import dataclasses

import numpy as np
import pytest

from nas.data import from_arrays
from nas.evaluate import Train
from nas.simulation.problem import Problem, problem_of_table, problem_of_training
from nas.space import Space, load_space
from nas.tabular import Table
from nas.testing import MatchEvaluator
from nas.training import Recipe


def test_a_table(table: Table) -> None:
    problem = problem_of_table(table, "mine")
    arch = table.architecture(5)
    known = problem.known(arch)
    assert known.id == arch.id
    assert known.truth == pytest.approx(table.truths[5])
    assert known.test == pytest.approx(table.truths[5] - 0.01)
    assert problem.known(arch) is problem.known(table.architecture(5)), "remembered by the decisions"
    assert (problem.name, problem.facts.name, problem.optimum) == ("mine", "mine", table.optimum)
    assert (problem.facts.size, problem.facts.known, problem.epochs, problem.measured) == (64, True, 4, False)
    assert problem.mean_seconds == pytest.approx(float(np.mean(table.seconds[:, :, -1])))  # type: ignore[index]
    assert problem_of_table(table).name == "small"


def test_the_fingerprint_is_that_of_the_content(table: Table) -> None:
    changed = table.val_acc.copy()
    changed[3, 1, 0] += np.float32(1e-3)
    assert problem_of_table(table).fingerprint == problem_of_table(dataclasses.replace(table)).fingerprint
    assert (
        problem_of_table(table).fingerprint != problem_of_table(dataclasses.replace(table, val_acc=changed)).fingerprint
    )


def test_a_training() -> None:
    inputs, labels = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32), np.arange(40) % 2
    data = from_arrays(inputs, labels, name="noise")
    space = load_space(
        {"layers": [{"linear": {"units": {"choice": [4, 8]}}}, {"linear": {"units": "outputs"}}]}, data=data
    )
    problem = problem_of_training("noise", space, data, Train(data, Recipe(epochs=2)))
    known = problem.known(space.sample(np.random.default_rng(0)))
    assert np.isnan(known.truth)
    assert np.isnan(known.test)
    assert (problem.optimum, problem.facts.known, problem.facts.size, problem.epochs, problem.measured) == (
        None,
        False,
        2,
        2,
        True,
    )
    assert problem.facts.source == f"evaluated here, 2 epochs on noise, {len(data.train)} samples"


def test_any_evaluator(space: Space, table: Table) -> None:
    target = space.sample(np.random.default_rng(0))
    problem = Problem("match", space, MatchEvaluator(target), problem_of_table(table).facts)
    assert np.isnan(problem.known(target).truth)
