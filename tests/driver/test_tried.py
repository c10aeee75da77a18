"""When everything in a space was tried."""

import itertools

import pytest

from nas.driver.tried import LOOKS, Tried, all_tried_after
from nas.space import Architecture, Space, parse_space
from nas.trial import Proposal, Trial


def _trial(number: int, arch: Architecture, *, epochs: int | None = None, failed: bool = False) -> Trial:
    scores, error = (None, "CRASH: no") if failed else ((0.5,), None)
    return Trial(number, Proposal(arch, epochs), number, {}, scores, 1.0, error, number)


@pytest.fixture
def spelled() -> Space:
    """Four members, three networks."""
    return parse_space("{input: [4], layers: [{choice: {first: relu, second: relu, third: tanh, fourth: gelu}}]}")


def test_networks_count_and_not_their_spellings(spelled: Space) -> None:
    first, second, third, fourth = spelled
    assert all_tried_after(spelled, [_trial(0, third), _trial(1, second), _trial(2, third), _trial(3, fourth)]) == 4
    assert all_tried_after(spelled, [_trial(0, third), _trial(1, first)]) is None
    assert all_tried_after(spelled, []) is None


def test_failures_count_and_short_trainings_do_not(spelled: Space) -> None:
    archs = list(spelled)
    assert all_tried_after(spelled, [_trial(n, arch, failed=n == 2) for n, arch in enumerate(archs)]) == 4
    assert all_tried_after(spelled, [_trial(n, arch, epochs=3) for n, arch in enumerate(archs)]) is None


def test_of_a_large_space_little_is_looked_at() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 60, of: [{choice: [relu, gelu, tanh, silu]}]}]")
    tried = Tried(space)
    for arch in itertools.islice(space, 3):
        assert not tried.all
        tried.add(Proposal(arch))
    assert not tried.all
    assert len(tried.networks) == 3


def test_few_networks_that_are_spelled_in_many_ways_are_found_out_in_time() -> None:
    """Two networks, 2^12 spellings: the last one in the order of the file is the other one."""
    space = parse_space(
        "{input: [4], layers: [{choice: {a: [{repeat: 12, of: [{choice: [identity, {dropout: {p: 0}}]}]}], b: relu}}]}"
    )
    *_, last = space
    first = next(iter(space))
    tried = Tried(space)
    for arch in (first, last):
        tried.add(Proposal(arch))
    assert [tried.all for _ in range(2**12 // LOOKS + 1)][-1]
