"""Of a long log, a controller is told a part that is a log of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nas import Controller, explain_study, search
from nas.controllers import BayesianQ, Hyperband, Portfolio, QLearning, Reinforce
from nas.explanation.sample import sample_of, shortened
from nas.space import Space, load_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial

DEEP = {"kind": "deep", "kind.deep.0.linear.units": 4, "kind.deep.act": "relu"}

MakeTrial = Callable[..., Trial]


@pytest.fixture
def log(make_trial: MakeTrial) -> list[Trial]:
    """100 trials; the best is that of place 41, and every fourth one continues the one before it."""
    trials = [make_trial(number, 0.9 if number == 41 else 0.5, DEEP) for number in range(100)]
    for number in range(3, 100, 4):
        proposal = replace(trials[number].proposal, parent=number - 1)
        trials[number] = replace(trials[number], proposal=proposal, asked_after=number - 1)
    return trials


def test_short_logs_are_told_whole(log: Sequence[Trial]) -> None:
    assert list(sample_of(log, 75)) == list(range(100))
    assert shortened(log, sample_of(log, 75)) is log
    assert list(sample_of((), 1)) == []


@pytest.mark.parametrize("most", [1, 2, 10, 74])
def test_samples_are_spread_over_the_log(log: Sequence[Trial], most: int) -> None:
    places = sample_of(log, most)
    new = [place for place in places if log[place].proposal.parent is None]
    assert list(places) == sorted(set(places))
    assert len(new) - (41 in new) <= most <= len(new)
    assert new[0] == 0
    assert 41 in new  # the best
    assert most == 1 or new[-1] == 98  # the last new network
    gaps = np.diff([place for place in new if place != 41])
    assert most == 1 or gaps.max() <= 2 * 100 / (most - 1) + 2


def test_what_continues_a_training_goes_with_it(log: Sequence[Trial]) -> None:
    places = set(sample_of(log, 20))
    for place, trial in enumerate(log):
        if trial.proposal.parent is not None:
            assert (place in places) == (trial.proposal.parent in places)


def test_a_sample_is_a_log_of_its_own(log: Sequence[Trial]) -> None:
    places = sample_of(log, 20)
    told = shortened(log, places)
    assert [trial.number for trial in told] == list(range(len(places)))
    for count, (place, trial) in enumerate(zip(places, told, strict=True)):
        old = log[place]
        assert trial.asked_after == sum(one < old.asked_after for one in places) <= count
        if old.proposal.parent is None:
            assert trial.proposal.parent is None
        else:
            assert trial.proposal.parent == count - 1
        unchanged = replace(
            trial,
            number=old.number,
            asked_after=old.asked_after,
            proposal=Proposal(trial.architecture, trial.proposal.epochs, old.proposal.parent),
        )
        assert unchanged == old


def test_logs_in_the_order_of_finishing(log: Sequence[Trial]) -> None:
    """Numbers are those of proposals; a sample keeps their order, and its own order of telling."""
    mixed = [log[number] for number in (1, 0, 2, 5, 4)]
    told = shortened(mixed, [0, 1, 3, 4])
    assert [trial.number for trial in told] == [1, 0, 3, 2]


MADE: Mapping[str, Callable[[Space], Controller]] = {
    "bayesian_q": BayesianQ,
    "q_learning": lambda space: QLearning(space, trials=25),
    "reinforce": Reinforce,
    "hyperband": lambda space: Hyperband(controller=BayesianQ(space), full_epochs=9),
    "portfolio": lambda space: Portfolio([QLearning(space, trials=25), BayesianQ(space)]),
}


@pytest.mark.parametrize(("name", "window"), [("bayesian_q", 1), *((name, 4) for name in MADE)])
def test_controllers_are_told_a_sample(name: str, window: int) -> None:
    """Moments and predictions have the numbers of the whole search."""
    space, made = load_space("search_spaces/digits_cnn.yaml"), MADE[name]
    evaluator = MatchEvaluator(space.sample(np.random.default_rng(0)))
    study = tuple(search(made(space), evaluator, trials=25, window=window))
    found = explain_study(study, space, made(space), most=5)
    assert found.trials == len(study)
    assert 5 <= found.told < len(study)
    assert found.importances == explain_study(study, space).importances
    assert found.greedy is not None
    assert found.greedy.last.told == max(sample_of(study, 5)) + 1
    assert sum(found.greedy.decisions[0].tried) == len(study)
    assert found.predictions is not None
    assert {pair.trial for pair in found.predictions.pairs} <= {study[place].number for place in sample_of(study, 5)}
