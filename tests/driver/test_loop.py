"""The loop: what it asks with, in which order it tells, and that it goes on wherever it was cut off."""

import signal
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from nas.controllers import (
    Controller,
    RandomSearch,
)
from nas.driver.accounts import Trials
from nas.driver.budget import Budget
from nas.driver.executors.executor import Executor
from nas.driver.executors.simulated import Simulated
from nas.driver.loop import Loop, Order, Told
from nas.driver.memory import Memory
from nas.driver.search import search
from nas.driver.seeds import trial_seed
from nas.driver.study import MemoryStudy, Study
from nas.errors import StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.interrupt import Stopped, orderly, stoppable
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Metrics, Objective, Proposal, Trial
from tests.driver.searches import EVALUATOR, GOOD, MAKERS, SPACE, Slow, timeless


@pytest.fixture
def space() -> Space:
    return SPACE


@pytest.fixture
def evaluator() -> Evaluator:
    """Fails one time in three."""
    return EVALUATOR


def _loop(
    controller: Controller, executor: Executor, study: Study, *, window: int | None = None, order: Order = "number"
) -> list[Trial]:
    loop = Loop(
        controller, executor, study, Trials(20), seed=3, objectives=(Objective("val_acc"),), window=window, order=order
    )
    return [timeless(trial) for trial, _ in loop.run()]


@pytest.mark.parametrize("name", MAKERS)
def test_what_evaluates_does_not_matter(name: str, space: Space, evaluator: Evaluator) -> None:
    """One simulated worker is a search, and k of them that are told in order are a search with a window of k."""
    slow = Slow(evaluator)
    for window in (1, 3):
        trials = [timeless(one) for one in search(MAKERS[name](space), slow, trials=20, seed=3, window=window)]
        assert trials == _loop(MAKERS[name](space), Simulated(slow, window), MemoryStudy())
        assert [one.number - one.asked_after for one in trials] == [min(n, window - 1) for n in range(20)]
    for cut in (2, 13):
        study = MemoryStudy()
        for trial in trials[:cut]:
            study.append(trial)
        search(MAKERS[name](space), slow, study, trials=20, seed=3, window=3)
        assert [timeless(trial) for trial in study] == trials


class Listening(RandomSearch):
    """Notes what it is told, and what is pending when it is asked."""

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        self.told: list[int] = []
        self.asked: list[tuple[tuple[int, ...], tuple[str, ...]]] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        self.asked.append((tuple(self.told), tuple(proposal.architecture.id for proposal in pending)))
        return super().ask(rng, pending)

    def tell(self, trial: Trial) -> None:
        self.told.append(trial.number)


