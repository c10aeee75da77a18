"""What a search is for, and which trials no other one beats: by hand, and against the definition."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nas.errors import UsageError
from nas.objectives import Objectives, fronts, objectives_of, pareto_front
from nas.space import Architecture, Space, parse_space
from nas.trial import Objective, Proposal, Trial, best_trials


@pytest.fixture(scope="module")
def archs() -> Sequence[Architecture]:
    space: Space = parse_space("input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7, 8]}}}]")
    return list(space)


def trial(number: int, arch: Architecture, scores: tuple[float, ...] | None, *, epochs: int | None = None) -> Trial:
    error = None if scores else "OVER_LIMIT: no"
    return Trial(number, Proposal(arch, epochs), number, {}, scores, 1.0, error, number)


def test_fronts_by_hand() -> None:
    """(1, 5), (2, 3), (4, 1) and a second (2, 3) are not dominated; (1, 3) is by the first two; (0, 0) by all."""
    assert list(fronts([(1, 5), (0, 0), (2, 3), (1, 3), (4, 1), (2, 3)])) == [[4, 2, 5, 0], [3], [1]]
    assert list(fronts([])) == []


def test_fronts_of_one_objective_are_its_values() -> None:
    assert list(fronts([(0.5,), (0.9,), (0.5,), (0.1,)])) == [[1], [0, 2], [3]]


@pytest.mark.parametrize("seed", range(20))
def test_fronts_against_their_definition(seed: int) -> None:
    """A front is what no other dominates once the fronts before it are gone, the best on the first objective first."""
    rng = np.random.default_rng(seed)
    scores = [tuple(row) for row in rng.integers(0, 6, size=(25, 1 + seed % 3)).tolist()]

    def dominates(one: Sequence[int], other: Sequence[int]) -> bool:
        return one != other and all(a >= b for a, b in zip(one, other, strict=True))

    left = list(range(len(scores)))
    for front in fronts(scores):
        expected = [i for i in left if not any(dominates(scores[j], scores[i]) for j in left)]
        assert front == sorted(expected, key=lambda place: [-score for score in scores[place]])
        left = [i for i in left if i not in front]
    assert not left


def test_the_front_of_trials(archs: Sequence[Architecture]) -> None:
    scores = [(0.7, -3.0), (0.9, -5.0), (0.6, -4.0), None, (0.8, -4.0), (0.7, -3.0)]
    trials = [trial(number, archs[number], pair) for number, pair in enumerate(scores)]
    assert [one.number for one in pareto_front(trials)] == [1, 4, 0, 5]
    assert [one.number for one in pareto_front(iter(trials))] == [1, 4, 0, 5]
    assert pareto_front([]) == []
    assert pareto_front([trials[3]]) == []


def test_a_network_is_in_the_front_once(archs: Sequence[Architecture]) -> None:
    """With its best trial on the first objective, whatever the other trials of it gave."""
    again = [trial(0, archs[0], (0.7, -3.0)), trial(1, archs[0], (0.8, -9.0)), trial(2, archs[1], (0.6, -4.0))]
    assert [one.number for one in pareto_front(again)] == [1, 2]


def test_trainings_that_were_cut_off_are_in_no_front(archs: Sequence[Architecture]) -> None:
    trials = [
        trial(0, archs[0], (0.9, -1.0), epochs=3),
        trial(1, archs[1], (0.5, -2.0)),
        trial(2, archs[2], (0.4, -3.0)),
    ]
    assert [one.number for one in pareto_front(trials)] == [1]


def test_with_one_objective_the_front_is_the_best(archs: Sequence[Architecture]) -> None:
    trials = [
        trial(number, arch, (score,)) for number, (arch, score) in enumerate(zip(archs, (1, 3, 2, 3), strict=False))
    ]
    assert [one.number for one in pareto_front(trials)] == [1, 3]
    assert pareto_front(trials)[0] is best_trials(trials)[0]


def test_trials_of_two_searches_have_no_front(archs: Sequence[Architecture]) -> None:
    with pytest.raises(UsageError, match="the trials have 1 and 2 scores"):
        pareto_front([trial(0, archs[0], (0.9, -1.0)), trial(1, archs[1], (0.9,))])
    with pytest.raises(UsageError, match=r"pareto_front: trials\[0\]: expected an instance of Trial, got 3"):
        pareto_front([3])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([Objective("val_acc")], (Objective("val_acc"),)),
        (
            {"val_loss": "minimize", "val_acc": {"limit": 0.5}},
            (Objective("val_loss", "minimize"), Objective("val_acc", limit=0.5)),
        ),
    ],
)
def test_objectives(given: Objectives, expected: tuple[Objective, ...]) -> None:
    assert objectives_of(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), r"^a search needs an objective, such as \{'val_acc': 'maximize'\}$"),
        ({}, "^a search needs an objective"),
        ((Objective("val_acc"), Objective("val_acc", "minimize")), "^'val_acc' is an objective twice"),
        ({"val_acc": "up"}, "expected 'maximize' or 'minimize', got 'up'"),
        ({"test_acc": "maximize"}, "must not see test data"),
        ({"val_acc": {"limits": 1}}, r"did you mean 'limit'\?"),
    ],
)
def test_what_is_no_objective(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        objectives_of(given)
