"""Early stopping: what is stopped, what goes on, and what the wrapped controller is told."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from nas.controllers import EarlyStopping, RandomSearch
from nas.controllers.backends.learning_curves import LearningCurves
from nas.driver.search import search
from nas.space import Architecture, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Metrics, Proposal, Trial

CURVES = [[end - 0.4, end - 0.2, end - 0.1, end] for end in (0.7, 0.75, 0.72)]
"""What the first three networks score after 1, 2, 4 and 8 epochs."""


def begun(drive: Callable[..., Any], **settings: Any) -> Any:
    """A driver of a search whose first three networks were trained in full."""
    driver = drive(lambda controller: EarlyStopping(controller, full_epochs=8, **settings))
    for number, curve in enumerate(CURVES):
        asked = driver.run(curve)
        assert asked == [
            (number, epochs, None if place == 0 else 4 * number + place - 1)
            for place, epochs in enumerate((1, 2, 4, None))
        ]
    return driver


def test_a_hopeless_training_is_stopped_and_its_expected_end_is_told(drive: Callable[..., Any]) -> None:
    driver = begun(drive)
    assert driver.run([0.25, 0.3]) == [(3, 1, None), (3, 2, 12)]
    assert driver.run([0.34, 0.56, 0.66]) == [(4, 1, None), (4, 2, 14), (4, 4, 15)]  # perhaps the best
    assert driver.ask() == (4, None, 16)
    told = driver.controller.controller.told
    assert [trial.number for trial in told] == [0, 1, 2, 3]
    assert [trial.asked_after for trial in told] == [0, 1, 2, 3]
    assert [trial.proposal for trial in told] == [Proposal(arch) for arch in driver.archs[:4]]
    assert [trial.score for trial in told[:3]] == [curve[-1] for curve in CURVES]
    model = LearningCurves((1, 2, 4, 8), CURVES)
    assert model.end([0.25]).above(0.75) > 0.02 > model.end([0.25, 0.3]).above(0.75)
    assert told[3].score == model.end([0.25, 0.3]).mean < 0.5
    assert told[3].seed == driver.trials[13].seed


def test_it_learns_from_those_that_it_stopped(drive: Callable[..., Any]) -> None:
    driver = begun(drive)
    assert driver.run([0.25, 0.3, -0.9]) == [(3, 1, None), (3, 2, 12), (4, 1, None)]
    end = LearningCurves((1, 2, 4, 8), [*CURVES, [0.25, 0.3]]).end([-0.9])
    assert driver.controller.controller.told[4].score == end.mean


def test_the_threshold_decides(drive: Callable[..., Any]) -> None:
    assert begun(drive, threshold=0.0).run([-5.0, -5.0]) == [(3, 1, None), (3, 2, 12)]
    assert begun(drive, threshold=1.0).run([0.6, 0.6]) == [(3, 1, None), (4, 1, None)]


def test_nothing_is_stopped_at_first(drive: Callable[..., Any]) -> None:
    assert begun(drive, initial=4).run([0.1, 0.2, 0.2]) == [(3, 1, None), (3, 2, 12), (3, 4, 13)]


def test_a_failure_ends_a_training(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: EarlyStopping(controller, full_epochs=4))
    assert driver.run([None, 0.3, None]) == [(0, 1, None), (1, 1, None), (1, 2, 1)]
    assert driver.run([0.3]) == [(2, 1, None)]
    told = driver.controller.controller.told
    assert [(trial.number, trial.score) for trial in told] == [(0, None), (1, None)]


def test_what_is_in_flight_is_not_continued_twice(drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: EarlyStopping(controller, full_epochs=4))
    assert [driver.ask() for _ in range(2)] == [(0, 1, None), (1, 1, None)]
    driver.tell(0.5)
    assert [driver.ask() for _ in range(2)] == [(0, 2, 0), (2, 1, None)]
    driver.tell(0.4)
    driver.tell(0.6)
    assert [driver.ask() for _ in range(2)] == [(1, 2, 1), (0, None, 2)]
    driver.tell(0.3)
    for _ in range(2):
        driver.tell(0.7)
    assert [trial.number for trial in driver.controller.controller.told] == [0]


def test_full_trainings_of_others_count_and_truncated_ones_do_not(drive: Callable[..., Any]) -> None:
    driver = begun(drive)
    driver.flying.append(Proposal(driver.archs[50]))
    driver.tell(5.0)
    driver.flying.append(Proposal(driver.archs[51], 4))
    driver.tell(9.0)
    told = driver.controller.controller.told
    assert [trial.number for trial in told] == [0, 1, 2, 3]
    assert told[3].score == 5.0
    assert driver.run([0.3, 0.3]) == [(4, 1, None), (5, 1, None)]  # far from 5


def test_a_network_that_is_proposed_again_is_learned_once(hundred: Sequence[Architecture]) -> None:
    """Of network 1, which is stopped three times, the first score counts."""
    told: list[Trial] = []

    class Listening(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    inner = Listening(parse_space("input: [4]\nlayers: [relu]"))
    controller = EarlyStopping(inner, full_epochs=2, threshold=1.0, initial=1)
    rows = [(0, 1, None, 0.5), (0, None, 0, 0.8), (1, 1, None, 0.3), (1, 1, None, 0.2), (1, 1, None, 0.3)]
    for number, (place, epochs, parent, score) in enumerate(rows):
        controller.tell(Trial(number, Proposal(hundred[place], epochs, parent), 0, {}, (score,), 1.0, None, number))
    model = LearningCurves((1, 2), [(0.5, 0.8), (0.3,)])
    assert [trial.score for trial in told[2:]] == [model.end([0.2]).mean, model.end([0.3]).mean]


def test_other_objectives_are_told_as_measured(hundred: Sequence[Architecture]) -> None:
    told: list[Trial] = []

    class Listening(RandomSearch):
        def tell(self, trial: Trial) -> None:
            told.append(trial)

    controller = EarlyStopping(Listening(parse_space("input: [4]\nlayers: [relu]")), full_epochs=2, initial=1)
    rows = [(0, 1, None, 0.5), (0, None, 0, 0.8), (1, 1, None, -3.0)]
    for number, (place, epochs, parent, score) in enumerate(rows):
        proposal = Proposal(hundred[place], epochs, parent)
        controller.tell(Trial(number, proposal, 0, {}, (score, -7.0), 1.0, None, number))
    assert [trial.scores for trial in told[:1]] == [(0.8, -7.0)]
    assert told[1].scores is not None
    assert told[1].scores[1:] == (-7.0,)


def test_it_finds_the_best_network_in_fewer_epochs() -> None:
    """60 networks whose curves rise by different amounts, with noise: the best is known, and so are the costs."""
    space = parse_space(f"input: [4]\nlayers: [{{linear: {{units: {{choice: {list(range(1, 61))}}}}}}}]")
    match = MatchEvaluator(next(iter(space)))

    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        assert match(arch, epochs=epochs, seed=seed)
        rng = np.random.default_rng(arch.params)
        end, gain = rng.normal(0.8, 0.05), rng.uniform(0.2, 0.4)
        noise = rng.normal(0, 0.003, 33)
        last = epochs or 32
        return {"val_acc": float(end - gain / last + noise[last])}

    controller = EarlyStopping(RandomSearch(space), full_epochs=32)
    trials = list(search(controller, evaluate, trials=300, seed=1))
    ends = {arch.id: evaluate(arch, epochs=None, seed=0)["val_acc"] for arch in space}
    networks = {trial.architecture.id for trial in trials}
    best = max(networks, key=lambda id: ends[id])
    full = {trial.architecture.id for trial in trials if trial.proposal.epochs is None}
    assert best in full
    assert len(networks) > 40
    assert len(full) < len(networks) / 2


@pytest.mark.parametrize("full", [1, 2, 3, 5])
def test_short_trainings_have_few_checks(full: int, drive: Callable[..., Any]) -> None:
    driver = drive(lambda controller: EarlyStopping(controller, full_epochs=full))
    levels = driver.controller.levels
    assert driver.run([0.1] * len(levels)) == [
        (0, epochs, place - 1 if place else None) for place, epochs in enumerate(levels)
    ]
    assert [trial.score for trial in driver.controller.controller.told] == [0.1]
