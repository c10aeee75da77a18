"""What is recorded of an evaluation."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from nas.driver.executors.executor import Job
from nas.driver.executors.serial import Serial
from nas.driver.scoring import scored
from nas.errors import MetricsError
from nas.evaluate.evaluator import Evaluator
from nas.space import Architecture, Space
from nas.testing import MatchEvaluator
from nas.trial import Metrics, Objective, Proposal, Trial
from tests.driver.searches import EVALUATOR, SPACE, reporting


@pytest.fixture
def space() -> Space:
    return SPACE


@pytest.fixture
def evaluator() -> Evaluator:
    """Fails one time in three."""
    return EVALUATOR


def run_trial(evaluator: Evaluator, proposal: Proposal, *, seed: int = 0, objectives: Sequence[Objective]) -> Trial:
    """The trial that one evaluation makes."""
    executor = Serial(evaluator)
    executor.submit(Job(7, proposal, seed))
    (one,) = executor.next()
    return scored(one, objectives=objectives, asked_after=5)


def test_what_a_trial_says(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    seen: list[tuple[int | None, int]] = []

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        seen.append((epochs, seed))
        return {"val_acc": 0.5, "params": 10.0, "seconds": 12.5, "val_acc_curve": (0.1, 0.5)}

    objectives = (Objective("val_acc"), Objective("params", "minimize"))
    trial = run_trial(evaluate, Proposal(arch, epochs=3), seed=11, objectives=objectives)
    assert seen == [(3, 11)]
    assert trial == Trial(
        number=7,
        proposal=Proposal(arch, epochs=3),
        seed=11,
        metrics={"val_acc": 0.5, "params": 10.0, "seconds": 12.5, "val_acc_curve": (0.1, 0.5)},
        scores=(0.5, -10.0),
        seconds=12.5,
        error=None,
        asked_after=5,
    )


def test_seconds_are_measured_where_the_evaluator_reports_none(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    trial = run_trial(MatchEvaluator(arch), Proposal(arch), objectives=(Objective("val_acc"),))
    assert 0 <= trial.seconds < 60


def test_objectives_that_are_not_finite_fail_the_trial_and_other_metrics_do_not(space: Space) -> None:
    both = (Objective("val_acc"), Objective("val_loss", "minimize"))
    reported = {"val_acc": 0.5, "val_loss": math.inf, "val_loss_curve": [0.1, math.nan], "seconds": math.nan}
    for objectives, error in (((Objective("val_acc"),), None), (both, "NONFINITE: val_loss is inf")):
        trial = run_trial(reporting(reported), Proposal(next(iter(space))), objectives=objectives)
        assert trial.error == error
        assert str(trial.metrics) == (
            "{}" if error else "{'val_acc': 0.5, 'val_loss': inf, 'val_loss_curve': (0.1, nan), 'seconds': nan}"
        )
        assert 0 <= trial.seconds < 60


def test_scalars_of_other_libraries_are_scores(space: Space) -> None:
    trial = run_trial(
        reporting({"val_acc": np.float32(0.5), "seconds": np.float32(2)}),
        Proposal(next(iter(space))),
        objectives=(Objective("val_acc"),),
    )
    assert (trial.scores, trial.seconds, type(trial.metrics["val_acc"])) == ((0.5,), 2.0, float)


def test_a_trial_over_its_limit_fails(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    objectives = (Objective("val_acc"), Objective("params", "minimize", limit=0.0))
    trial = run_trial(MatchEvaluator(arch), Proposal(arch), objectives=objectives)
    assert trial.error == f"OVER_LIMIT: params is {arch.params}, the limit is 0"


def test_an_objective_that_is_not_known_yet_when_a_training_is_cut_off(space: Space) -> None:
    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {"val_acc": 0.5}

    proposal = Proposal(space.sample(np.random.default_rng(0)), epochs=3)
    with pytest.raises(MetricsError, match=r"'val_acc_sd'.* cut off after 3 epochs: .*`min_epochs`"):
        run_trial(evaluate, proposal, objectives=(Objective("val_acc_sd", "minimize"),))
