"""A search with each controller: what is survived, and that one cut off anywhere goes on as if it had not been."""

import os
import signal
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from nas.controllers import (
    CONTROLLERS,
    Grid,
    RandomSearch,
    RegularizedEvolution,
)
from nas.driver.budget import BudgetGiven
from nas.driver.search import search
from nas.driver.study import MemoryStudy, Study
from nas.errors import EvaluationFailed, FailureKind, MetricsError, StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.events import Event, Notice, TrialBegan, TrialEnded
from nas.interrupt import Stopped
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Metrics, Objective, Trial
from tests.driver.searches import EVALUATOR, GOOD, MAKERS, SCHEDULED, SPACE, make_controller, reporting, timeless


@pytest.fixture
def space() -> Space:
    return SPACE


@pytest.fixture
def evaluator() -> Evaluator:
    """Fails one time in three."""
    return EVALUATOR


def test_every_controller_has_a_case() -> None:
    assert set(MAKERS) == set(CONTROLLERS)


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_cut_off_anywhere_goes_on_as_if_it_had_not_been(name: str, space: Space, evaluator: Evaluator) -> None:
    whole = [timeless(trial) for trial in search(MAKERS[name](space), evaluator, trials=20, seed=3)]
    assert {trial.scores is None for trial in whole} == {True, False}
    for cut in (0, 7, 19):
        study = search(MAKERS[name](space), evaluator, trials=cut, seed=3)
        assert len(study) == cut
        search(MAKERS[name](space), evaluator, study, trials=20, seed=3)
        assert [timeless(trial) for trial in study] == whole


class ThreeEpochs(MatchEvaluator):
    full_epochs = 3


@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize(
    ("budget", "more", "by"),
    [
        ({"patience": 3}, {"patience": 6}, "in a row brought no improvement"),
        ({"target": 1.0, "trials": 40}, {"trials": 40}, "reached the target, val_acc 1"),
        ({"epochs": 21}, {"epochs": 33, "trials": 90}, "the budget is 21 epochs"),
    ],
)
def test_a_search_ends_at_the_same_trial_wherever_it_is_cut_off(
    budget: BudgetGiven, more: BudgetGiven, by: str, window: int, space: Space
) -> None:
    """And a greater budget extends it, as if it had been given from the beginning."""
    evaluator = ThreeEpochs(next(iter(space)))

    def go_on(trials: Sequence[Trial], budget: BudgetGiven) -> list[Trial]:
        study = MemoryStudy()
        for trial in trials:
            study.append(trial)
        events.clear()
        search(RandomSearch(space), evaluator, study, budget=budget, seed=3, window=window, on_event=events.append)
        return [timeless(trial) for trial in study]

    events: list[Event] = []
    longer = go_on((), more)
    whole = go_on((), budget)
    assert window < len(whole) < len(longer)
    for cut in (1, window + 1, len(whole) - 1, len(whole)):
        assert go_on(whole[:cut], budget) == whole
        (told,) = [event.text for event in events if isinstance(event, Notice)]
        assert told.startswith(f"the search ends after {len(whole)} trials: ")
        assert told.endswith(by)
    assert longer[: len(whole)] == whole
    assert go_on(whole, more) == longer


def test_the_time_left_is_posted() -> None:
    events: list[Event] = []
    search(RandomSearch(SPACE), EVALUATOR, trials=3, on_event=events.append)
    left = [event.left for event in events if isinstance(event, TrialEnded)]
    assert left[-1] == 0.0
    assert all(seconds is not None and seconds > 0 for seconds in left[:-1])


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_may_go_on_to_more_trials(name: str, space: Space, evaluator: Evaluator) -> None:
    """Every controller, as if it had been told so at the beginning, but for those with a schedule: theirs is the longer
    one from then on. Where the longer search is cut off, it goes on in the same way."""
    short = list(search(make_controller(name, space, trials=6), evaluator, trials=6, seed=3))
    longer = []
    for stops in ((9,), (7, 9)):
        study = MemoryStudy()
        for trial in short:
            study.append(trial)
        for stop in stops:
            search(make_controller(name, space, trials=9), evaluator, study, trials=stop, seed=3)
        longer.append([timeless(trial) for trial in study])
    assert longer[0] == longer[1]
    assert longer[0][:6] == [timeless(trial) for trial in short]
    if name not in SCHEDULED:
        whole = search(make_controller(name, space, trials=9), evaluator, trials=9, seed=3)
        assert longer[0] == [timeless(trial) for trial in whole]


