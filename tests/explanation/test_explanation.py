"""A controller is told the trials again and asked in between."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pytest

from nas import QLearning, RandomSearch, explain_study, search
from nas.controllers import Decided
from nas.space import Architecture, Choice, Space, load_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Proposal, Trial

PLAIN = {"kind": "plain", "kind.plain.linear.units": 2}
DEEP = {"kind": "deep", "kind.deep.0.linear.units": 4, "kind.deep.act": "relu"}


class Follower:
    """Values highest what the last trial took; predicts how many trials it was told."""

    value_kind: Literal["probability"] = "probability"

    def __init__(self) -> None:
        self.told: list[Trial] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        raise AssertionError("an explanation asks for no proposal")

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)

    def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
        last = dict(self.told[-1].architecture.choices)
        return [float(option == last.get(choice.name)) for option in choice.options]

    def predict(self, arch: Architecture) -> float:
        return float(len(self.told))


class Wrapper:
    """Passes on every second trial."""

    def __init__(self, controller: Any) -> None:
        self.controller = controller

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        raise AssertionError("an explanation asks for no proposal")

    def tell(self, trial: Trial) -> None:
        if trial.number % 2 == 0:
            self.controller.tell(trial)


@pytest.fixture
def trials(make_trial: Callable[..., Trial]) -> list[Trial]:
    return [make_trial(n, n / 10, PLAIN if n < 3 else DEEP) for n in range(4)]


def test_predictions_are_made_before_a_trial_is_told_and_walks_after(space: Space, trials: list[Trial]) -> None:
    controller = Follower()
    found = explain_study(iter(trials), space, controller)
    assert controller.told == trials
    assert found.greedy is not None
    assert [dict(moment.architecture.choices) for moment in found.greedy.moments] == [PLAIN, PLAIN, PLAIN, DEEP]
    assert [moment.score for moment in found.greedy.moments] == [0.2, 0.2, 0.2, 0.3]
    assert found.greedy.kind == "probability"
    assert (found.trials, found.best) == (4, 3)
    assert found.predictions is not None
    assert [(pair.trial, pair.predicted) for pair in found.predictions.pairs] == [(3, 3.0)]


def test_the_first_within_wrappers_is_asked_and_the_wrapper_told(space: Space, trials: list[Trial]) -> None:
    inner = Follower()
    found = explain_study(trials, space, Wrapper(Wrapper(inner)))
    assert inner.told == [trials[0], trials[2]]
    assert found.greedy is not None
    assert dict(found.greedy.last.architecture.choices) == PLAIN


def test_controllers_that_believe_nothing(space: Space, trials: list[Trial]) -> None:
    for controller in (None, RandomSearch(space), Wrapper(RandomSearch(space))):
        found = explain_study(trials, space, controller)
        assert (found.greedy, found.predictions) == (None, None)
        assert "there are 2" in found.importances.reason


def test_no_trials(space: Space) -> None:
    found = explain_study([], space, Follower())
    assert (found.trials, found.best, found.greedy) == (0, None, None)
    assert found.predictions is not None
    assert found.predictions.pairs == ()
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("every", [1, 3])
def test_q_learning_on_a_real_space(every: int) -> None:
    """All or a third of the trials fail; the same trials give the same explanation, and it is plain data."""
    space = load_space("search_spaces/digits_cnn.yaml")
    evaluator = FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(1))), every=every)

    def make() -> QLearning:
        return QLearning(space, trials=60, alpha=0.1, td_lambda=1, memory=0, replay=10)

    study = search(make(), evaluator, trials=60)
    found = explain_study(study, space, make())
    again = explain_study(study, space, make())
    assert found == again
    plain = found.to_dict()
    json.dumps(plain, allow_nan=False)
    assert list(plain) == ["trials", "told", "best_trial", "greedy", "predictions", "importances"]
    assert found.greedy is not None
    assert [decision.name for decision in found.greedy.decisions] == [
        name for name, _ in found.greedy.last.architecture.choices
    ]
    assert sum(found.greedy.decisions[0].tried) == 60
    if every == 1:
        assert found.best is None
        assert not found.importances.decisions
    else:
        assert found.importances.decisions
        assert plain["predictions"]["failed"] > 0


def test_values_that_are_no_numbers_are_none_in_json(space: Space, trials: list[Trial]) -> None:
    class Broken(Follower):
        def values(self, choice: Choice, decided: Decided) -> Sequence[float]:
            return [float("nan")] * len(choice.options)

    plain = explain_study(trials, space, Broken()).to_dict()
    json.dumps(plain, allow_nan=False)
    assert plain["greedy"]["decisions"][0]["values"] == [None, None]
