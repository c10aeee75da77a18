"""Regularized evolution: the three lines of the algorithm, and that it finds what is hidden."""

from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers import RandomSearch, RegularizedEvolution
from nas.driver.search import search
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial, best_trials

CHOICES = 12
OPTIONS = [1, 2, 3, 4, 5, 6]


@pytest.fixture(scope="module")
def space() -> Space:
    """6^12 architectures, about 2 billion."""
    return parse_space(
        f"input: [4]\nlayers: [{{repeat: {CHOICES}, of: [{{linear: {{units: {{choice: {OPTIONS}}}}}}}]}}]"
    )


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _differences(a: Architecture, b: Architecture) -> int:
    return sum(x != y for x, y in zip(a.choices, b.choices, strict=True))


def _told(
    space: Space, scores: Sequence[float | None], **arguments: int
) -> tuple[RegularizedEvolution, list[Architecture]]:
    controller = RegularizedEvolution(space, **arguments)
    archs = [space.sample(np.random.default_rng(number)) for number in range(len(scores))]
    for number, (arch, score) in enumerate(zip(archs, scores, strict=True)):
        controller.tell(_trial(number, arch, score))
    return controller, archs


def test_it_begins_at_random(space: Space) -> None:
    controller, _ = _told(space, [0.5] * 9, population=10)
    for seed in range(5):
        assert controller.ask(np.random.default_rng(seed)).architecture == space.sample(np.random.default_rng(seed))


def test_a_child_is_one_mutation_of_the_best_that_was_drawn(space: Space) -> None:
    # A tournament of 500 misses the best of 10 with a chance of 0.9^500 < 1e-22.
    controller, archs = _told(space, [number / 10 for number in range(10)], population=10, tournament=500)
    for seed in range(10):
        assert _differences(controller.ask(np.random.default_rng(seed)).architecture, archs[9]) == 1


def test_a_tournament_of_one_takes_any_member(space: Space) -> None:
    controller, archs = _told(space, [number / 10 for number in range(10)], population=10, tournament=1)
    parents = set()
    for seed in range(200):
        child = controller.ask(np.random.default_rng(seed)).architecture
        parents.add(min(range(10), key=lambda index: _differences(child, archs[index])))
    # One of ten is missed in 200 draws with a chance below 10 · 0.9^200 < 1e-8.
    assert parents == set(range(10))


def test_the_oldest_dies_however_good_it_is(space: Space) -> None:
    controller, archs = _told(space, [1.0] + [0.1] * 8 + [0.2], population=9, tournament=500)
    for seed in range(10):
        child = controller.ask(np.random.default_rng(seed)).architecture
        assert _differences(child, archs[0]) > 1
        assert _differences(child, archs[9]) == 1


def test_the_failed_join_nothing_and_push_nobody_out(space: Space) -> None:
    controller, archs = _told(space, [0.9, None, 0.1, None, None, None], population=2, tournament=500)
    for seed in range(10):
        assert _differences(controller.ask(np.random.default_rng(seed)).architecture, archs[0]) == 1


def test_with_trials_in_flight_the_random_phase_ends_after_as_many_proposals(space: Space) -> None:
    controller, archs = _told(space, [0.5, 0.9], population=4, tournament=500)
    pending = [Proposal(space.sample(np.random.default_rng(9)))] * 2
    rng = np.random.default_rng
    assert controller.ask(rng(0), pending[:1]).architecture == space.sample(rng(0))
    assert _differences(controller.ask(rng(0), pending).architecture, archs[1]) == 1
    empty = RegularizedEvolution(space, population=2)
    assert empty.ask(rng(0), pending).architecture == space.sample(rng(0))


def test_it_finds_what_is_hidden(space: Space) -> None:
    """400 trials, 5 seeds, against random search with the same.

    Over 100 other seeds evolution matched 11.5 ± 0.6 of 12 decisions (10 at the worst), random search 6.4. The seeds
    are fixed; a change of the random numbers fails this with a chance below 1 in 1,000.
    """
    best: dict[str, list[float]] = {"evolution": [], "random": []}
    for seed in range(5):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        evolution = search(RegularizedEvolution(space, population=30, tournament=10), target, trials=400, seed=seed)
        random = search(RandomSearch(space), target, trials=400, seed=seed)
        for name, study in (("evolution", evolution), ("random", random)):
            best[name].append(best_trials(study)[0].score or 0.0)
    assert min(best["evolution"]) >= 9 / 12
    assert np.mean(best["evolution"]) > np.mean(best["random"]) + 0.25
