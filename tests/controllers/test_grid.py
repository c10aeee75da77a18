"""Exhaustive search: every network once, in the order that is stated, and evenly where it says so."""

from collections import Counter
from math import gcd

import numpy as np
import pytest

from nas.controllers import Grid
from nas.controllers.grid import REPEATS, member, stride
from nas.driver.search import search
from nas.errors import UsageError
from nas.space import Architecture, load_space, parse_space
from nas.testing import MatchEvaluator, check_controller
from nas.trial import Proposal, Trial

SPACES = {
    "plain": "input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, gelu, tanh]}]",
    "conditional": "input: [4]\nlayers: [{repeat: {choice: [0, 1, 3]}, of: [{linear: {units: {choice: [2, 3]}}}]}]",
    "limited": """
        input: [1, 8, 8]
        limits: {params: 200}
        outputs: 2
        layers:
          - repeat: {choice: [1, 2]}
            of: [{conv: {width: {choice: [2, 4, 6]}}}, {choice: [max_pool, relu]}]
          - choice: [flatten, global_avg_pool]
          - linear: {units: outputs}""",
    "no decision": "input: [4]\nlayers: [relu]",
}
SPELLED = "input: [4]\nlayers: [{repeat: 3, of: [{choice: [relu, identity]}]}]"
"""8 members; a network is told by the number of its activations, so there are 4."""


def _proposed(controller: Grid, trials: int) -> list[Architecture]:
    study = search(controller, lambda arch, *, epochs, seed: {"val_acc": 0.5}, trials=trials)
    return [trial.architecture for trial in study]


@pytest.mark.parametrize("text", SPACES.values(), ids=SPACES)
def test_members_are_numbered_as_they_are_listed(text: str) -> None:
    space = parse_space(text)
    assert [member(space, number) for number in range(space.size)] == list(space)
    with pytest.raises(UsageError, match="no member with this number"):
        member(parse_space(SPACES["plain"]), 9)


def test_members_that_were_kept_are_numbered_as_they_are_listed() -> None:
    space = parse_space(SPACES["conditional"])
    few = space.keep([arch.choices for arch in list(space)[1::3]])
    assert [member(few, number) for number in range(few.size)] == list(few)


@pytest.mark.parametrize("text", SPACES.values(), ids=SPACES)
def test_every_network_once_in_both_orders(text: str) -> None:
    space = parse_space(text)
    networks = list(dict.fromkeys(arch.id for arch in space))
    in_file = [arch.id for arch in _proposed(Grid(space, order="file"), 2 * len(networks))]
    assert in_file == networks * 2, "and then once more"
    spread = [arch.id for arch in _proposed(Grid(space), 2 * len(networks))]
    assert sorted(spread) == sorted(networks * 2)
    assert spread[: len(networks)] == spread[len(networks) :]


def test_spread_by_hand() -> None:
    """9 / φ is 5.56, and 5 has no divisor in common with 9: numbers 0, 5, 1, 6, 2, 7, 3, 8, 4."""
    space = parse_space(SPACES["plain"])
    listed = list(space)
    assert _proposed(Grid(space), 9) == [listed[number] for number in (0, 5, 1, 6, 2, 7, 3, 8, 4)]


def test_a_network_that_is_spelled_otherwise_is_passed_over() -> None:
    space = parse_space(SPELLED)
    assert [len(arch.blocks) for arch in _proposed(Grid(space, order="file"), 5)] == [3, 2, 1, 0, 3]
    assert sorted(len(arch.blocks) for arch in _proposed(Grid(space), 4)) == [0, 1, 2, 3]


def test_many_spellings_of_one_network_do_not_hold_it_up() -> None:
    """The first 2^15 members in the order of the file are one network: after `REPEATS` of them it is proposed again."""
    space = parse_space(
        "input: [4]\nlayers: [{choice: [gelu, tanh]}, {repeat: 15, of: [{choice: [identity, {linear: {units: 4}}]}]}]"
    )
    first, second, *_ = _proposed(Grid(space, order="file"), 2)
    assert first.id != second.id
    twins = parse_space("input: [4]\nlayers: [{repeat: 12, of: [{choice: {a: relu, b: relu}}]}]")
    assert twins.size == 4096 > REPEATS
    one, other = _proposed(Grid(twins, order="file"), 2)
    assert one.id == other.id
    assert one != other


def test_stride_shares_no_divisor() -> None:
    for size in (*range(1, 300), 15625, 6**12, 10**40):
        step = stride(size)
        assert step >= 1
        assert gcd(step, size) == 1
        assert abs(step - size * 0.618033988749894848) <= max(20, size * 1e-15)


def test_spread_is_even() -> None:
    """Of the first 60 of 6^12 members every option of the first decision is tried 10 times, as in no random sample."""
    space = parse_space("input: [4]\nlayers: [{repeat: 12, of: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6]}}}]}]")
    tried = _proposed(Grid(space), 60)
    for decision in (0, 11):
        counts = Counter(arch.choices[decision][1] for arch in tried)
        assert set(counts) == {1, 2, 3, 4, 5, 6}
        assert max(counts.values()) - min(counts.values()) <= 2, decision
    assert len({arch.id for arch in tried}) == 60


def test_the_place_counts_what_is_in_flight() -> None:
    space = parse_space(SPACES["plain"])
    listed = list(space)
    controller = Grid(space, order="file")
    rng = np.random.default_rng(0)
    assert controller.ask(rng).architecture == listed[0]
    assert controller.ask(rng, [Proposal(listed[0])]).architecture == listed[1]
    assert controller.ask(rng, [Proposal(listed[1])]).architecture == listed[2], "the next that is not in flight"
    controller.tell(Trial(0, Proposal(listed[0]), 0, {}, None, 1.0, "CRASH: no", 0))
    assert controller.ask(rng).architecture == listed[1]
    all_but_one = [Proposal(arch) for arch in listed[:8]]
    assert controller.ask(rng, all_but_one).architecture == listed[8]
    assert controller.ask(rng, [Proposal(arch) for arch in listed]).architecture in listed


def test_contract_in_the_order_of_the_file() -> None:
    for text in SPACES.values():
        space = parse_space(text)
        check_controller(lambda space=space: Grid(space, order="file"), space, trials=12)  # type: ignore[misc]


def test_it_finds_what_is_hidden() -> None:
    """Of 9 members, with certainty, in 9 trials."""
    space = parse_space(SPACES["plain"])
    for target in space:
        study = search(Grid(space), MatchEvaluator(target), trials=9)
        assert max(trial.score or 0.0 for trial in study) == 1.0


def test_a_published_space() -> None:
    space = load_space("search_spaces/nasbench201.yaml")
    assert len({arch.id for arch in _proposed(Grid(space), 60)}) == 60


def test_a_size_that_is_not_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.space.walks.counts.MAX_ENTRIES", 1000)
    units = [1, 2, 3, 5, 7, 11, 13, 17]
    layers = [{"repeat": 6, "of": [{"linear": {"units": {"choice": units}}}]}]
    space = load_space({"input": [19], "layers": layers, "limits": {"params": 500}})
    with pytest.raises(UsageError, match=r"order: spread needs the exact size of the space, .*; use order: file"):
        Grid(space)
    assert _proposed(Grid(space, order="file"), 1) == [next(iter(space))]


def test_arguments_that_are_refused() -> None:
    space = parse_space(SPACES["plain"])
    with pytest.raises(UsageError, match="order: expected 'spread' or 'file', got 'random'"):
        Grid(space, order="random")  # type: ignore[arg-type]
