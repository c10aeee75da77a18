"""One run: the same as a search with one worker, simulated time checked by hand with several."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from nas.controllers import (
    ASHA,
    BayesianQ,
    Controller,
    Hyperband,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
    SuccessiveHalving,
)
from nas.driver.accounts import FREE_IN_A_ROW
from nas.driver.budget import Budget
from nas.driver.search import search
from nas.driver.seeds import trial_seed
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.simulation.problem import Problem, problem_of_table
from nas.simulation.results import Run
from nas.simulation.simulate import run_one
from nas.space import Architecture, Space, parse_space
from nas.tabular import Table, Tabular
from nas.tabular.unseen import unseen
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Metrics, Proposal, Trial


@pytest.fixture
def problem(table: Table) -> Problem:
    return problem_of_table(table)


class Scripted:
    """Proposes architectures in order, and notes what happens."""

    def __init__(self, archs: Sequence[Architecture], epochs: Sequence[int | None] = ()) -> None:
        self.archs, self.epochs = archs, epochs
        self.events: list[tuple[str, Any]] = []
        self.asked = 0

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        number, self.asked = self.asked, self.asked + 1
        self.events.append(("ask", [self.archs.index(proposal.architecture) for proposal in pending]))
        epochs = self.epochs[number % len(self.epochs)] if self.epochs else None
        return Proposal(self.archs[number % len(self.archs)], epochs)

    def tell(self, trial: Trial) -> None:
        self.events.append(("tell", trial.number))


@dataclasses.dataclass
class Timed:
    """Evaluations that last as long as is said here; -1: a failure that does not say how long it took."""

    seconds: Mapping[str, float]

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if self.seconds[arch.id] < 0:
            raise EvaluationFailed(FailureKind.CRASH, "as told")
        return {"val_acc": 0.5, "seconds": self.seconds[arch.id]}


def timed(table: Table, *seconds: float) -> tuple[Problem, list[Architecture]]:
    """A problem in which the first architectures of the table take so long."""
    archs = [table.architecture(row) for row in range(len(seconds))]
    evaluator = Timed({arch.id: value for arch, value in zip(archs, seconds, strict=True)})
    return dataclasses.replace(problem_of_table(table), evaluator=evaluator), archs


def equal(first: Run, second: Run, *, own: bool = False) -> bool:
    """Whether two runs are the same, but for the time that the controllers took."""
    names = ("row", "observed", "truth", "unseen", "test", "epochs", "seconds", "clock")
    return first.ids == second.ids and all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True) for name in names
    )


CONTROLLERS: Sequence[Callable[[Space], Controller]] = (
    RandomSearch,
    lambda space: RegularizedEvolution(space, population=5, tournament=3),
    lambda space: QLearning(space, trials=30),
)


@pytest.mark.parametrize("make", CONTROLLERS)
def test_one_worker_gives_the_trials_of_a_search(
    make: Callable[[Space], Controller], table: Table, problem: Problem
) -> None:
    run = run_one(lambda: make(problem.space), problem, seed=3, budget=Budget("evaluations", 30), controller="it")
    trials = list(search(make(problem.space), Tabular(table), trials=30, seed=3))
    assert run.ids == tuple(trial.architecture.id for trial in trials)
    assert run.observed.tolist() == [trial.score for trial in trials]
    assert run.seconds.tolist() == [trial.seconds for trial in trials]
    assert run.clock.tolist() == pytest.approx(np.cumsum([trial.seconds for trial in trials]))
    assert run.truth.tolist() == [table.truth(trial.architecture) for trial in trials]
    assert run.row.tolist() == [table.row(trial.architecture) for trial in trials]
    assert np.array_equal(run.unseen, unseen(Tabular(table), trials), equal_nan=True)
    assert run.test.tolist() == [table.test(trial.architecture) for trial in trials]
    assert (run.problem, run.controller, run.seed, set(run.epochs)) == ("small", "it", 3, {4.0})
    assert (run.own_seconds > 0).all()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("make", CONTROLLERS)
def test_a_run_follows_from_its_seed(make: Callable[[Space], Controller], workers: int, problem: Problem) -> None:
    runs = [
        run_one(lambda: make(problem.space), problem, seed=seed, budget=Budget("evaluations", 20), workers=workers)
        for seed in (1, 2, 1)
    ]
    assert equal(runs[0], runs[2])
    assert not equal(runs[0], runs[1])


def test_two_workers_by_hand(table: Table) -> None:
    # 0: 0-5, 1: 0-2, then 2: 2-5 (told after 0, as both end at 5), then both are idle: 3: 5-6, 4: 5-9.
    problem, archs = timed(table, 5, 2, 3, 1, 4)
    script = Scripted(archs)
    run = run_one(lambda: script, problem, seed=0, budget=Budget("evaluations", 5), workers=2)
    assert script.events == [
        ("ask", []), ("ask", [0]), ("tell", 1), ("ask", [0]), ("tell", 0), ("tell", 2), ("ask", []), ("ask", [3]),
        ("tell", 3), ("tell", 4),
    ]  # fmt: skip
    assert run.clock.tolist() == [2, 5, 5, 6, 9]
    assert run.seconds.tolist() == [2, 5, 3, 1, 4]
    assert run.ids == tuple(archs[k].id for k in (1, 0, 2, 3, 4))


def test_two_workers_in_the_order_of_numbers_by_hand(table: Table) -> None:
    # 0: 0-5, 1: 0-2, told after 0; at 5, 2: 5-8 and, when 1 is told, 3: 5-6, told after 2; 4: 8-12.
    problem, archs = timed(table, 5, 2, 3, 1, 4)
    script = Scripted(archs)
    run = run_one(lambda: script, problem, seed=0, budget=Budget("evaluations", 5), workers=2, order="number")
    assert script.events == [
        ("ask", []), ("ask", [0]), ("tell", 0), ("ask", [1]), ("tell", 1), ("ask", [2]), ("tell", 2), ("ask", [3]),
        ("tell", 3), ("tell", 4),
    ]  # fmt: skip
    assert run.clock.tolist() == [5, 5, 8, 8, 12]
    assert run.ids == tuple(arch.id for arch in archs)


@pytest.mark.parametrize("workers", [1, 4])
def test_in_the_order_of_numbers_a_run_is_a_search_with_a_window(workers: int, problem: Problem) -> None:
    def make() -> Controller:
        return BayesianQ(problem.space)

    run = run_one(make, problem, seed=3, budget=Budget("evaluations", 20), workers=workers, order="number")
    study = search(make(), problem.evaluator, trials=20, seed=3, window=workers, objectives=problem.objectives)
    assert run.ids == tuple(problem.known(trial.architecture).id for trial in study)
    assert run.observed.tolist() == [trial.score for trial in study]


def test_a_budget_of_seconds_counts_what_is_finished_by_then(table: Table) -> None:
    problem, archs = timed(table, 5, 2, 3, 1, 4)
    run = run_one(lambda: Scripted(archs), problem, seed=0, budget=Budget("seconds", 6), workers=2)
    assert run.clock.tolist() == [2, 5, 5, 6]
    script = Scripted(archs)
    assert run_one(lambda: script, problem, seed=0, budget=Budget("seconds", 9)).clock.tolist() == [5, 7]
    assert script.events[-1][0] == "ask", "the third is not finished, and is not told"


def test_a_budget_of_epochs(table: Table) -> None:
    problem = problem_of_table(table)
    archs = [table.architecture(row) for row in range(4)]
    run = run_one(lambda: Scripted(archs, [1, 4, None]), problem, seed=0, budget=Budget("epochs", 12))
    assert run.epochs.tolist() == [1, 4, 4, 1], "the next one would need 4, and 2 are left"


def test_a_failure_is_told_and_costs_time(table: Table) -> None:
    problem, archs = timed(table, 4, 2, -1, 1)
    script = Scripted(archs)
    run = run_one(lambda: script, problem, seed=0, budget=Budget("evaluations", 4))
    assert np.isnan(run.observed).tolist() == [False, False, True, False]
    assert run.seconds.tolist() == [4, 2, 3, 1], "as long as those before it on average"
    assert ("tell", 2) in script.events


def test_failures_are_the_same_each_time(problem: Problem) -> None:
    failing = dataclasses.replace(problem, evaluator=FailingEvaluator(problem.evaluator, every=3))
    runs = [
        run_one(lambda: RandomSearch(problem.space), failing, seed=0, budget=Budget("evaluations", 30), workers=4)
        for _ in range(2)
    ]
    assert equal(*runs)
    assert 0 < np.isnan(runs[0].observed).sum() < 30


def test_repeats_cost_or_are_free(table: Table, problem: Problem) -> None:
    archs = [table.architecture(0), table.architecture(1)]
    budget = Budget("evaluations", 40)
    paid = run_one(lambda: Scripted(archs), problem, seed=0, budget=budget)
    assert len(set(paid.observed[::2])) == 2, "a repeat draws a recorded run again"
    assert paid.epochs.sum() == 160
    free = run_one(lambda: Scripted(archs), problem, seed=0, budget=budget, cache=True)
    assert len(free) == 40, "repeats count"
    assert len(set(free.observed[::2])) == 1
    assert free.seconds[2:].tolist() == [0] * 38
    assert free.epochs.tolist() == [4, 4] + [0] * 38
    assert free.clock[-1] == free.clock[1]


def test_what_is_in_flight_is_not_known_yet(table: Table) -> None:
    problem, archs = timed(table, 5)
    run = run_one(lambda: Scripted(archs), problem, seed=0, budget=Budget("evaluations", 4), workers=2, cache=True)
    assert run.seconds.tolist() == [5, 5, 0, 0]


@pytest.mark.parametrize("kind", ["epochs", "seconds"])
def test_a_controller_that_only_repeats_itself_ends(kind: Any, table: Table, problem: Problem) -> None:
    archs = [table.architecture(0)]
    run = run_one(lambda: Scripted(archs), problem, seed=0, budget=Budget(kind, 1000), cache=True)
    assert len(run) == 1 + FREE_IN_A_ROW


def test_the_controllers_own_time_is_charged(table: Table) -> None:
    problem, archs = timed(table, 5, 5, 5, 5)
    free = run_one(lambda: Scripted(archs), problem, seed=0, budget=Budget("evaluations", 4), workers=2)
    paid = run_one(
        lambda: Scripted(archs), problem, seed=0, budget=Budget("evaluations", 4), workers=2, charge_controller=True
    )
    assert free.clock.tolist() == [5, 5, 10, 10]
    assert (paid.clock > free.clock).all()
    assert paid.clock[1] > paid.clock[0], "one worker is answered after the other"
    assert (np.diff(paid.clock) >= 0).all()
    assert paid.clock[-1] - free.clock[-1] <= paid.own_seconds.sum()


def test_an_evaluation_without_seconds(space: Space, problem: Problem) -> None:
    plain = dataclasses.replace(problem, evaluator=MatchEvaluator(space.sample(np.random.default_rng(0))), name="match")
    run = run_one(lambda: RandomSearch(space), plain, seed=0, budget=Budget("evaluations", 3))
    assert run.seconds.tolist() == run.clock.tolist() == [0, 0, 0]
    timed = dataclasses.replace(plain, measured=True)
    assert (run_one(lambda: RandomSearch(space), timed, seed=0, budget=Budget("evaluations", 3)).seconds > 0).all()
    with pytest.raises(UsageError, match=r"match: no seconds are recorded of .*, and several workers or a budget of"):
        run_one(lambda: RandomSearch(space), plain, seed=0, budget=Budget("evaluations", 3), workers=2)


def test_bad_arguments(problem: Problem) -> None:
    def make() -> Controller:
        return RandomSearch(problem.space)

    with pytest.raises(UsageError, match="seed: expected 0 or more, got -1; workers: expected 1 or more, got 0"):
        run_one(make, problem, seed=-1, budget=Budget("epochs", 9), workers=0)
    other = parse_space("name: other\ninput: [4]\nlayers: [{name: body, linear: {units: {choice: [1, 2]}}}]")
    with pytest.raises(UsageError, match="the problem is about another"):
        run_one(lambda: RandomSearch(other), problem, seed=0, budget=Budget("epochs", 9))
    with pytest.raises(UsageError, match=r"^random on small, seed 7: a budget of 0.5 seconds ends before the first"):
        run_one(make, problem, seed=7, budget=Budget("seconds", 0.5), controller="random")
    with pytest.raises(UsageError, match="a budget of 3 epochs ends before"):
        run_one(make, problem, seed=7, budget=Budget("epochs", 3))


class Promoting(Scripted):
    """A script of `(network, epochs, parent)`."""

    def __init__(self, archs: Sequence[Architecture], script: Sequence[tuple[int, int | None, int | None]]) -> None:
        super().__init__(archs)
        self.script = script

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        place, epochs, parent = self.script[self.asked]
        self.asked += 1
        return Proposal(self.archs[place], epochs, parent)


@dataclasses.dataclass
class Curve:
    """`seconds` 10 an epoch, and `val_acc` that says seed and epochs."""

    seeds: list[int] = dataclasses.field(default_factory=list)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        self.seeds.append(seed)
        return {"val_acc": (epochs or 4) / 10, "seconds": 10.0 * (epochs or 4)}


SCRIPT = [(0, 1, None), (1, 1, None), (0, 2, 0), (1, None, 1), (0, None, 2), (0, 1, None)]


def test_what_goes_on_costs_what_is_new(table: Table) -> None:
    archs = [table.architecture(row) for row in range(2)]
    curve = Curve()
    problem = dataclasses.replace(problem_of_table(table), evaluator=curve, resumes=True)
    run = run_one(lambda: Promoting(archs, SCRIPT), problem, seed=7, budget=Budget("evaluations", 6))
    assert run.trained.tolist() == [1, 1, 2, 4, 4, 1]
    assert run.epochs.tolist() == [1, 1, 1, 3, 2, 1]
    assert run.seconds.tolist() == [10, 10, 10, 30, 20, 10]
    assert run.clock.tolist() == [10, 20, 30, 60, 80, 90]
    first, second, last = (trial_seed(7, number) for number in (0, 1, 5))
    assert curve.seeds == [first, second, first, second, first, last]
    # The fourth does not fit into 5 epochs: 1 + 1 + 1 + 3.
    short = run_one(lambda: Promoting(archs, SCRIPT), problem, seed=7, budget=Budget("epochs", 5))
    assert short.trained.tolist() == [1, 1, 2]
    assert run_one(lambda: Promoting(archs, SCRIPT), problem, seed=7, budget=Budget("epochs", 6)).epochs.sum() == 6


def test_budgets_that_are_trainings_of_their_own_cost_all_of_it(table: Table) -> None:
    archs = [table.architecture(row) for row in range(2)]
    problem = problem_of_table(table)
    assert not problem.resumes
    script = [(0, 1, None), (0, None, 0)]
    run = run_one(lambda: Promoting(archs, script), problem, seed=7, budget=Budget("evaluations", 2))
    assert run.epochs.tolist() == [1, 4]
    assert run.seconds[1] == pytest.approx(4 * run.seconds[0])


def test_what_the_cache_answered_was_never_trained(table: Table) -> None:
    archs = [table.architecture(row) for row in range(2)]
    problem = dataclasses.replace(problem_of_table(table), evaluator=Curve(), resumes=True)
    # The second is known: going on with it is a training from scratch. Then the first comes there too, and is known.
    script = [(0, 1, None), (0, 1, None), (0, 2, 1), (0, 2, 0), (0, None, 2)]
    run = run_one(lambda: Promoting(archs, script), problem, seed=7, budget=Budget("evaluations", 5), cache=True)
    assert run.epochs.tolist() == [1, 0, 2, 0, 2]
    assert run.seconds.tolist() == [10, 0, 20, 0, 20]
    assert run.trained.tolist() == [1, 1, 2, 2, 4]


def test_seconds_are_never_below_zero(table: Table) -> None:
    archs = [table.architecture(row) for row in range(1)]

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {"val_acc": 0.5, "seconds": 10.0 if epochs == 1 else 9.0}

    problem = dataclasses.replace(problem_of_table(table), evaluator=evaluate, resumes=True)
    run = run_one(lambda: Promoting(archs, [(0, 1, None), (0, 2, 0)]), problem, seed=0, budget=Budget("evaluations", 2))
    assert run.seconds.tolist() == [10, 0]


def test_a_table_answers_with_the_same_recorded_run(table: Table) -> None:
    curves = dataclasses.replace(table, curves=True)
    problem = problem_of_table(curves)
    assert problem.resumes
    archs = [curves.architecture(row) for row in range(20)]
    script = [*((place, 1, None) for place in range(20)), *((place, None, place) for place in range(20))]
    run = run_one(lambda: Promoting(archs, script), problem, seed=3, budget=Budget("evaluations", 40))
    for place in range(20):
        recorded = curves.val_acc[place].tolist()  # two runs, after 1 and 4 epochs
        assert [run.observed[place], run.observed[20 + place]] in recorded
        assert run.seconds[place] + run.seconds[20 + place] == pytest.approx(4 * run.seconds[place])


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("wrapper", [ASHA, Hyperband, SuccessiveHalving])
def test_wrappers_spend_no_more_than_the_budget(wrapper: Any, workers: int, table: Table) -> None:
    problem = problem_of_table(dataclasses.replace(table, curves=True))
    runs = [
        run_one(
            lambda: wrapper(RegularizedEvolution(problem.space, population=5), full_epochs=4, eta=4),
            problem,
            seed=0,
            budget=Budget("epochs", 60),
            workers=workers,
        )
        for _ in range(2)
    ]
    assert equal(*runs)
    assert 57 <= runs[0].epochs.sum() <= 60
    assert set(runs[0].trained) == {1, 4}
    full, paused = runs[0].trained == 4, runs[0].trained == 1
    assert set(runs[0].epochs[full]) == {3}
    assert set(runs[0].epochs[paused]) == {1}
