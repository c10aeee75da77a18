"""The loop: what is recorded, what is survived, and that a search cut off anywhere goes on as if it had not been."""

import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from nas.controllers import (
    ASHA,
    CONTROLLERS,
    DQN,
    GPT,
    NSGA2,
    PPO,
    Bananas,
    BayesianOptimization,
    BayesianQ,
    Controller,
    Distinct,
    Grid,
    Hyperband,
    LocalSearch,
    OptunaController,
    Portfolio,
    QLearning,
    RandomSearch,
    RegularizedEvolution,
    Reinforce,
    SuccessiveHalving,
    WarmStart,
)
from nas.driver.budget import Budget, Spent, Trials
from nas.driver.executors.executor import Executor, Job
from nas.driver.executors.serial import Serial
from nas.driver.executors.simulated import Simulated
from nas.driver.loop import Loop, Order, Told, parent_of, scored, search, trial_seed
from nas.driver.memory import Memory
from nas.driver.study import MemoryStudy, Study
from nas.errors import EvaluationFailed, FailureKind, MetricsError, StorageError, UsageError
from nas.evaluate import make_proxies
from nas.evaluate.evaluator import Evaluator
from nas.events import Event, TrialBegan, TrialEnded
from nas.interrupt import Stopped, orderly, stoppable
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Metrics, Objective, Proposal, Trial

MAKERS: dict[str, Callable[..., Controller]] = {
    "random": RandomSearch,
    "regularized_evolution": lambda space: RegularizedEvolution(space, population=6, tournament=3),
    "local_search": LocalSearch,
    "grid": Grid,
    "nsga2": lambda space: NSGA2(space, population=4),
    "bananas": lambda space: Bananas(space, initial=4, batch_size=6, candidates=10, steps=5),
    "gp": lambda space: BayesianOptimization(space, initial=4, batch_size=6, candidates=10),
    "bayesian_q": lambda space: BayesianQ(space, initial=3, random=4, mutants=4),
    "dqn": lambda space: DQN(space, initial=4, anneal=4, updates=1, batch_size=4, units=4),
    "reinforce": lambda space: Reinforce(space, batch_size=4, units=4, layers=1),
    "ppo": lambda space: PPO(space, batch_size=4, epochs=1, units=4),
    "gpt": lambda space: GPT(space, initial=4, batch_size=4, steps=1, width=4),
    "optuna": lambda space: OptunaController(space, settings={"n_startup_trials": 4}),
    "q_learning": lambda space, trials=20: QLearning(space, trials=trials, replay=5),
    "distinct": lambda space: Distinct(space, RegularizedEvolution(space, population=6, tournament=3)),
    "warm_start": lambda space: WarmStart(space, LocalSearch(space), proxies=make_proxies(), candidates=10),
    "portfolio": lambda space: Portfolio([LocalSearch(space), RandomSearch(space)]),
    "successive_halving": lambda space: SuccessiveHalving(LocalSearch(space), full_epochs=9),
    "hyperband": lambda space: Hyperband(RandomSearch(space), full_epochs=4, eta=2),
    "asha": lambda space, trials=20: ASHA(QLearning(space, trials=trials, replay=5), full_epochs=9, eta=2),
}
SCHEDULED = ("q_learning", "asha")
"""Those that have a schedule over so many trials."""


def _make(name: str, space: Space, *, trials: int) -> Controller:
    return MAKERS[name](space, trials=trials) if name in SCHEDULED else MAKERS[name](space)


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space(
        """
        input: [4]
        layers: [{repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}, {choice: [relu, gelu]}]
        """
    )


@pytest.fixture(scope="module")
def evaluator(space: Space) -> Evaluator:
    """Fails one time in three."""
    return FailingEvaluator(MatchEvaluator(space.sample(np.random.default_rng(50))))


def _told(trial: Trial) -> Trial:
    """All of a trial but its duration."""
    return replace(trial, seconds=0.0)


def test_every_controller_has_a_case() -> None:
    assert set(MAKERS) == set(CONTROLLERS)


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_cut_off_anywhere_goes_on_as_if_it_had_not_been(name: str, space: Space, evaluator: Evaluator) -> None:
    whole = [_told(trial) for trial in search(MAKERS[name](space), evaluator, trials=20, seed=3)]
    assert {trial.scores is None for trial in whole} == {True, False}
    for cut in (0, 1, 7, 10, 19, 20):
        study = search(MAKERS[name](space), evaluator, trials=cut, seed=3)
        assert len(study) == cut
        search(MAKERS[name](space), evaluator, study, trials=20, seed=3)
        assert [_told(trial) for trial in study] == whole