def test_a_search_with_a_window_that_is_killed_anywhere_goes_on(space: Space, evaluator: Evaluator) -> None:
    """Each proposal is asked for with as much told and as much pending as in a search that is not disturbed."""
    undisturbed = Listening(space)
    whole = [timeless(trial) for trial in search(undisturbed, evaluator, trials=9, seed=3, window=3)]
    assert [len(told) for told, _ in undisturbed.asked] == [0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert [len(pending) for _, pending in undisturbed.asked] == [0, 1, 2, 2, 2, 2, 2, 2, 2]
    for cut in range(9):
        study = MemoryStudy()

        def killed(
            arch: Architecture, *, epochs: int | None, seed: int, cut: int = cut, study: MemoryStudy = study
        ) -> Metrics:
            if len(study) == cut:
                raise KeyboardInterrupt
            return evaluator(arch, epochs=epochs, seed=seed)

        with pytest.raises(KeyboardInterrupt):
            search(RandomSearch(space), killed, study, trials=9, seed=3, window=3)
        assert len(study) == cut
        controller = Listening(space)
        search(controller, evaluator, study, trials=9, seed=3, window=3)
        assert [timeless(trial) for trial in study] == whole
        assert controller.asked == undisturbed.asked[cut:]


def test_the_note_in_a_study_is_of_the_trial_that_is_evaluated(space: Space, evaluator: Evaluator) -> None:
    """With several proposals in flight, too: the next trial of the log."""
    noted: list[tuple[int, str]] = []

    class Noting(MemoryStudy):
        def begin(self, proposal: Proposal) -> str | None:
            noted.append((len(self), proposal.architecture.id))
            return "the process died in it: Aborted" if len(self) == 4 else None

    study = search(RandomSearch(space), evaluator, Noting(), trials=9, seed=3, window=3)
    assert noted == [(trial.number, trial.architecture.id) for trial in study]
    assert [trial.error for trial in study][4] == "CRASH: the process died in it: Aborted"


def test_a_window_closes_when_everything_was_tried(evaluator: Evaluator) -> None:
    """What is in flight counts as tried, and a search that goes on does not begin with more."""
    small = parse_space("{input: [4], layers: [{choice: [relu, gelu, tanh]}]}")
    study = search(RandomSearch(small), evaluator, trials=50, seed=1, space=small, window=4)
    count = len(study)
    assert len({trial.architecture.id for trial in list(study)[:-1]}) < len({arch.id for arch in small})
    assert {trial.architecture.id for trial in study} == {arch.id for arch in small}
    for cut in range(count):
        again = MemoryStudy()
        for trial in list(study)[:cut]:
            again.append(trial)
        search(RandomSearch(small), evaluator, again, trials=50, seed=1, space=small, window=4)
        assert [timeless(trial) for trial in again] == [timeless(trial) for trial in study]


def test_trials_are_told_and_kept_as_they_finish(space: Space, evaluator: Evaluator) -> None:
    slow, study = Slow(evaluator), MemoryStudy()
    controller = Listening(space)
    trials = _loop(controller, Simulated(slow, 3), study, order="free")
    assert [timeless(trial) for trial in study] == trials
    assert controller.told == [trial.number for trial in trials]
    assert controller.told != sorted(controller.told)
    assert sorted(controller.told) == list(range(20))
    by_number = sorted(trials, key=lambda trial: trial.number)
    assert [len(told) for told, _ in controller.asked] == [trial.asked_after for trial in by_number]
    for cut in (1, 7, 20):
        again, resumed = MemoryStudy(), Listening(space)
        for trial in trials[:cut]:
            again.append(trial)
        _loop(resumed, Simulated(slow, 3), again, order="free")
        assert resumed.told[:cut] == controller.told[:cut]
        assert sorted(resumed.told) == list(range(20))


class Promoting(RandomSearch):
    """Trains every second one for longer, and proposes some of a few networks again."""

    def __init__(self, space: Space) -> None:
        super().__init__(space)
        self.told: list[Trial] = []

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        if len(self.told) % 2 and self.told[-1].proposal.epochs == 2:
            return Proposal(self.told[-1].architecture, 5, parent=self.told[-1].number)
        return Proposal(list(self.space)[int(rng.integers(4))], 2)

    def tell(self, trial: Trial) -> None:
        self.told.append(trial)


@pytest.mark.parametrize("cache", [False, True])
@pytest.mark.parametrize(
    ("slots", "order", "budget"),
    [
        (1, "number", Budget("epochs", 50)),
        (3, "number", Budget("epochs", 50)),
        (1, "number", Budget("seconds", 50)),
        (1, "free", Budget("evaluations", 14)),
    ],
)
def test_a_budget_is_one_of_the_whole_study(
    slots: int, order: Order, budget: Budget, cache: bool, space: Space
) -> None:
    """Whatever it is counted in: a search that is resumed ends where it would have ended."""
    slow = Slow(MatchEvaluator(next(iter(space))))

    def go_on(study: MemoryStudy) -> tuple[list[Told], Mapping[int, int]]:
        account, costs = budget.accounts(full_epochs=9, resumes=False)
        executor = Simulated(slow, slots, resumes=False)
        memory = Memory() if cache else None
        loop = Loop(
            Promoting(space),
            executor,
            study,
            account,
            seed=3,
            objectives=(Objective("val_acc"),),
            order=order,
            memory=memory,
        )
        return list(loop.run()), costs

    whole, costs = go_on(MemoryStudy())
    assert len(whole) >= 9
    assert (0 in costs.values()) is cache, "some are answered from memory"
    for cut in (1, 6, len(whole)):
        study = MemoryStudy()
        for trial, _ in whole[:cut]:
            study.append(trial)
        more, again = go_on(study)
        assert [trial for trial, _ in more] == [trial for trial, _ in whole[cut:]]
        assert again == costs
        if slots == 1:
            assert [at for _, at in more] == pytest.approx([at for _, at in whole[cut:]])


def test_a_signal_is_looked_at_between_trials(space: Space) -> None:
    """Where an evaluator never asks, the trial in hand is finished and logged."""
    study = MemoryStudy()

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if len(study) == 2:
            signal.raise_signal(signal.SIGTERM)
        return GOOD

    def run() -> None:
        with stoppable(), orderly():
            search(RandomSearch(space), evaluate, study, trials=9)

    with pytest.raises(Stopped):
        run()
    assert len(study) == 3


def test_what_cannot_be_stored_is_not_told(space: Space, evaluator: Evaluator) -> None:
    class Full(MemoryStudy):
        def append(self, trial: Trial) -> None:
            if len(self) == 3:
                raise StorageError("the disk is full")
            super().append(trial)

    controller, study = Listening(space), Full()
    with pytest.raises(StorageError):
        search(controller, evaluator, study, trials=10)
    assert controller.told == [0, 1, 2]
    assert len(study) == 3


class Scripted(RandomSearch):
    """Proposes one network after the other: `(epochs, parent)`."""

    def __init__(self, space: Space, script: Sequence[tuple[int | None, int | None]]) -> None:
        super().__init__(space)
        self.script = script
        self.told = 0

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return Proposal(self.space.sample(np.random.default_rng(0)), *self.script[self.told])

    def tell(self, trial: Trial) -> None:
        self.told += 1


def test_a_trial_that_goes_on_has_the_seed_of_its_parent(space: Space, evaluator: Evaluator) -> None:
    script = [(1, None), (1, None), (3, 1), (None, 2), (None, 0)]
    trials = list(search(Scripted(space, script), MatchEvaluator(next(iter(space))), trials=5, seed=4))
    first, second = trial_seed(4, 0), trial_seed(4, 1)
    assert [trial.seed for trial in trials] == [first, second, second, second, first]
    assert [(trial.proposal.epochs, trial.proposal.parent) for trial in trials] == script


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([(1, 0)], "a proposal goes on with trial 0, which has not been told"),
        ([(1, None), (3, 1)], "a proposal goes on with trial 1, which has not been told"),
        ([(3, None), (3, 0)], "a proposal goes on with trial 0 to 3 epochs, and it had 3"),
        ([(None, None), (3, 0)], "a proposal goes on with trial 0 to 3 epochs, and it had all"),
        ([(None, None), (None, 0)], "a proposal goes on with trial 0 to all epochs, and it had all"),
    ],
)
def test_parents_that_cannot_be_gone_on_with(
    script: Sequence[tuple[int | None, int | None]], message: str, space: Space
) -> None:
    with pytest.raises(UsageError) as caught:
        search(Scripted(space, script), MatchEvaluator(next(iter(space))), trials=len(script))
    assert str(caught.value) == message
