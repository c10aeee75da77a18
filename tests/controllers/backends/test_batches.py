"""Plans: when they are made and of what, what is proposed of them, and what there is to learn from."""

from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers.backends.batches import Batches, Examples, Plan, draw_candidates, examples_of
from nas.errors import UsageError
from nas.space import Architecture, Space, parse_space
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space("input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, gelu, tanh]}]")


class Recorder:
    """Plans that propose the given architectures, and what they were made of."""

    def __init__(self, *queue: Architecture) -> None:
        self.queue = queue
        self.made: list[tuple[int, float]] = []

    def __call__(self, examples: Examples, rng: np.random.Generator) -> Plan:
        self.made.append((len(examples.architectures), rng.random()))
        return Plan(self.queue, lambda arch: float(len(self.made)))


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), 100 + number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _ask(batches: Batches, pending: Sequence[Architecture] = (), seed: int = 0) -> Architecture:
    return batches.ask(np.random.default_rng(seed), [Proposal(arch) for arch in pending]).architecture


def test_a_plan_is_made_after_the_first_ones_and_after_each_batch(space: Space) -> None:
    members = list(space)
    recorder = Recorder(*members[6:])
    batches = Batches(space, initial=2, size=3, make_plan=recorder)
    for number, arch in enumerate(members[:6]):
        _ask(batches)
        batches.tell(_trial(number, arch, 0.1 * number))
    _ask(batches)
    expected = [(2, 101), (5, 104)]  # of how many trials, and the seed of the last one of them
    assert recorder.made == [(length, np.random.default_rng(seed).random()) for length, seed in expected]


def test_telling_a_history_makes_the_last_plan_alone(space: Space) -> None:
    members = list(space)
    recorder = Recorder(*members[6:])
    batches = Batches(space, initial=2, size=3, make_plan=recorder)
    for number, arch in enumerate(members[:6]):
        batches.tell(_trial(number, arch, 0.1 * number))
    assert _ask(batches) == _ask(batches) == members[6]
    assert recorder.made == [(5, np.random.default_rng(104).random())]


def test_the_queue_is_proposed_in_order_less_what_is_known_or_in_flight(space: Space) -> None:
    members = list(space)
    batches = Batches(space, initial=1, size=9, make_plan=Recorder(members[0], members[4], members[2], members[3]))
    assert batches.predict(members[0]) == 0.0
    batches.tell(_trial(0, members[0], 0.5))
    assert batches.predict(members[0]) == 1.0
    assert _ask(batches) == members[4]
    assert _ask(batches, [members[4]]) == members[2]
    batches.tell(_trial(1, members[2], 0.5))
    assert _ask(batches, [members[4]]) == members[3]
    left = {_ask(batches, [members[4], members[3]], seed) for seed in range(60)}
    assert left == set(members) - {members[0], members[2], members[3], members[4]}, "random, and new"


def test_nothing_is_planned_where_all_failed(space: Space) -> None:
    recorder = Recorder()
    batches = Batches(space, initial=1, size=1, make_plan=recorder)
    batches.tell(_trial(0, next(iter(space)), None))
    assert _ask(batches) in set(space)
    assert batches.predict(next(iter(space))) == 0.0
    assert not recorder.made


def test_examples_by_hand(space: Space) -> None:
    """The mean of what is repeated, a failure next to a success aside, and the worst score for what only failed."""
    one, two, three, *_ = space
    told = [(one, 0.2), (two, None), (three, 0.9), (one, 0.4), (three, None)]
    found = examples_of([_trial(number, arch, score) for number, (arch, score) in enumerate(told)])
    assert found is not None
    assert found.architectures == (one, two, three)
    assert found.scores.tolist() == [pytest.approx(0.3), 0.2, 0.9]
    assert found.best(2) == [three, one]
    assert examples_of([_trial(0, one, None)]) is None


def test_candidates(space: Space) -> None:
    """All but the examples, from the neighbours of the best and at random; each once."""
    members = list(space)
    examples = Examples(tuple(members[:3]), np.array([0.1, 0.9, 0.5]))
    rng = np.random.default_rng(0)
    near = draw_candidates(space, examples, rng, parents=1, mutants=100)
    assert set(near) == set(space.neighbours(members[1])) - set(members[:3])
    all_ = draw_candidates(space, examples, rng, parents=1, mutants=0, random=200)
    assert sorted(arch.id for arch in all_) == sorted(arch.id for arch in members[3:])


def test_arguments_that_are_refused(space: Space) -> None:
    for initial, size in ((0, 1), (1, 0)):
        with pytest.raises(UsageError, match=f"initial and batch must be 1 or more, got {initial} and {size}"):
            Batches(space, initial=initial, size=size, make_plan=Recorder())