@dataclass(frozen=True)
class Slow:
    """An evaluator whose evaluations take between 1 and 8 seconds of simulated time."""

    evaluator: Evaluator

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        metrics = self.evaluator(arch, epochs=epochs, seed=seed)
        return {**metrics, "seconds": 1.0 + seed % 8}


def _loop(
    controller: Controller, executor: Executor, study: Study, *, window: int | None = None, order: Order = "number"
) -> list[Trial]:
    loop = Loop(
        controller, executor, study, Trials(20), seed=3, objectives=(Objective("val_acc"),), window=window, order=order
    )
    return [_told(trial) for trial, _ in loop.run()]


@pytest.mark.parametrize("name", MAKERS)
def test_what_evaluates_does_not_matter(name: str, space: Space, evaluator: Evaluator) -> None:
    """One simulated worker is a search, and k of them that are told in order are a search with a window of k."""
    slow = Slow(evaluator)
    for window in (1, 3):
        trials = [_told(one) for one in search(MAKERS[name](space), slow, trials=20, seed=3, window=window)]
        assert trials == _loop(MAKERS[name](space), Simulated(slow, window), MemoryStudy())
        assert [one.number - one.asked_after for one in trials] == [min(n, window - 1) for n in range(20)]
    for cut in (2, 13):
        study = MemoryStudy()
        for trial in trials[:cut]:
            study.append(trial)
        search(MAKERS[name](space), slow, study, trials=20, seed=3, window=3)
        assert [_told(trial) for trial in study] == trials


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
    whole = [_told(trial) for trial in search(undisturbed, evaluator, trials=9, seed=3, window=3)]
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
        assert [_told(trial) for trial in study] == whole
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
    """What is in flight by then is finished, and a search that goes on does not begin with more."""
    small = parse_space("{input: [4], layers: [{choice: [relu, gelu, tanh]}]}")
    study = search(RandomSearch(small), evaluator, trials=50, seed=1, space=small, window=4)
    count = len(study)
    assert {trial.architecture.id for trial in list(study)[: count - 3]} == {arch.id for arch in small}
    assert count < 50
    for cut in range(count):
        again = MemoryStudy()
        for trial in list(study)[:cut]:
            again.append(trial)
        search(RandomSearch(small), evaluator, again, trials=50, seed=1, space=small, window=4)
        assert [_told(trial) for trial in again] == [_told(trial) for trial in study]


def test_trials_are_told_and_kept_as_they_finish(space: Space, evaluator: Evaluator) -> None:
    slow, study = Slow(evaluator), MemoryStudy()
    controller = Listening(space)
    trials = _loop(controller, Simulated(slow, 3), study, order="finished")
    assert [_told(trial) for trial in study] == trials
    assert controller.told == [trial.number for trial in trials]
    assert controller.told != sorted(controller.told)
    assert sorted(controller.told) == list(range(20))
    by_number = sorted(trials, key=lambda trial: trial.number)
    assert [len(told) for told, _ in controller.asked] == [trial.asked_after for trial in by_number]
    for cut in (1, 7, 20):
        again, resumed = MemoryStudy(), Listening(space)
        for trial in trials[:cut]:
            again.append(trial)
        _loop(resumed, Simulated(slow, 3), again, order="finished")
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
        (1, "finished", Budget("evaluations", 14)),
    ],
)
def test_a_budget_is_one_of_the_whole_study(
    slots: int, order: Order, budget: Budget, cache: bool, space: Space
) -> None:
    """Whatever it is counted in: a search that is resumed ends where it would have ended."""
    slow = Slow(MatchEvaluator(next(iter(space))))

    def go_on(study: MemoryStudy) -> tuple[list[Told], Spent]:
        spent = Spent(budget, full_epochs=9, resumes=False)
        executor = Simulated(slow, slots, resumes=False)
        memory = Memory() if cache else None
        loop = Loop(
            Promoting(space),
            executor,
            study,
            spent,
            seed=3,
            objectives=(Objective("val_acc"),),
            order=order,
            memory=memory,
        )
        return list(loop.run()), spent

    whole, spent = go_on(MemoryStudy())
    assert len(whole) >= 9
    assert (0 in spent.epochs.values()) is cache, "some are answered from memory"
    for cut in (1, 6, len(whole)):
        study = MemoryStudy()
        for trial, _ in whole[:cut]:
            study.append(trial)
        more, again = go_on(study)
        assert [trial for trial, _ in more] == [trial for trial, _ in whole[cut:]]
        assert again.epochs == spent.epochs
        if slots == 1:
            assert [at for _, at in more] == pytest.approx([at for _, at in whole[cut:]])


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_may_go_on_to_more_trials(name: str, space: Space, evaluator: Evaluator) -> None:
    """Every controller, as if it had been told so at the beginning, but for those with a schedule: theirs is the longer
    one from then on. Where the longer search is cut off, it goes on in the same way."""
    short = list(search(_make(name, space, trials=6), evaluator, trials=6, seed=3))
    longer = []
    for stops in ((9,), (7, 9)):
        study = MemoryStudy()
        for trial in short:
            study.append(trial)
        for stop in stops:
            search(_make(name, space, trials=9), evaluator, study, trials=stop, seed=3)
        longer.append([_told(trial) for trial in study])
    assert longer[0] == longer[1]
    assert longer[0][:6] == [_told(trial) for trial in short]
    if name not in SCHEDULED:
        whole = search(_make(name, space, trials=9), evaluator, trials=9, seed=3)
        assert longer[0] == [_told(trial) for trial in whole]


