"""Distinct: nothing known is proposed while something unknown can be found."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from nas.controllers import Controller, Distinct, LocalSearch, RandomSearch, RegularizedEvolution
from nas.driver.search import search
from nas.space import Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    """48 networks."""
    return parse_space(
        "input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3, 4]}}}, {choice: [relu, gelu, tanh]},"
        " {linear: {units: {choice: [1, 2, 3, 4]}}}]"
    )


class Stubborn:
    """Proposes one thing, whatever it is told; counts how often it is asked."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.asked = 0
        self.told: list[Trial] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        self.asked += 1
        return self.proposal

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)


def _trial(number: int, proposal: Proposal, *, fails: bool = False) -> Trial:
    scores = None if fails else (0.5,)
    return Trial(number, proposal, number, {}, scores, 1.0, "CRASH: no" if fails else None, number)


def _stubborn(space: Space, **settings: int) -> tuple[Distinct, Stubborn]:
    wrapped = Stubborn(Proposal(space.sample(np.random.default_rng(0))))
    return Distinct(space, wrapped, **settings), wrapped


MAKERS: dict[str, Callable[[Space], Controller]] = {
    "stubborn": lambda space: Stubborn(Proposal(space.sample(np.random.default_rng(0)))),
    "random": RandomSearch,
    "evolution": lambda space: RegularizedEvolution(space, population=4, tournament=4),
    "local search": LocalSearch,
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_space_is_searched_without_a_repeat(name: str, space: Space) -> None:
    # The 200 random steps and draws miss the last unknown one of 48 with a chance of about (47/48)^200 = 0.015; so the
    # last ones are left out. With 6 of 48 unknown it is (42/48)^200 < 1e-11.
    evaluator = FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(1))))
    study = search(Distinct(space, MAKERS[name](space)), evaluator, trials=43)
    assert len({trial.architecture.id for trial in study}) == 43
    assert any(trial.error for trial in study)


def test_what_is_new_is_passed_on(space: Space) -> None:
    distinct, wrapped = _stubborn(space)
    wrapped.proposal = replace(wrapped.proposal, epochs=3, parent=0)
    assert distinct.ask(np.random.default_rng(0)) is wrapped.proposal
    assert wrapped.asked == 1
    assert distinct.controller is wrapped


@pytest.mark.parametrize("fails", [False, True])
def test_what_was_told_is_replaced_by_a_mutation(fails: bool, space: Space) -> None:
    distinct, wrapped = _stubborn(space, tries=4)
    trial = _trial(0, wrapped.proposal, fails=fails)
    distinct.tell(trial)
    assert wrapped.told == [trial]
    other = distinct.ask(np.random.default_rng(0)).architecture
    assert wrapped.asked == 4
    assert other == space.mutate(wrapped.proposal.architecture, np.random.default_rng(0))


def test_what_is_in_flight_is_replaced(space: Space) -> None:
    distinct, wrapped = _stubborn(space)
    other = distinct.ask(np.random.default_rng(0), [wrapped.proposal])
    assert other.architecture.id != wrapped.proposal.architecture.id


def test_longer_training_is_no_repeat(space: Space) -> None:
    distinct, wrapped = _stubborn(space)
    distinct.tell(_trial(0, replace(wrapped.proposal, epochs=1)))
    wrapped.proposal = replace(wrapped.proposal, epochs=4, parent=0)
    assert distinct.ask(np.random.default_rng(0)) == wrapped.proposal
    distinct.tell(_trial(1, wrapped.proposal))
    other = distinct.ask(np.random.default_rng(0))
    assert other.architecture.id != wrapped.proposal.architecture.id
    assert (other.epochs, other.parent) == (4, None)  # the weights of another network are no start


def test_in_an_exhausted_space_repeats_are_proposed() -> None:
    space = parse_space("input: [4]\nlayers: [{choice: [relu, gelu]}]")
    distinct, wrapped = _stubborn(space)
    for number, arch in enumerate(space):
        distinct.tell(_trial(number, Proposal(arch)))
    assert distinct.ask(np.random.default_rng(0)) == wrapped.proposal
