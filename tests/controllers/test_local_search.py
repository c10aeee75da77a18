"""Local search: the climb by hand, restarts, known networks, and that it finds what is hidden."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from nas.controllers import LocalSearch, RandomSearch
from nas.driver.search import search
from nas.space import Architecture, Space, load_space, parse_space
from nas.testing import MatchEvaluator, check_controller
from nas.trial import Metrics, Proposal, Trial, best_trials

TWO = "input: [4]\nlayers: [{name: a, choice: [relu, gelu, tanh]}, {name: b, choice: [tanh, silu]}]"
OPENS = """
input: [4]
layers:
  - {name: n, repeat: {choice: [1, 12]}, of: [{linear: {units: {choice: [1, 2, 3]}}}]}
"""
CHOICES = 12
OPTIONS = [1, 2, 3, 4, 5, 6]


@pytest.fixture(scope="module")
def two() -> Space:
    """Three options, then two: each architecture has three neighbours."""
    return parse_space(TWO)


@pytest.fixture(scope="module")
def space() -> Space:
    """6^12 architectures, about 2 billion."""
    return parse_space(
        f"input: [4]\nlayers: [{{repeat: {CHOICES}, of: [{{linear: {{units: {{choice: {OPTIONS}}}}}}}]}}]"
    )


def _arch(space: Space, a: str, b: str) -> Architecture:
    return space.rebuild({"a": a, "b": b})


def _tell(controller: LocalSearch, number: int, arch: Architecture, score: float | None) -> None:
    scores = None if score is None else (score,)
    error = None if scores else "CRASH: no"
    controller.tell(Trial(number, Proposal(arch), number, {}, scores, 1.0, error, number))


def _ask(controller: LocalSearch, pending: Sequence[Architecture] = (), seed: int = 0) -> Architecture:
    return controller.ask(np.random.default_rng(seed), [Proposal(arch) for arch in pending]).architecture


def _left(controller: LocalSearch) -> set[Architecture]:
    """All that could be proposed now besides random architectures."""
    flying: list[Architecture] = []
    for _ in range(3):
        flying.append(_ask(controller, flying))
    return set(flying)


def test_the_neighbours_of_the_first_are_evaluated(two: Space) -> None:
    controller = LocalSearch(two)
    assert _ask(controller) == two.sample(np.random.default_rng(0))
    first = _arch(two, "relu", "tanh")
    _tell(controller, 0, first, 0.5)
    assert _left(controller) == set(two.neighbours(first))


def test_it_moves_to_the_first_that_is_better(two: Space) -> None:
    controller = LocalSearch(two)
    _tell(controller, 0, _arch(two, "relu", "tanh"), 0.5)
    _tell(controller, 1, _arch(two, "gelu", "tanh"), 0.6)
    # Of the neighbours of (gelu, tanh), (relu, tanh) is known.
    flying = [_ask(controller)]
    flying.append(_ask(controller, flying))
    assert set(flying) == {_arch(two, "gelu", "silu"), _arch(two, "tanh", "tanh")}


def test_it_moves_to_the_best_when_all_are_evaluated(two: Space) -> None:
    controller = LocalSearch(two, improvement="best")
    _tell(controller, 0, _arch(two, "relu", "tanh"), 0.5)
    _tell(controller, 1, _arch(two, "gelu", "tanh"), 0.6)
    _tell(controller, 2, _arch(two, "tanh", "tanh"), 0.7)
    assert _ask(controller) == _arch(two, "relu", "silu")
    _tell(controller, 3, _arch(two, "relu", "silu"), None)
    assert _ask(controller) == _arch(two, "tanh", "silu")


def test_an_optimum_is_left_for_a_random_architecture(two: Space) -> None:
    controller = LocalSearch(two)
    first = _arch(two, "relu", "tanh")
    _tell(controller, 0, first, 0.5)
    for number, arch in enumerate(two.neighbours(first), start=1):
        _tell(controller, number, arch, 0.5)  # as good is not better
    new = _arch(two, "gelu", "silu"), _arch(two, "tanh", "silu")
    assert {_ask(controller, seed=seed) for seed in range(20)} == set(new)
    # The one after the restart counts as a start, though it is worse than what was found before. Two of its neighbours
    # are known and better, and lead to the optimum (relu, tanh) at once; so the last one is a start again.
    _tell(controller, 4, new[0], 0.1)
    assert _ask(controller) == new[1]


def test_the_best_of_several_starts(two: Space) -> None:
    controller = LocalSearch(two, initial=2)
    _tell(controller, 0, _arch(two, "relu", "tanh"), 0.5)
    _tell(controller, 1, _arch(two, "tanh", "silu"), None)
    assert len({_ask(controller, seed=seed) for seed in range(30)}) == 4
    _tell(controller, 2, _arch(two, "gelu", "silu"), 0.3)
    assert _left(controller) >= {_arch(two, "gelu", "tanh"), _arch(two, "tanh", "tanh"), _arch(two, "relu", "silu")}


def test_what_is_in_flight_is_not_proposed_again(two: Space) -> None:
    controller = LocalSearch(two)
    first = _arch(two, "relu", "tanh")
    _tell(controller, 0, first, 0.5)
    neighbours = list(two.neighbours(first))
    assert _ask(controller, neighbours[:2]) == neighbours[2]
    others = {_ask(controller, neighbours, seed=seed) for seed in range(20)}
    assert others == {_arch(two, "gelu", "silu"), _arch(two, "tanh", "silu")}


def test_nothing_is_proposed_twice_before_all_is_known() -> None:
    nasbench201 = load_space("search_spaces/nasbench201.yaml")

    def hashed(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {"val_acc": int(arch.id, 16) / 16**16}

    for improvement in ("first", "best"):
        study = search(LocalSearch(nasbench201, improvement=improvement), hashed, trials=150)
        assert len({trial.architecture.id for trial in study}) == 150
    small = parse_space(TWO)
    study = search(LocalSearch(small), hashed, trials=10)
    assert len({trial.architecture.id for trial in study}) == 6


def test_a_change_that_opens_much_is_one_neighbour() -> None:
    """Behind the other number of layers lie 3^12 architectures; one of them stands for all."""
    space = parse_space(OPENS)
    controller = LocalSearch(space)
    first = space.rebuild({"n.repeat": 1, "n.0.0.linear.units": 2})
    _tell(controller, 0, first, 0.5)
    flying: list[Architecture] = []
    for _ in range(3):
        flying.append(_ask(controller, flying))
    assert sorted(len(arch.choices) for arch in flying) == [2, 2, 13]
    deep = max(flying, key=lambda arch: len(arch.choices))
    assert dict(deep.choices)["n.0.0.linear.units"] == 2, "what the change does not touch stays"
    check_controller(lambda: LocalSearch(space), space, trials=12)
    check_controller(lambda: LocalSearch(space, initial=3, improvement="best"), space, trials=12)


def test_golden_sequence() -> None:
    """A search that was begun must go on the same way with the next version."""
    space = parse_space("input: [4]\nlayers: [{repeat: 4, of: [{linear: {units: {choice: [1, 2, 3]}}}]}]")
    target = MatchEvaluator(space.rebuild(dict.fromkeys(space.universe, 3)))
    study = search(LocalSearch(space), target, trials=16, seed=0)
    made = ["".join(str(value) for _, value in trial.architecture.choices) for trial in study]
    assert " ".join(made) == "2111 1111 3111 3211 3311 2311 3313 3213 3323 3333 3133 3233 3332 1333 2333 3331"


@pytest.mark.parametrize("improvement", ["first", "best"])
def test_it_finds_what_is_hidden(space: Space, improvement: Literal["first", "best"]) -> None:
    """400 trials, 5 seeds, against random search with the same.

    Over 30 other seeds `first` matched all 12 decisions each time, after 178 trials at the latest, and `best` 9.6 on
    average and 7 at the worst; random search matches 6.4. The seeds are fixed; a change of the random numbers fails
    this with a chance below 1 in 1,000 for `first`, and of a few in 100 for `best`.
    """
    best: dict[str, list[float]] = {"local": [], "random": []}
    for seed in range(5):
        target = MatchEvaluator(space.sample(np.random.default_rng(1000 + seed)))
        local = search(LocalSearch(space, improvement=improvement), target, trials=400, seed=seed)
        random = search(RandomSearch(space), target, trials=400, seed=seed)
        for name, study in (("local", local), ("random", random)):
            best[name].append(best_trials(study)[0].score or 0.0)
    assert min(best["local"]) >= (1.0 if improvement == "first" else 7 / 12)
    assert np.mean(best["local"]) > np.mean(best["random"]) + 0.1