CUT_OFF = ("successive_halving", "hyperband", "asha", "early_stopping")
"""Those that do not train every network in full."""
TIRELESS = ("random", "regularized_evolution", "q_learning", "nsga2", "reinforce", "ppo", "optuna", "portfolio")
"""Those that propose a network again though there are others."""


@pytest.mark.parametrize("name", MAKERS)
def test_a_search_ends_when_everything_was_tried(name: str, evaluator: Evaluator) -> None:
    small = parse_space("{input: [4], layers: [{choice: {one: relu, two: relu, three: gelu, four: tanh, five: silu}}]}")
    study = search(make_controller(name, small, trials=60), evaluator, trials=60, seed=1, space=small)
    ids = [trial.architecture.id for trial in study]
    if len(ids) == 60:
        assert name in CUT_OFF or (name in TIRELESS and len(set(ids)) < 4)
        return
    assert len(set(ids)) == 4
    full = [trial.architecture.id for trial in study if trial.proposal.epochs is None]
    assert full.index(full[-1]) == len(full) - 1, "it ended with the last one that was new"
    assert name in (*CUT_OFF, *TIRELESS) or len(ids) == 4

    def refuse(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("everything was tried")

    assert search(make_controller(name, small, trials=90), refuse, study, trials=90, seed=1, space=small) is study
    assert len(study) == len(ids), "it stays ended"
    search(make_controller(name, small, trials=60), evaluator, study, trials=len(ids) + 1, seed=1)
    assert len(study) == len(ids) + 1, "it goes on where repeats are wanted"


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_search(name: str, space: Space, evaluator: Evaluator) -> None:
    def run(seed: int) -> list[Trial]:
        return [timeless(trial) for trial in search(MAKERS[name](space), evaluator, trials=12, seed=seed)]

    assert run(0) == run(0)
    assert run(0) != run(1)


def test_a_search_that_is_done_does_nothing_more(space: Space, evaluator: Evaluator) -> None:
    study = search(RandomSearch(space), evaluator, trials=5)

    def refuse(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise AssertionError("nothing was left to do")

    assert search(RandomSearch(space), refuse, study, trials=5) is study
    assert search(RandomSearch(space), refuse, study, trials=3) is study
    assert len(study) == 5


@pytest.mark.parametrize("kind", FailureKind)
def test_failures_are_recorded_and_survived(kind: FailureKind, space: Space) -> None:
    def fail(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        raise EvaluationFailed(kind, "on purpose")

    study = search(RegularizedEvolution(space, population=2, tournament=1), fail, trials=5)
    for number, trial in enumerate(study):
        assert (trial.number, trial.scores, dict(trial.metrics)) == (number, None, {})
        assert trial.error == f"{kind}: on purpose"


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
        return search(Grid(space), reporting(*answers), trials=3, cache=cache)

    with pytest.raises(MetricsError) as caught:
        run(reported, GOOD)
    assert str(caught.value) == message
    assert [trial.error for trial in run(GOOD, reported, GOOD)] == [None, f"CRASH: {message}", None]


class OfTheirOwn(Exception):
    """What a user may have made."""


def _raising(error: BaseException) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "KeyError": (lambda: {"bias": 1}["weight"], "CRASH: KeyError: 'weight' (test_search.py:"),
    "TypeError": (lambda: len(3), "CRASH: TypeError: object of type 'int' has no len() (test_search.py:"),  # type: ignore[arg-type]
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
    assert [timeless(trial) for trial in study] == [timeless(trial) for trial in whole]


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


def test_a_study_keeps_the_order() -> None:
    space = parse_space("input: [4]\nlayers: [relu]")
    study = search(RandomSearch(space), MatchEvaluator(next(iter(space))), trials=3)
    assert [trial.number for trial in study] == [0, 1, 2]
    assert [trial.number for trial in study] == [0, 1, 2], "a study can be read twice"
