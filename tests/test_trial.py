"""The records: objectives, scores, and which trials are best."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.space import Architecture, Space, parse_space
from nas.trial import Direction, Objective, Proposal, Trial, best_trials


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space("input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3, 4, 5]}}}]")


def _trial(number: int, arch: Architecture, scores: tuple[float, ...] | None, epochs: int | None = None) -> Trial:
    return Trial(number, Proposal(arch, epochs), 0, {}, scores, 1.0, None if scores else "CRASH: no", number)


def test_records_are_frozen(space: Space) -> None:
    arch = next(iter(space))
    for record in (Proposal(arch), _trial(0, arch, (1.0,)), Objective("val_acc")):
        name = dataclasses.fields(record)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, None)


def test_score_is_that_of_the_first_objective(space: Space) -> None:
    arch = next(iter(space))
    assert _trial(0, arch, (0.5, 0.7)).score == 0.5
    assert _trial(0, arch, (0.0,)).score == 0.0
    assert _trial(0, arch, None).score is None
    assert _trial(0, arch, None).architecture is arch


def test_higher_is_better_whatever_the_direction() -> None:
    assert Objective("val_acc").score({"val_acc": 0.75}) == 0.75
    assert Objective("val_loss", "minimize").score({"val_loss": 0.75}) == -0.75
    assert Objective("params", "minimize").score({"params": 10}) == -10


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_value_undoes_score(direction: Direction) -> None:
    objective = Objective("x", direction)
    assert objective.value(objective.score({"x": 3.5})) == 3.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "test_acc"}, "objective 'test_acc': a search must not see test data; use a val_ metric"),
        ({"metric": "val_acc_curve"}, "objective 'val_acc_curve': a curve is not a score"),
        ({"metric": "x", "direction": "up"}, "Objective: direction: expected 'maximize' or 'minimize', got 'up'"),
    ],
)
def test_objectives_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Objective(**arguments)
    assert str(caught.value) == message


def test_a_metric_that_is_not_reported() -> None:
    with pytest.raises(UsageError, match=r"^the evaluator does not report 'val_acc'; it reports acc, loss$"):
        Objective("val_acc").score({"acc": 1.0, "loss": 2, "acc_curve": (1.0,)})
    with pytest.raises(UsageError, match=r"it reports nothing$"):
        Objective("val_acc").score({})
    with pytest.raises(UsageError, match=r"does not report 'val_acc'"):
        Objective("val_acc").score({"val_acc": (1.0, 2.0)})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_metric_that_is_not_finite_fails_the_trial(value: float) -> None:
    with pytest.raises(EvaluationFailed, match=r"^NONFINITE: val_acc is") as caught:
        Objective("val_acc").score({"val_acc": value})
    assert caught.value.kind is FailureKind.NONFINITE


@pytest.mark.parametrize(
    ("direction", "fine", "worse"), [("maximize", (10.0, 11.0), 9.9), ("minimize", (10.0, 9.0), 10.1)]
)
def test_limit(direction: Direction, fine: tuple[float, ...], worse: float) -> None:
    objective = Objective("latency_ms", direction, limit=10.0)
    for value in fine:
        assert objective.value(objective.score({"latency_ms": value})) == value
    with pytest.raises(EvaluationFailed) as caught:
        objective.score({"latency_ms": worse})
    assert str(caught.value) == f"OVER_LIMIT: latency_ms is {worse:g}, the limit is 10"


def test_best_trials(space: Space) -> None:
    a, b, c, d, e = space
    trials = [
        _trial(0, a, (0.5,)),
        _trial(1, b, (0.9,)),
        _trial(2, c, None),
        _trial(3, b, (0.95,)),
        _trial(4, d, (0.9,)),
        _trial(5, e, (-1.0,)),
        _trial(6, a, (0.9,)),
    ]
    assert [trial.number for trial in best_trials(trials)] == [3]
    # Of each network its best trial; of equal scores the earlier trial.
    assert [trial.number for trial in best_trials(trials, 10)] == [3, 4, 6, 5]
    assert [trial.number for trial in best_trials(reversed(trials), 2)] == [3, 4]
    assert best_trials([]) == []
    assert best_trials([_trial(0, a, None)]) == []


def test_best_trials_compares_scores_of_as_many_epochs_alone(space: Space) -> None:
    a, b, c, d, _ = space
    trials = [
        _trial(0, a, (0.99,), epochs=1),
        _trial(1, b, (0.50,), epochs=1),
        _trial(2, c, (0.98,), epochs=1),
        _trial(3, a, (0.60,), epochs=3),
        _trial(4, b, (0.70,), epochs=3),
        _trial(5, b, (0.40,)),
        _trial(6, a, None),
        _trial(7, d, (0.30,)),
    ]
    assert [trial.number for trial in best_trials(trials[:3])] == [0]
    assert [trial.number for trial in best_trials(trials[:5])] == [4]
    # The full trainings first, then those of 3 epochs, then those of one; of each network that of the most epochs.
    assert [trial.number for trial in best_trials(trials, 10)] == [5, 7, 3, 2]


def test_fidelity(space: Space) -> None:
    arch = next(iter(space))
    assert [Proposal(arch, epochs).fidelity for epochs in (1, 20, None)] == [1, 20, math.inf]


def test_best_trials_counts_networks_not_spellings() -> None:
    space = parse_space("input: [4]\nlayers: [{choice: {none: identity, zero: {dropout: {p: 0.0}}}}, relu]")
    trials = [_trial(number, arch, (float(number),)) for number, arch in enumerate(space)]
    assert len(trials) == 2
    assert [trial.number for trial in best_trials(trials, 2)] == [1]


def test_negative_scores_are_scores(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    assert best_trials([_trial(0, arch, (-0.0,))])[0].score == 0.0