CUT_OFF = ("successive_halving", "hyperband", "asha")
"""Those that do not train every network in full."""
TIRELESS = ("random", "regularized_evolution", "q_learning", "nsga2", "reinforce", "ppo", "optuna", "portfolio")
"""Those that propose a network again though there are others."""


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_ends_when_everything_was_tried(name: str, evaluator: Evaluator) -> None:
    small = parse_space("{input: [4], layers: [{choice: {one: relu, two: relu, three: gelu, four: tanh, five: silu}}]}")
    study = search(_make(name, small, trials=60), evaluator, trials=60, seed=1, space=small)
    ids = [trial.architecture.id for trial in study]
    if len(ids) == 60:
        assert name in CUT_OFF or (name in TIRELESS and len(set(ids)) < 4)
        return
    assert len(set(ids)) == 4
    assert ids.index(ids[-1]) == len(ids) - 1, "it ended with the last one that was new"
    assert name in TIRELESS or len(ids) == 4

    def refuse(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("everything was tried")

    assert search(_make(name, small, trials=90), refuse, study, trials=90, seed=1, space=small) is study
    assert len(study) == len(ids), "it stays ended"
    search(_make(name, small, trials=60), evaluator, study, trials=len(ids) + 1, seed=1)
    assert len(study) == len(ids) + 1, "it goes on where repeats are wanted"


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_search(name: str, space: Space, evaluator: Evaluator) -> None:
    def run(seed: int) -> list[Trial]:
        return [_told(trial) for trial in search(MAKERS[name](space), evaluator, trials=12, seed=seed)]

    assert run(0) == run(0)
    assert run(0) != run(1)


def test_a_search_that_is_done_does_nothing_more(space: Space, evaluator: Evaluator) -> None:
    study = search(RandomSearch(space), evaluator, trials=5)

    def refuse(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("nothing was left to do")

    assert search(RandomSearch(space), refuse, study, trials=5) is study
    assert search(RandomSearch(space), refuse, study, trials=3) is study
    assert len(study) == 5


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


@pytest.mark.parametrize("kind", FailureKind)
def test_failures_are_recorded_and_survived(kind: FailureKind, space: Space) -> None:
    def fail(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise EvaluationFailed(kind, "on purpose")

    study = search(RegularizedEvolution(space, population=2, tournament=1), fail, trials=5)
    for number, trial in enumerate(study):
        assert (trial.number, trial.scores, dict(trial.metrics)) == (number, None, {})
        assert trial.error == f"{kind}: on purpose"


def _reporting(*reported: object) -> Evaluator:
    """Reports each of these in turn, and the last one for ever."""
    left = list(reported)

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    return evaluate


def test_objectives_that_are_not_finite_fail_the_trial_and_other_metrics_do_not(space: Space) -> None:
    both = (Objective("val_acc"), Objective("val_loss", "minimize"))
    reported = {"val_acc": 0.5, "val_loss": math.inf, "val_loss_curve": [0.1, math.nan], "seconds": math.nan}
    for objectives, error in (((Objective("val_acc"),), None), (both, "NONFINITE: val_loss is inf")):
        trial = run_trial(_reporting(reported), Proposal(next(iter(space))), objectives=objectives)
        assert trial.error == error
        assert str(trial.metrics) == (
            "{}" if error else "{'val_acc': 0.5, 'val_loss': inf, 'val_loss_curve': (0.1, nan), 'seconds': nan}"
        )
        assert 0 <= trial.seconds < 60


def test_scalars_of_other_libraries_are_scores(space: Space) -> None:
    trial = run_trial(
        _reporting({"val_acc": np.float32(0.5), "seconds": np.float32(2)}),
        Proposal(next(iter(space))),
        objectives=(Objective("val_acc"),),
    )
    assert (trial.scores, trial.seconds, type(trial.metrics["val_acc"])) == ((0.5,), 2.0, float)


GOOD = {"val_acc": 0.5}


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        (None, "an evaluator reports metrics by name, as in {'val_acc': 0.9}; this one reports None"),
        ({"val_acc": None}, "the metric 'val_acc' is None, expected a number"),
        ({"acc": 0.5}, "the evaluator does not report 'val_acc'; it reports acc"),
    ],
)
@pytest.mark.parametrize("cache", [False, True])
def test_what_no_search_can_use_ends_it_unless_the_evaluator_has_done_well(
    reported: object, message: str, cache: bool, space: Space
) -> None:
    def run(*answers: object) -> Study:
        return search(Grid(space), _reporting(*answers), trials=3, cache=cache)

    with pytest.raises(MetricsError) as caught:
        run(reported, GOOD)
    assert str(caught.value) == message
    assert [trial.error for trial in run(GOOD, reported, GOOD)] == [None, f"CRASH: {message}", None]


def test_a_trial_over_its_limit_fails(space: Space) -> None:
    arch = space.sample(np.random.default_rng(0))
    objectives = (Objective("val_acc"), Objective("params", "minimize", limit=0.0))
    trial = run_trial(MatchEvaluator(arch), Proposal(arch), objectives=objectives)
    assert trial.error == f"OVER_LIMIT: params is {arch.params}, the limit is 0"


class OfTheirOwn(Exception):
    """What a user may have made."""


def _raising(error: BaseException) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "KeyError": (lambda: {"bias": 1}["weight"], "CRASH: KeyError: 'weight' (test_loop.py:"),
    "TypeError": (lambda: len(3), "CRASH: TypeError: object of type 'int' has no len() (test_loop.py:"),  # type: ignore[arg-type]
    "OSError": (_raising(OSError(5, "Input/output error")), "CRASH: OSError: [Errno 5] Input/output error ("),
    "an error of their own": (_raising(OfTheirOwn()), "CRASH: OfTheirOwn"),
    "sys.exit": (lambda: sys.exit(0), "CRASH: SystemExit: 0 ("),
    "os._exit": (lambda: os._exit(0), "CRASH: SystemExit: 0 ("),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_candidate_is_a_failed_trial_and_the_search_goes_on(bad: str, space: Space) -> None:
    fail, error = BAD[bad]
    good = MatchEvaluator(next(iter(space)))

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if arch.id == worst.id:
            np.seterr(all="raise")
            fail()
        return {**good(arch, epochs=epochs, seed=seed), "over": float(np.geterr()["over"] == "raise")}

    worst = Grid(space).ask(np.random.default_rng(0)).architecture
    study = search(Grid(space), evaluate, trials=4)
    first, *others = study
    assert first.error is not None
    assert first.error.startswith(error)
    assert [trial.error for trial in others] == [None] * 3
    assert {trial.metrics["over"] for trial in others} == {0.0}, "what the first one set is put back"


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), Stopped(signal.SIGINT), UsageError("a setting"), StorageError("the disk is full")]
)
def test_what_is_not_about_the_candidate_ends_the_search(error: BaseException, space: Space) -> None:
    def broken(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise error

    study = MemoryStudy()
    with pytest.raises(type(error)) as caught:
        search(RandomSearch(space), broken, study, trials=1)
    assert caught.value is error
    assert not len(study)


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


def test_on_trial_comes_after_the_log(space: Space, evaluator: Evaluator) -> None:
    study = MemoryStudy()
    seen: list[tuple[int, int]] = []
    search(
        RandomSearch(space), evaluator, study, trials=4, on_trial=lambda trial: seen.append((trial.number, len(study)))
    )
    assert seen == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_trials_begin_and_end(space: Space, evaluator: Evaluator) -> None:
    """Also those that fail; a search with a window evaluates them one after the other."""
    events: list[Event] = []
    study = search(RandomSearch(space), evaluator, trials=5, seed=3, window=2, on_event=events.append)
    assert {trial.scores is None for trial in study} == {True, False}
    told = [event.number if isinstance(event, TrialBegan) else event for event in events]
    assert told == [one for n, trial in enumerate(study) for one in (n, TrialEnded(trial, at=events[2 * n + 1].at))]
    assert [one.proposal for one in events if isinstance(one, TrialBegan)] == [trial.proposal for trial in study]


def test_an_interrupt_leaves_a_study_that_goes_on(space: Space, evaluator: Evaluator) -> None:
    def interrupt(trial: Trial) -> None:
        if trial.number == 4:
            raise KeyboardInterrupt

    study = MemoryStudy()
    with pytest.raises(KeyboardInterrupt):
        search(RandomSearch(space), evaluator, study, trials=10, on_trial=interrupt)
    assert len(study) == 5
    search(RandomSearch(space), evaluator, study, trials=10)
    whole = search(RandomSearch(space), evaluator, trials=10)
    assert [_told(trial) for trial in study] == [_told(trial) for trial in whole]


@pytest.mark.parametrize("arguments", [{"trials": -1}, {"trials": 1, "seed": -1}])
def test_arguments_that_are_refused(arguments: dict[str, int], space: Space, evaluator: Evaluator) -> None:
    with pytest.raises(UsageError, match=r"^search: (trials|seed): expected 0 or more, got -1$"):
        search(RandomSearch(space), evaluator, **arguments)  # type: ignore[arg-type]  # mypy fits them to on_trial too
    with pytest.raises(UsageError, match=r"^a search needs an objective, such as"):
        search(RandomSearch(space), evaluator, trials=1, objectives=())


def test_a_study_knows_what_its_trials_are_scored_by(space: Space, evaluator: Evaluator) -> None:
    study = MemoryStudy()
    search(RandomSearch(space), evaluator, study, trials=2, objectives={"params": "minimize", "val_acc": "maximize"})
    assert study.objectives == (Objective("params", "minimize"), Objective("val_acc"))
    search(RandomSearch(space), evaluator, study, trials=4)
    assert all(one.scores in (None, (-one.architecture.params, one.metrics.get("val_acc"))) for one in study)
    with pytest.raises(UsageError) as caught:
        search(RandomSearch(space), evaluator, study, trials=5, objectives=(Objective("val_acc", limit=0.5),))
    assert str(caught.value) == (
        "the objectives of the study are the lowest params, the highest val_acc, not the highest val_acc (at least 0.5)"
    )
    assert len(study) == 4
    assert getattr(search(RandomSearch(space), evaluator, trials=0), "objectives", None) == (Objective("val_acc"),)


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


def test_a_parent_of_another_architecture(space: Space) -> None:
    first, second, *_ = space
    parent = Trial(0, Proposal(first, 1), 5, {}, (0.5,), 1.0, None, 0)
    assert parent_of(Proposal(first, 2, parent=0), {0: parent}) is parent
    assert parent_of(Proposal(first, 2), {0: parent}) is None
    with pytest.raises(UsageError, match=r"^a proposal goes on with trial 0, which is one of another architecture$"):
        parent_of(Proposal(second, 2, parent=0), {0: parent})


def test_seeds_of_trials_differ() -> None:
    seeds = [trial_seed(seed, number) for seed in range(30) for number in range(30)]
    # 900 of 2^32: two fall together by luck with a chance of 1 in 10,000; the seeds are fixed.
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)


# How to update: this seed stands in stored studies, and whatever follows from it would come out differently. Change it
# only together with a note in the changelog.
def test_golden_seed() -> None:
    assert trial_seed(0, 0) == 3_831_201_730


def test_a_study_keeps_the_order() -> None:
    space = parse_space("input: [4]\nlayers: [relu]")
    study = search(RandomSearch(space), MatchEvaluator(next(iter(space))), trials=3)
    assert [trial.number for trial in study] == [0, 1, 2]
    assert [trial.number for trial in study] == [0, 1, 2], "a study can be read twice"
