"""Which networks a search selects: by observed scores, by expected scores, by means over repetitions."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from nas.controllers import RandomSearch
from nas.driver.search import search
from nas.driver.study import MemoryStudy
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.final.winner import Repeat, Winner, measured, repeats_after, repeats_of, winners, without_repeats
from nas.space import Architecture, Space, parse_space
from nas.trial import Metrics, Proposal, Trial, best_trials

WAYS: Sequence[Winner] = ("observed", "posterior", "repeat")


@pytest.fixture(scope="module")
def space() -> Space:
    """Seven decisions for one of two activations: 128 networks."""
    return parse_space(f"input: [4]\nlayers: [{', '.join(['{choice: [relu, tanh]}'] * 7)}]")


@pytest.fixture(scope="module")
def archs(space: Space) -> Sequence[Architecture]:
    return list(space)


def trial(
    number: int, arch: Architecture, score: float | None, *, epochs: int | None = None, seconds: float | None = None
) -> Trial:
    scores, error = ((score,), None) if score is not None else (None, "CRASH: no")
    metrics = {"val_acc": score or 0.0, "seconds": seconds} if seconds is not None else {}
    return Trial(number, Proposal(arch, epochs), number, metrics, scores, 1.0, error, number)


def numbers(trials: Sequence[Trial]) -> list[int]:
    return [one.number for one in trials]


def quality(arch: Architecture) -> float:
    """The share of decisions for tanh."""
    return sum(value == "tanh" for _, value in arch.choices) / len(arch.choices)


class Noisy:
    """`quality` with normal noise."""

    def __init__(self, noise: float, *, failing: int = 0) -> None:
        self.noise = noise
        self.failing = failing

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if self.failing and seed % self.failing == 0:
            raise EvaluationFailed(FailureKind.CRASH, "on purpose")
        return {"val_acc": quality(arch) + self.noise * float(np.random.default_rng(seed).standard_normal())}


def test_ways_that_there_are_not(archs: Sequence[Architecture]) -> None:
    with pytest.raises(UsageError, match=r"^winners: how: expected 'observed', 'posterior' or 'repeat', got 'best'$"):
        winners([trial(0, archs[0], 0.5)], how="best")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"^winner 'posterior' needs the space of the trials$"):
        winners([trial(0, archs[0], 0.5)], how="posterior")
    with pytest.raises(UsageError, match=r"^networks must be 1 or more, got 0$"):
        Repeat(networks=0)


def test_observed_is_what_best_trials_says(archs: Sequence[Architecture]) -> None:
    rng = np.random.default_rng(0)
    trials = [trial(number, archs[int(rng.integers(20))], float(rng.integers(10))) for number in range(40)]
    for count in (1, 3, 100):
        assert winners(trials, count) == best_trials(trials, count)
        assert winners(iter(trials), count, how="observed") == best_trials(trials, count)


@pytest.mark.parametrize("how", WAYS)
def test_nothing_and_failures_alone_have_no_winner(how: Winner, space: Space, archs: Sequence[Architecture]) -> None:
    assert list(winners([], how=how, space=space)) == []
    assert list(winners([trial(0, archs[0], None)], 3, how=how, space=space)) == []


@pytest.mark.parametrize("how", WAYS)
def test_of_one_success_that_one_wins(how: Winner, space: Space, archs: Sequence[Architecture]) -> None:
    trials = [trial(0, archs[0], None), trial(1, archs[1], 0.5), trial(2, archs[2], None)]
    assert numbers(winners(trials, 3, how=how, space=space)) == [1]


def test_a_space_without_decisions_has_a_posterior() -> None:
    space = parse_space("input: [4]\nlayers: [relu]")
    trials = [trial(number, next(iter(space)), score) for number, score in enumerate((0.1, 0.3, 0.2))]
    assert numbers(winners(trials, how="posterior", space=space)) == [1]


def test_the_mean_of_repeats_by_hand(archs: Sequence[Architecture]) -> None:
    a, b, c = archs[:3]
    # Means: a (0.9 + 0.5) / 2 = 0.7; b (0.8 + 0.7) / 2 = 0.75, its failure aside; c 0.72.
    trials = [
        trial(0, a, 0.9), trial(1, b, 0.8), trial(2, c, 0.72), trial(3, a, 0.5), trial(4, b, None), trial(5, b, 0.7)
    ]  # fmt: skip
    assert numbers(winners(trials, 3, how="repeat")) == [1, 2, 0]
    assert numbers(winners(trials, 2, how="repeat")) == [1, 2]
    assert numbers(winners(trials, 3)) == [0, 1, 2]


def test_answers_from_memory_do_not_count(archs: Sequence[Architecture]) -> None:
    a, b = archs[:2]
    # a: (0.9 + 0.5) / 2 = 0.7, and with the three answers from memory it would be 0.82.
    answers = [trial(number, a, 0.9, seconds=0.0) for number in (2, 3, 4)]
    trials = [trial(0, a, 0.9, seconds=2.0), trial(1, b, 0.75, seconds=2.0), *answers, trial(5, a, 0.5, seconds=2.0)]
    assert numbers(winners(trials, how="repeat")) == [1]
    # Where seconds are an objective, memory has them as well.
    answers = [several(number, a, 0.9, -2.0, seconds=2.0) for number in (2, 3, 4)]
    known = [several(0, a, 0.9, -2.0, seconds=2.0), several(1, b, 0.75, -1.0, seconds=1.0)]
    assert numbers(measured([*known, *answers, several(5, a, 0.9, -2.1, seconds=2.1)])) == [0, 1, 5]
    # A first trial of 0 seconds is no answer from memory.
    trials = [trial(0, a, 0.9, seconds=0.0), trial(1, b, 0.75, seconds=0.0)]
    assert numbers(winners(trials, 2, how="repeat")) == [0, 1]


def test_the_posterior_sees_through_a_lucky_score(space: Space, archs: Sequence[Architecture]) -> None:
    # Scores are the quality with some noise, but for a network of quality 1/7, which was lucky: its neighbours are bad.
    by_quality, rng = sorted(archs, key=quality), np.random.default_rng(0)
    trials = [trial(n, arch, quality(arch) + 0.1 * rng.standard_normal()) for n, arch in enumerate(by_quality)]
    trials[1] = trial(1, by_quality[1], 1.5)
    assert numbers(winners(trials)) == [1]
    found = winners(trials, len(trials), how="posterior", space=space)
    assert found[0].number == len(trials) - 1
    assert sorted(numbers(found)) == list(range(len(trials)))
    assert numbers(found).index(1) > len(trials) // 2


def test_a_failure_counts_as_the_worst(space: Space, archs: Sequence[Architecture]) -> None:
    by_quality = sorted(archs, key=quality)
    trials = [trial(number, arch, quality(arch)) for number, arch in enumerate(by_quality)]
    best = by_quality[-1]
    repeats = [trial(len(trials) + number, best, None) for number in range(3)]
    assert winners([*trials, *repeats], how="posterior", space=space)[0].architecture.id != best.id
    assert winners([*trials, *repeats], how="repeat")[0].architecture.id == best.id


def several(number: int, arch: Architecture, *scores: float, seconds: float | None = None) -> Trial:
    metrics = {} if seconds is None else {"val_acc": scores[0], "seconds": seconds}
    return Trial(number, Proposal(arch), number, metrics, scores, 1.0, None, number)


def test_of_several_objectives_the_front_wins_and_then_the_first_objective(archs: Sequence[Architecture]) -> None:
    scores = [(0.5, 5.0), (0.9, 1.0), (0.8, 1.0), (0.7, 3.0), (0.4, 1.0)]
    trials = [several(number, archs[number], *pair) for number, pair in enumerate(scores)]
    assert numbers(winners(trials, 9)) == [1, 3, 0, 2, 4]
    assert numbers(winners(trials, 2)) == [1, 3]


def test_means_of_several_objectives_make_the_front(archs: Sequence[Architecture]) -> None:
    a, b, c = archs[:3]
    # Means: a (0.7, 1), b (0.75, 2), c (0.3, 3). So b dominates a, whose first trial was lucky.
    trials = [
        several(0, a, 0.9, 1.0), several(1, b, 0.8, 2.0), several(2, c, 0.3, 3.0),
        several(3, a, 0.5, 1.0), several(4, b, 0.7, 2.0),
    ]  # fmt: skip
    assert numbers(winners(trials, 3, how="repeat")) == [1, 2, 0]
    assert numbers(winners(trials, 3)) == [0, 1, 2]
    assert ask(told(*trials, networks=2)) == Proposal(c)


def test_the_posterior_smooths_what_is_measured_and_no_costs() -> None:
    """Along the first front, the lower the expected accuracy the smaller the network, down to the smallest of all."""
    space = parse_space("input: [4]\nlayers: [{repeat: 3, of: [{linear: {units: {choice: [1, 2, 3, 4]}}}]}]")
    rng = np.random.default_rng(0)
    trials = [several(n, arch, rng.standard_normal(), -float(arch.params)) for n, arch in enumerate(space)]
    smallest = min(one.architecture.params for one in trials)
    found = winners(trials, len(trials), how="posterior", space=space)
    assert sorted(numbers(found)) == list(range(len(trials)))
    front = [-(one.scores or ())[1] for one in found]
    falling = next(place for place, size in enumerate(front) if size == smallest)
    assert front[: falling + 1] == sorted(front[: falling + 1], reverse=True)


@pytest.mark.parametrize("how", WAYS)
def test_what_was_trained_for_longest_goes_first(how: Winner, space: Space, archs: Sequence[Architecture]) -> None:
    a, b, c, d = archs[:4]
    trials = [
        trial(0, a, 0.9, epochs=1), trial(1, b, 0.8, epochs=1), trial(2, c, 0.7, epochs=1), trial(3, d, 0.1, epochs=3),
        trial(4, c, 0.2, epochs=3), trial(5, c, 0.3),
    ]  # fmt: skip
    assert numbers(winners(trials, 2, how=how, space=space)) == [5, 3]
    assert numbers(winners(trials, 3, how="repeat")) == [5, 3, 0]


@pytest.mark.parametrize(
    ("trials", "repeats"), [(1, 0), (2, 1), (5, 1), (14, 1), (16, 2), (60, 6), (70, 7), (100, 10), (2700, 270)]
)
def test_how_many_trials_repeat(trials: int, repeats: int) -> None:
    assert repeats_of(trials) == repeats
    if trials > 1:
        assert abs(repeats_after(trials - repeats) - repeats) <= (trials == 14), "the same share, rounded"


def test_how_much_time_is_left_for_proposals() -> None:
    assert without_repeats(10.0) == 9.0


def ask(controller: Repeat, *pending: Proposal) -> Proposal:
    return controller.ask(np.random.default_rng(0), pending)


def told(*trials: Trial, networks: int = 5) -> Repeat:
    controller = Repeat(networks=networks)
    for one in trials:
        controller.tell(one)
    return controller


def test_the_best_are_repeated_in_turn(archs: Sequence[Architecture]) -> None:
    controller = told(*(trial(number, archs[number], number / 10) for number in range(6)), networks=2)
    proposed = []
    for number in range(6, 11):
        arch = ask(controller).architecture
        proposed.append(archs.index(arch))
        controller.tell(trial(number, arch, archs.index(arch) / 10))
    assert proposed == [5, 4, 5, 4, 5]


def test_what_falls_behind_makes_room(archs: Sequence[Architecture]) -> None:
    # 5 has the mean (0.5 + 0.1) / 2 = 0.3 after its repeat, as 3 has, whose best score is lower: 4, then 5.
    controller = told(*(trial(number, archs[number], number / 10) for number in range(6)), networks=2)
    controller.tell(trial(6, archs[5], 0.0))
    assert archs.index(ask(controller).architecture) == 4
    controller.tell(trial(7, archs[4], 0.4))
    assert archs.index(ask(controller).architecture) == 3


def test_repeats_leave_alone_what_is_in_flight(archs: Sequence[Architecture]) -> None:
    controller = told(*(trial(number, archs[number], number / 10) for number in range(3)))
    assert ask(controller) == Proposal(archs[2])
    assert ask(controller, Proposal(archs[2])) == Proposal(archs[1])
    assert ask(controller, *(Proposal(arch) for arch in archs[:3])) == Proposal(archs[2])


def test_repeats_are_of_the_longest_training_and_as_long(archs: Sequence[Architecture]) -> None:
    a, b = archs[:2]
    promoted = Trial(2, Proposal(b, 3, parent=1), 1, {}, (0.2,), 1.0, None, 2)
    controller = told(trial(0, a, 0.9, epochs=1), trial(1, b, 0.8, epochs=1), promoted)
    assert ask(controller) == Proposal(b, 3)


def test_where_nothing_succeeded_what_was_tried_least_is_tried_again(archs: Sequence[Architecture]) -> None:
    a, b = archs[:2]
    assert ask(told(trial(0, a, None), trial(1, a, None), trial(2, b, None))) == Proposal(b)


@pytest.mark.parametrize("failing", [0, 3])
def test_a_search_that_is_resumed_anywhere_repeats_the_same(space: Space, failing: int) -> None:
    def go_on(study: MemoryStudy, trials: int) -> None:
        evaluator = Noisy(0.2, failing=failing)
        if len(study) < 12:
            search(RandomSearch(space), evaluator, study, trials=min(trials, 12), seed=3, cache=True)
        if len(study) >= 12:
            search(Repeat(networks=2), evaluator, study, trials=trials, seed=3)

    def table(study: MemoryStudy) -> list[tuple[object, ...]]:
        return [(one.proposal.architecture.id, one.proposal, one.seed, one.scores, one.error) for one in study]

    whole = MemoryStudy()
    go_on(whole, 18)
    assert len({one.seed for one in whole}) == 18
    known = {one.architecture.id for one in list(whole)[:12]}
    assert {one.architecture.id for one in list(whole)[12:]} <= known
    for stop in range(19):
        study = MemoryStudy()
        go_on(study, stop)
        go_on(study, 18)
        assert table(study) == table(whole)


def test_repeats_find_a_better_winner_than_the_highest_score(space: Space, archs: Sequence[Architecture]) -> None:
    """Noise above a decision's worth, 40 networks: over 30 seeds qualities differ by some 3.5 standard errors."""
    found: dict[str, list[float]] = {"observed": [], "repeat": [], "posterior": []}
    for seed in range(30):
        study = search(RandomSearch(space), Noisy(0.2), trials=40, seed=seed)
        found["observed"].append(quality(winners(study)[0].architecture))
        found["posterior"].append(quality(winners(study, how="posterior", space=space)[0].architecture))
        search(Repeat(), Noisy(0.2), study, trials=60, seed=seed)
        found["repeat"].append(quality(winners(study, how="repeat")[0].architecture))
    means = {how: float(np.mean(values)) for how, values in found.items()}
    assert means["repeat"] > means["observed"]
    assert means["posterior"] > means["observed"]


def test_repeats_are_spread_over_the_best(space: Space) -> None:
    study = search(RandomSearch(space), Noisy(0.0), trials=30, seed=0)
    leaders = [one.architecture.id for one in best_trials(study, 5)]
    search(Repeat(), Noisy(0.0), study, trials=40, seed=0)
    repeated = Counter(one.architecture.id for one in list(study)[30:])
    assert set(repeated) <= set(leaders)
    assert sum(repeated.values()) == 10


@pytest.mark.parametrize("how", ["observed", "repeat"])
def test_all_of_the_front(how: Winner, archs: Sequence[Architecture]) -> None:
    scores = [(0.5, 5.0), (0.9, 1.0), (0.8, 1.0), (0.7, 3.0)]
    trials = [
        Trial(number, Proposal(archs[number]), number, {}, pair, 1.0, None, number)
        for number, pair in enumerate(scores)
    ]
    assert numbers(winners(trials, "front", how=how)) == [1, 3, 0]
    assert numbers(winners(trials, 2, how=how)) == [1, 3]
    assert winners([], "front", how=how) == []
