"""Model-based optimisation: when a surrogate is fitted and to what, what is proposed, and what there is to fit."""

from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers.backends.model_based import Examples, ModelBased, Surrogate, draw_pool, examples_of
from nas.controllers.backends.scores import Floats
from nas.space import Architecture, Space, parse_space
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def space() -> Space:
    return parse_space("input: [4]\nlayers: [{linear: {units: {choice: [1, 2, 3]}}}, {choice: [relu, gelu, tanh]}]")


class Recorder:
    """Fits surrogates that want the given architectures in order, and keeps what they were fitted to."""

    def __init__(self, *wanted: Architecture) -> None:
        self.wanted = wanted
        self.fitted: list[tuple[int, float]] = []
        """How many networks, and the first number of the generator."""

    def __call__(self, examples: Examples, rng: np.random.Generator) -> Surrogate:
        self.fitted.append((len(examples.architectures), rng.random()))
        return self

    def predict(self, arch: Architecture) -> float:
        return float(len(self.fitted))

    def acquisition(self, pool: Sequence[Architecture], rng: np.random.Generator) -> Floats:
        return np.array([-self.wanted.index(arch) if arch in self.wanted else -100.0 for arch in pool])


def _controller(space: Space, recorder: Recorder, *, initial: int, batch_size: int, random: int = 200) -> ModelBased:
    """Nearly all of the space is in the pool: a member is missed by 200 draws with a chance of (8/9)^200 < 1e-10."""
    return ModelBased(space, recorder, initial=initial, batch_size=batch_size, mutants=0, random=random, parents=1)


def _trial(number: int, arch: Architecture, score: float | None) -> Trial:
    scores = None if score is None else (score,)
    return Trial(number, Proposal(arch), 100 + number, {}, scores, 1.0, None if scores else "CRASH: no", number)


def _ask(controller: ModelBased, pending: Sequence[Architecture] = (), seed: int = 0) -> Architecture:
    return controller.ask(np.random.default_rng(seed), [Proposal(arch) for arch in pending]).architecture


def test_it_is_fitted_after_the_initial_trials_and_after_each_batch(space: Space) -> None:
    members = list(space)
    recorder = Recorder(*members[6:])
    controller = _controller(space, recorder, initial=2, batch_size=3)
    for number, arch in enumerate(members[:6]):
        _ask(controller)
        controller.tell(_trial(number, arch, 0.1 * number))
    _ask(controller)
    expected = [(2, 101), (5, 104)]  # to how many trials, and the seed of the last one of them
    assert recorder.fitted == [(length, np.random.default_rng(seed).random()) for length, seed in expected]


def test_telling_a_history_fits_the_last_surrogate_alone(space: Space) -> None:
    members = list(space)
    recorder = Recorder(*members[6:])
    controller = _controller(space, recorder, initial=2, batch_size=3)
    for number, arch in enumerate(members[:6]):
        controller.tell(_trial(number, arch, 0.1 * number))
    assert _ask(controller) == _ask(controller) == members[6]
    assert recorder.fitted == [(5, np.random.default_rng(104).random())]


def test_the_greatest_acquisition_is_proposed_but_for_what_is_known_or_in_flight(space: Space) -> None:
    members = list(space)
    controller = _controller(space, Recorder(members[0], members[4], members[2], members[3]), initial=1, batch_size=9)
    assert controller.predict(members[0]) == 0.0
    controller.tell(_trial(0, members[0], 0.5))
    assert controller.predict(members[0]) == 1.0
    assert _ask(controller) == members[4]
    assert _ask(controller, [members[4]]) == members[2]
    controller.tell(_trial(1, members[2], 0.5))
    assert _ask(controller, [members[4]]) == members[3]


def test_where_the_pool_is_exhausted_proposals_are_random_and_new(space: Space) -> None:
    members = list(space)
    controller = _controller(space, Recorder(), initial=1, batch_size=9, random=0)
    controller.tell(_trial(0, members[0], 0.5))
    found = {_ask(controller, [members[4], members[3]], seed) for seed in range(60)}
    assert found == set(members) - {members[0], members[3], members[4]}


def test_nothing_is_fitted_where_all_failed(space: Space) -> None:
    recorder = Recorder()
    controller = _controller(space, recorder, initial=1, batch_size=1)
    controller.tell(_trial(0, next(iter(space)), None))
    assert _ask(controller) in set(space)
    assert controller.predict(next(iter(space))) == 0.0
    assert not recorder.fitted


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
    near = draw_pool(space, examples, rng, mutants=100, random=0, parents=1)
    assert set(near) == set(space.neighbours(members[1])) - set(members[:3])
    all_ = draw_pool(space, examples, rng, mutants=0, random=200, parents=1)
    assert sorted(arch.id for arch in all_) == sorted(arch.id for arch in members[3:])
