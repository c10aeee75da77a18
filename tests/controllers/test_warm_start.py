"""Warm start: the first proposals are the best candidates, then the wrapped controller goes on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nas.controllers import LocalSearch, RandomSearch, RegularizedEvolution, WarmStart
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Architecture, Space, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    """4^8 architectures, 65,536."""
    return parse_space("input: [4]\nlayers: [{repeat: 8, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")


class Counted:
    """The number of parameters; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, arch: Architecture, seed: int) -> float:
        self.asked.append((arch.id, seed))
        return float(arch.params)


def _warm(space: Space, proxy: Counted, **settings: int) -> WarmStart:
    arguments: Mapping[str, Any] = {"candidates": 20, "initial": 5, **settings}
    return WarmStart(space, RandomSearch(space), proxies={"params": proxy}, proxy="params", **arguments)


def _candidates(space: Space, rng: np.random.Generator, count: int = 20) -> list[Architecture]:
    """The rule: the proxy's seed is drawn first, then the candidates, and the sorting is stable."""
    rng.integers(2**32)
    return sorted((space.sample(rng) for _ in range(count)), key=lambda arch: -arch.params)


def test_the_first_proposals_are_the_best_candidates(space: Space) -> None:
    proxy = Counted()
    trials = list(search(_warm(space, proxy), MatchEvaluator(space.sample(np.random.default_rng(9))), trials=8, seed=3))
    archs = [trial.architecture for trial in trials]
    assert archs[0] == _candidates(space, np.random.default_rng([3, 0]))[0]
    best = _candidates(space, np.random.default_rng(trials[0].seed))
    assert archs[1:5] == [arch for arch in best if arch.id != archs[0].id][:4]
    # Then the wrapped controller proposes as if it had proposed the others, too.
    assert archs[5:] == [space.sample(np.random.default_rng([3, number])) for number in range(5, 8)]
    # Both rankings were made once, each with one seed.
    assert len(proxy.asked) == 40
    assert len({seed for _, seed in proxy.asked}) == 2


def test_the_wrapped_controller_is_told_everything(space: Space) -> None:
    evolution = RegularizedEvolution(space, population=5, tournament=50)
    warm = WarmStart(space, evolution, proxies={"params": Counted()}, proxy="params", candidates=20, initial=5)
    target = space.sample(np.random.default_rng(9))
    trials = list(search(warm, MatchEvaluator(target), trials=5))
    assert warm.controller is evolution
    best = max(trial.score or 0 for trial in trials)
    parents = [trial.architecture.choices for trial in trials if trial.score == best]
    # A tournament of 50 misses the best of 5 with a chance of 0.8^50 < 1e-4.
    child = warm.ask(np.random.default_rng(0)).architecture.choices
    assert min(sum(a != b for a, b in zip(parent, child, strict=True)) for parent in parents) == 1


def test_what_is_in_flight_counts(space: Space) -> None:
    warm = _warm(space, Counted())
    flying: list[Proposal] = []
    for number in range(5):
        flying.append(warm.ask(np.random.default_rng(number), flying))
    assert len({one.architecture.id for one in flying}) == 5
    for number, one in enumerate(flying):  # nothing is told yet, so each has candidates of its own
        assert one.architecture == _candidates(space, np.random.default_rng(number))[0]
    after = warm.ask(np.random.default_rng(7), flying).architecture
    assert after == space.sample(np.random.default_rng(7))


def test_where_no_candidate_is_left_the_wrapped_controller_goes_on() -> None:
    space = parse_space("input: [4]\nlayers: [{choice: [relu, gelu, tanh]}]")
    warm = _warm(space, Counted(), candidates=50, initial=5)
    told: list[str] = []
    for number in range(5):
        proposal = warm.ask(np.random.default_rng(number))
        told.append(proposal.architecture.id)
        warm.tell(Trial(number, proposal, number, {}, (0.5,), 1.0, None, number))
    assert len(set(told[:3])) == 3
    # No candidate is left; the ranking took nothing from the generator.
    assert told[3:] == [space.sample(np.random.default_rng(number)).id for number in (3, 4)]


def test_a_proxy_that_knows_finds_better_ones_at_once(space: Space) -> None:
    # One of 8 decisions with 4 options at random makes 5 or more the same with a chance of 0.027; none of 200 does with
    # 0.973^200 = 0.004. The seed is fixed.
    target = space.sample(np.random.default_rng(9))
    evaluator = MatchEvaluator(target)

    def knowing(arch: Architecture, _seed: int) -> float:
        return float(evaluator(arch, epochs=None, seed=0)["val_acc"])  # type: ignore[arg-type]  # a number

    warm = WarmStart(
        space, LocalSearch(space), proxies={"synflow": knowing}, proxy="synflow", candidates=200, initial=1
    )
    (first,) = search(warm, evaluator, trials=1)
    assert first.score is not None
    assert first.score >= 5 / 8


def test_an_infinite_proxy_comes_last(space: Space) -> None:
    wanted = space.sample(np.random.default_rng(1)).choices[0]

    def proxy(arch: Architecture, _seed: int) -> float:
        return 0.0 if wanted in arch.choices else -np.inf

    warm = WarmStart(space, RandomSearch(space), proxies={"macs": proxy}, candidates=50, initial=3)
    for seed in range(5):
        assert wanted in warm.ask(np.random.default_rng(seed)).architecture.choices


def test_more_initial_proposals_than_candidates(space: Space) -> None:
    with pytest.raises(UsageError, match=r"^initial must be at most candidates, got 5 and 4$"):
        _warm(space, Counted(), initial=5, candidates=4)


def test_a_proxy_that_cannot_be_had(space: Space) -> None:
    with pytest.raises(UsageError, match=r"^the proxy 'snip' needs a data set \(expected params\)$"):
        WarmStart(space, RandomSearch(space), proxies={"params": Counted()}, proxy="snip")
