from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from nas.controllers import QLearning
from nas.driver.search import search
from nas.explanation import Explanation, explain_study
from nas.final.figures import final_metrics, searched_metrics
from nas.final.on_test import OnTest
from nas.pages.run import FinalRow, RunSummary
from nas.space import Architecture, Space, parse_space
from nas.tasks import Classification
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Objective, Proposal, Trial, best_trials

SPACE = """
name: small
input: [1, 8, 8]
outputs: 10
layers:
  - name: body
    repeat: {choice: [1, 2]}
    of:
      - conv: {width: {choice: [8, 16]}, kernel: {choice: [3, 5]}}
      - name: skip
        choice:
          none: identity
          wide: {residual: [{conv: {width: 16, bias: false}}, relu], project: true}
  - global_avg_pool
  - dropout: {p: {choice: [0.0, 0.25]}}
  - linear: {units: outputs}
"""

MakeTrial = Callable[..., Trial]
MakeRun = Callable[..., RunSummary]


@pytest.fixture(scope="session")
def space() -> Space:
    return parse_space(SPACE)


@pytest.fixture
def make_trial(space: Space) -> MakeTrial:
    """A trial with its own network; `error` makes it a failed one."""

    def make(
        number: int,
        *,
        score: float | tuple[float, ...] = 0.9,
        error: str | None = None,
        metrics: Mapping[str, float | tuple[float, ...]] | None = None,
        architecture: Architecture | None = None,
        epochs: int | None = None,
        parent: int | None = None,
    ) -> Trial:
        arch = architecture or space.sample(np.random.default_rng(number))
        given = score if isinstance(score, tuple) else (score,)
        found = {} if error else {"val_acc": given[0]} if metrics is None else metrics
        scores = None if error else given
        return Trial(number, Proposal(arch, epochs, parent), 1000 + number, found, scores, 0.5 + number, error, number)

    return make


@pytest.fixture
def trials(make_trial: MakeTrial) -> list[Trial]:
    """Forty trials with curves, the last two of which failed."""

    def metrics(number: int, score: float) -> Mapping[str, float | tuple[float, ...]]:
        curve = tuple(score - 0.5 / epoch for epoch in range(1, 6))
        return {"val_acc": score, "val_loss": 1 - score, "val_acc_curve": curve, "train_loss_curve": curve[::-1]}

    scores = [0.8 + 0.15 * ((7 * number) % 38) / 38 for number in range(38)]
    done = [make_trial(number, score=score, metrics=metrics(number, score)) for number, score in enumerate(scores)]
    return [*done, make_trial(38, error="NONFINITE: val_loss is nan"), make_trial(39, error="OOM_HOST: 2 GiB")]


@pytest.fixture
def finalists(trials: list[Trial]) -> list[FinalRow]:
    """The best three, the second of which is chosen."""
    rows = []
    for place, trial in enumerate(best_trials(trials, 3)):
        curve = tuple(0.97 - 0.05 * (10 - epoch) for epoch in range(1, 11))
        curves = {"val_acc": curve, "val_loss": (*curve[:0:-1], 0.1), "train_loss": curve[::-1]}
        chosen = place == 1
        tested = (
            OnTest({"test_acc": 355 / 360, "test_loss": 0.0712}, {"test_acc": (0.9679, 0.9941)}) if chosen else None
        )
        searched, metrics = (
            searched_metrics(trial, (Objective("val_acc"),)),
            final_metrics(trial, curves, (Objective("val_acc"),)),
        )
        rows.append(FinalRow(trial.architecture, trial.number, searched, metrics, curves, 21.0, chosen, tested))
    return rows


@pytest.fixture
def make_run(space: Space) -> MakeRun:
    def make(**changes: Any) -> RunSummary:
        settings: dict[str, Any] = {
            "name": "demo",
            "space": space.name,
            "space_size": space.size,
            "decisions": len(space.universe),
            "data": "digits",
            "train_size": 1078,
            "val_size": 359,
            "test_size": 360,
            "task": Classification,
            "outputs": tuple("0123456789"),
            "controller": "random",
            "controller_settings": {},
            "evaluator": "train",
            "evaluator_settings": {"epochs": 8, "optimizer": {"name": "adamw", "learning_rate": 0.003}},
            "objectives": (Objective("val_acc"),),
            "budget": 40,
            "seed": 7,
            "versions": {"archwright": "0.1.0", "torch": "2.11.0"},
            "device": "CPU",
            "trials": (),
        }
        given = settings | changes
        return RunSummary(**{"compared": given["objectives"], **given})

    return make


@pytest.fixture(scope="session")
def searched(space: Space) -> tuple[Sequence[Trial], Explanation]:
    """80 trials of Q-learning, some of which failed, and what is to be learned from them."""

    def make() -> QLearning:
        return QLearning(space, trials=80, alpha=0.1, td_lambda=1, memory=0, replay=10)

    evaluator = FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(5))), every=7)
    trials = tuple(search(make(), evaluator, trials=80))
    return trials, explain_study(trials, space, make())


@pytest.fixture
def learned(searched: tuple[Sequence[Trial], Explanation], make_run: MakeRun) -> RunSummary:
    """A run of these."""
    trials, explanation = searched
    return make_run(trials=trials, controller="q_learning", explanation=explanation)
