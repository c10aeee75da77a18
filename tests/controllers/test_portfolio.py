"""Portfolio: the bandit by hand, who proposed what, and that it prefers who finds improvements."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers import Portfolio, RandomSearch, RegularizedEvolution
from nas.controllers.portfolio import area
from nas.driver.budget import Budget
from nas.driver.search import search
from nas.errors import UsageError
from nas.simulation.problem import problem_of_table
from nas.simulation.simulate import run_one
from nas.space import Space, parse_space
from nas.tabular import Table
from nas.tabular.members import members_of
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    """6^6 architectures, 46,656."""
    return parse_space("input: [4]\nlayers: [{repeat: 6, of: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6]}}}]}]")


@pytest.fixture(scope="module")
def table() -> Table:
    """64 networks with budgets of 1 to 3 epochs and uneven seconds."""
    space = parse_space("input: [4]\nlayers: [{repeat: 3, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    rng = np.random.default_rng(0)
    rows = [arch.choices for arch in space]
    quality = rng.uniform(0.5, 0.9, (len(rows), 2, 3)).astype(np.float32)
    seconds = rng.uniform(1, 9, quality.shape).astype(np.float32)
    return Table(
        name="made", space=space, members=members_of(rows), epochs=(1, 2, 3), val_acc=quality, test_acc=quality,
        seconds=seconds, curves=False, source="made by hand",
    )  # fmt: skip


class Signed:
    """Random search that signs its proposals with the epochs that it asks for."""

    def __init__(self, space: Space, epochs: int) -> None:
        self.space, self.epochs = space, epochs
        self.told: list[int] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(self.space.sample(rng), epochs=self.epochs)

    def tell(self, trial: Trial) -> None:
        self.told.append(trial.number)


def _signed(space: Space, **settings: float) -> Portfolio:
    return Portfolio([Signed(space, epochs) for epochs in (1, 2, 3)], **settings)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("successes", "expected"),
    # 2 / (n (n + 1)) times the sum of the places of the successes, from 1.
    [
        ([True], 1),
        ([False], 0),
        ([True, False], 1 / 3),
        ([False, True], 2 / 3),
        ([True] * 5, 1),
        ([False, True, True, False], 0.5),
    ],
)
def test_area(successes: Sequence[bool], expected: float) -> None:
    assert area(successes) == pytest.approx(expected)


def test_the_choice_by_hand(space: Space) -> None:
    portfolio = _signed(space, exploration=0.5)
    assert portfolio.turn(0, 0) == 0
    # Each once, in order: 0.5, then 0.4 and 0.3, which are no new best.
    for number, score in enumerate((0.5, 0.4, 0.3)):
        assert portfolio.turn(number, 0) == number
        _tell(portfolio, number, score)
    assert portfolio.history == [(0, True), (1, False), (2, False)]
    # 1 + 0.5 √(2 log₂ 3 / 1) for the first, without the 1 for the others.
    assert portfolio.turn(3, 0) == 0
    _tell(portfolio, 3, 0.2)
    # First: 1/3 + 0.5 √(2 log₂ 4 / 2) = 1.04; the others: 0.5 √(2 log₂ 4 / 1) = 1.
    assert 1 / 3 + 0.5 * math.sqrt(2) > 0.5 * 2
    assert portfolio.turn(4, 0) == 0
    _tell(portfolio, 4, None)
    # First: 1/6 + 0.5 √(2 log₂ 5 / 3) = 0.79; the others: 0.5 √(2 log₂ 5) = 1.08.
    assert portfolio.turn(5, 0) == 1
    assert portfolio.history[3:] == [(0, False), (0, False)]


def test_what_is_in_flight_counts_as_a_proposal_without_success(space: Space) -> None:
    portfolio = _signed(space)
    assert [portfolio.turn(0, flying) for flying in range(3)] == [0, 1, 2]
    # No one had a success, and the least asked is next, of these the first.
    assert [portfolio.turn(0, flying) for flying in range(3, 7)] == [0, 1, 2, 0]


def test_the_window_forgets(space: Space) -> None:
    portfolio = _signed(space, window=3)
    for number, score in enumerate((0.5, 0.4, 0.3, 0.2)):
        _tell(portfolio, number, score)
    # The first one's success has left the window; one that was not asked within it comes first.
    inside = {place for place, _ in portfolio.history[-3:]}
    assert inside == {0, 1, 2}
    assert portfolio.turn(4, 0) == 0


def _tell(portfolio: Portfolio, number: int, score: float | None) -> None:
    proposal = portfolio.ask(np.random.default_rng(number))
    scores = None if score is None else (score,)
    portfolio.tell(Trial(number, proposal, number, {}, scores, 1.0, None if scores else "CRASH: no", number))


@pytest.mark.parametrize("workers", [1, 3, 7])
def test_who_proposed_a_trial_follows_from_the_history(workers: int, table: Table) -> None:
    problem = problem_of_table(table)
    portfolio = _signed(problem.space, exploration=0.5)
    told: list[Trial] = []
    tell = portfolio.tell

    def record(trial: Trial) -> None:
        told.append(trial)
        tell(trial)

    portfolio.tell = record  # type: ignore[method-assign]  # listens in
    run_one(lambda: portfolio, problem, seed=workers, budget=Budget("evaluations", 60), workers=workers)
    assert (workers == 1) == ([trial.number for trial in told] == list(range(60)))
    signed = [(trial.proposal.epochs or 0) - 1 for trial in told]
    assert [place for place, _ in portfolio.history] == signed
    assert set(signed) == {0, 1, 2}
    # A new portfolio that is told the same stands where this one does.
    fresh = _signed(problem.space, exploration=0.5)
    for trial in told:
        fresh.tell(trial)
    assert fresh.history == portfolio.history
    assert fresh.ask(np.random.default_rng(0)) == portfolio.ask(np.random.default_rng(0))
    # Everyone was told everything.
    numbers = [trial.number for trial in told]
    assert [one.told for one in fresh.controllers if isinstance(one, Signed)] == [numbers] * 3


class Hopeless(RandomSearch):
    """Proposes the worst there is."""

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(next(iter(self.space)))


def test_who_finds_improvements_is_asked_more(space: Space) -> None:
    # Measured over 20 seeds: the evolution gets 65 to 86 of 100 proposals. The seeds are fixed.
    target = space.rebuild({choice.name: 6 for choice in space.choices_of(next(iter(space)))})
    for seed in range(3):
        evolution = RegularizedEvolution(space, population=20, tournament=10)
        portfolio = Portfolio([Hopeless(space), evolution])
        search(portfolio, MatchEvaluator(target), trials=100, seed=seed)
        assert sum(place for place, _ in portfolio.history) > 50


def test_an_empty_portfolio() -> None:
    with pytest.raises(UsageError, match="a portfolio needs a controller"):
        Portfolio([])
