"""What the wrappers that promote have in common: levels, what the wrapped controller is told, what is in flight."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from nas.controllers import ASHA, EarlyStopping, Hyperband, RandomSearch, RegularizedEvolution, SuccessiveHalving
from nas.controllers.backends.promoting import Rung, levels_of
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Architecture, parse_space
from nas.testing import FailingEvaluator, MatchEvaluator
from nas.trial import Proposal, Trial

WRAPPERS = [ASHA, Hyperband, SuccessiveHalving]


@pytest.mark.parametrize(
    ("full", "least", "eta", "levels"),
    [
        (81, 1, 3, (1, 3, 9, 27, None)),
        (81, 2, 3, (3, 9, 27, None)),
        (81, 3, 3, (3, 9, 27, None)),
        (256, 1, 4, (1, 4, 16, 64, None)),
        (108, 4, 3, (4, 12, 36, None)),
        (200, 1, 3, (2, 7, 22, 67, None)),  # 200 / 81 = 2.5, 200 / 27 = 7.4, 200 / 9 = 22.2, 200 / 3 = 66.7
        (10, 1, 3, (1, 3, None)),
        (5, 5, 3, (None,)),
        (2, 1, 3, (None,)),
        (1, 1, 2, (None,)),
    ],
)
def test_levels(full: int, least: int, eta: int, levels: tuple[int | None, ...]) -> None:
    assert levels_of(full, least, eta) == levels


def test_levels_ascend_from_the_least_to_the_full_training() -> None:
    for full in range(1, 130):
        for eta in (2, 3, 4):
            for least in range(1, min(full, 6) + 1):
                *levels, last = levels_of(full, least, eta)
                numbers = [epochs for epochs in levels if epochs is not None]
                assert last is None
                assert len(numbers) == len(levels)
                assert all(a < b for a, b in zip([least - 1, *numbers], [*numbers, full], strict=True))


@pytest.mark.parametrize("wrapper", [*WRAPPERS, EarlyStopping])
def test_more_epochs_at_first_than_in_all_are_refused(wrapper: Any) -> None:
    with pytest.raises(UsageError, match=r"^min_epochs must be at most 9, the full training, got 10$"):
        wrapper(RandomSearch(parse_space("input: [4]\nlayers: [relu]")), full_epochs=9, min_epochs=10)


@pytest.mark.parametrize("wrapper", [*WRAPPERS, EarlyStopping])
def test_it_cannot_be_wrapped_in_another_one(wrapper: Any) -> None:
    space = parse_space("input: [4]\nlayers: [relu]")
    inner = ASHA(RandomSearch(space), full_epochs=9, eta=3)
    with pytest.raises(UsageError, match="asks for epochs cannot be wrapped in another one that does"):
        wrapper(inner, full_epochs=9).ask(np.random.default_rng(0))


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_the_wrapped_controller_sees_a_search_without_levels(wrapper: Any) -> None:
    space = parse_space("input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}}}, relu]")
    told: list[Trial] = []

    class Listening(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    evaluator = FailingEvaluator(MatchEvaluator(next(iter(space))), every=5)
    trials = list(search(wrapper(Listening(space), full_epochs=9, eta=2), evaluator, trials=60))
    lowest = [trial for trial in trials if trial.proposal.parent is None]
    assert 20 < len(lowest) < 60
    assert {trial.proposal.epochs for trial in lowest} == {1}
    assert [trial.number for trial in told] == list(range(len(lowest)))
    assert [trial.asked_after for trial in told] == list(range(len(lowest)))
    for one, own in zip(lowest, told, strict=True):
        assert own.proposal == Proposal(one.architecture)
        assert (own.seed, own.scores, own.metrics, own.error) == (one.seed, one.scores, one.metrics, one.error)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_one_level_is_the_wrapped_controllers_own_search(wrapper: Any) -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 4, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    evaluator = MatchEvaluator(next(iter(space)))
    alone = search(RegularizedEvolution(space, population=5, tournament=3), evaluator, trials=20)
    wrapped = search(
        wrapper(RegularizedEvolution(space, population=5, tournament=3), full_epochs=2, eta=3), evaluator, trials=20
    )
    assert [trial.proposal for trial in alone] == [trial.proposal for trial in wrapped]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_promotion_goes_on_where_its_parent_stopped(wrapper: Any) -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 3, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    evaluator = FailingEvaluator(MatchEvaluator(next(iter(space))), every=4)
    controller = wrapper(RandomSearch(space), full_epochs=16, eta=2)
    trials = list(search(controller, evaluator, trials=150))
    parents = [trial.proposal.parent for trial in trials if trial.proposal.parent is not None]
    assert len(parents) == len(set(parents)), "a trial was promoted twice"
    assert {trial.proposal.epochs for trial in trials} == set(controller.levels)
    for trial in trials:
        if trial.proposal.parent is not None:
            parent = trials[trial.proposal.parent]
            assert parent.architecture == trial.architecture
            assert parent.scores is not None, "a failed trial was promoted"
            assert parent.seed == trial.seed
            assert parent.proposal.fidelity < trial.proposal.fidelity


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_what_others_proposed_is_no_news_to_the_wrapped_controller(wrapper: Any, drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: wrapper(controller, full_epochs=9, eta=3))
    driver.run([0.5, 0.6])
    driver.flying.append(Proposal(driver.archs[50]))  # a full training
    driver.tell(0.9)
    assert driver.run([0.1]) == [(2, 1, None)]
    assert [trial.number for trial in driver.controller.controller.told] == [0, 1, 2]
    assert driver.run([0.2]) == ([(1, 3, 1)] if wrapper is ASHA else [(3, 1, None)])


def test_a_rung(hundred: Sequence[Architecture]) -> None:
    rung = Rung()
    # The score, the network: the second score of network 1 is not looked at, the failure of 2 is made up for later.
    results = [(0.5, 0), (0.7, 1), (None, 2), (0.9, 1), (0.7, 3), (0.6, 2), (None, 4)]
    for number, (score, place) in enumerate(results):
        scores = None if score is None else (score,)
        rung.add(Trial(number, Proposal(hundred[place]), 0, {}, scores, 1.0, None if scores else "CRASH: no", number))
    assert (rung.told, rung.networks) == (7, 5)
    assert [trial.number for trial in rung.best(10)] == [1, 4, 5, 0]
    assert [trial.number for trial in rung.best(2)] == [1, 4]
    assert list(rung.best(0)) == []


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_workers_find_something_new_to_do(wrapper: Any, drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: wrapper(controller, full_epochs=9, eta=3))
    asked = [driver.ask() for _ in range(12)]
    assert asked == [(number, 1, None) for number in range(12)]
