"""What is remembered of a search, what it answers, and that a search which is resumed remembers the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from nas.controllers import RandomSearch
from nas.driver.memory import Memory, answer_of
from nas.driver.search import search
from nas.driver.seeds import parent_of, trial_seed
from nas.driver.study import MemoryStudy
from nas.errors import FailureKind
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator
from nas.trial import Metrics, Objective, Proposal, Trial

SPACE = parse_space("{input: [4], layers: [{linear: {units: {choice: [1, 2]}}}, {choice: [relu, tanh]}]}")
ACCURACY = Objective("val_acc")


@dataclass
class Counting:
    """Metrics that follow from the seed alone; keeps what it was asked."""

    asked: list[tuple[str, int | None, int]] = field(default_factory=list)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        self.asked.append((arch.id, epochs, seed))
        curve = tuple(np.random.default_rng(seed).random(3).tolist())
        return {"val_acc": curve[-1], "val_acc_curve": curve, "seconds": 2.5}


class Scripted(RandomSearch):
    """Proposes one after the other."""

    def __init__(self, space: Space, script: Sequence[Proposal]) -> None:
        super().__init__(space)
        self.script = list(script)

    def ask(self, rng: np.random.Generator, pending: Sequence[Proposal] = ()) -> Proposal:
        return self.script.pop(0)


def searched(script: Sequence[Proposal], evaluator: Counting, **options: object) -> list[Trial]:
    """The trials of these proposals."""
    controller = Scripted(SPACE, script)
    return list(search(controller, evaluator, trials=len(script), seed=3, cache=True, **options))  # type: ignore[arg-type]


def trial(number: int, proposal: Proposal, *, error: str | None = None) -> Trial:
    metrics = {} if error else {"val_acc": 0.5, "params": 5.0, "seconds": 9.0}
    return Trial(number, proposal, number, metrics, None if error else (0.5,), 9.0, error, number)


def test_the_first_that_did_not_fail_answers() -> None:
    first, second, *_ = SPACE
    memory = Memory()
    assert memory.recall(Proposal(first)) is None
    for one in (
        trial(0, Proposal(first), error="CRASH: it"),
        trial(1, Proposal(first)),
        trial(2, Proposal(first)),
        trial(3, Proposal(first, 2)),
    ):
        memory.tell(one)
    assert memory.recall(Proposal(first)) == trial(1, Proposal(first))
    assert memory.recall(Proposal(first, 2)) == trial(3, Proposal(first, 2))
    assert memory.recall(Proposal(first, 1)) is memory.recall(Proposal(second)) is None


def test_what_two_proposals_have_in_common_may_be_something_else() -> None:
    first, *_, other = SPACE
    memory = Memory(lambda proposal: proposal.epochs)
    memory.tell(trial(0, Proposal(first)))
    assert memory.recall(Proposal(other)) == trial(0, Proposal(first))


def test_costs_are_those_of_the_architecture() -> None:
    first, *_, other = SPACE
    known = trial(1, Proposal(first))
    assert answer_of(known, other) == {"val_acc": 0.5, "params": float(other.params), "seconds": 0.0}
    assert known.metrics["seconds"] == 9.0


def test_seconds_that_are_an_objective_are_those_of_the_evaluation() -> None:
    first, *_ = SPACE
    objectives = (ACCURACY, Objective("seconds", "minimize"))
    known, again = searched([Proposal(first)] * 2, Counting(), objectives=objectives)
    assert again.metrics == known.metrics
    assert again.scores == known.scores == (known.metrics["val_acc"], -2.5)
    assert (known.seconds, again.seconds) == (2.5, 0.0), "but it took none"


def test_a_repeat_takes_the_known_result_with_its_seed() -> None:
    """So the seed of every trial is the one that its metrics came from."""
    first, second, *_ = SPACE
    evaluator = Counting()
    whole, short = Proposal(first), Proposal(first, 2)
    trials = searched([whole, Proposal(second), whole, short, short, whole], evaluator)
    known, _, again, known_short, again_short, last = trials
    for repeat, origin in ((again, known), (last, known), (again_short, known_short)):
        assert repeat.metrics == {**origin.metrics, "seconds": 0.0}
        assert list(repeat.metrics) == list(origin.metrics)
        assert (repeat.seed, repeat.seconds, repeat.scores) == (origin.seed, 0.0, origin.scores)
    asked = (trials[0], trials[1], known_short)
    assert evaluator.asked == [(one.architecture.id, one.proposal.epochs, trial_seed(3, one.number)) for one in asked]


def test_one_network_under_two_spellings_is_one() -> None:
    space = parse_space("{input: [4], layers: [{choice: {first: relu, second: relu, third: tanh}}]}")
    first, second, third = space
    assert first.choices != second.choices
    evaluator = Counting()
    trials = searched([Proposal(first), Proposal(second), Proposal(third)], evaluator)
    assert trials[0].scores == trials[1].scores
    assert len(evaluator.asked) == 2


def test_what_is_in_flight_is_not_known_yet() -> None:
    """Whatever evaluates, and however fast: what a proposal is answered with depends on what was told."""
    first, *_ = SPACE
    evaluator = Counting()
    trials = searched([Proposal(first)] * 4, evaluator, window=2)
    assert [one.metrics["seconds"] for one in trials] == [2.5, 2.5, 0.0, 0.0]
    assert trials[2].seed == trials[3].seed == trials[0].seed != trials[1].seed


def test_a_training_that_goes_on_from_a_repeat_has_the_seed_of_the_first() -> None:
    first, *_ = SPACE
    script = [Proposal(first, 1), Proposal(first, 1), Proposal(first, 3, parent=1)]
    trials = searched(script, Counting())
    assert len({one.seed for one in trials}) == 1
    assert parent_of(script[2], {one.number: one for one in trials}) is trials[1]


def test_failures_are_evaluated_again_with_another_seed() -> None:
    first, *_ = SPACE
    limited = Objective("val_acc", "minimize", limit=0.2)
    trials = searched([Proposal(first)] * 8, Counting(), objectives=(limited,))
    (good, *_) = [one.number for one in trials if one.error is None]
    assert good > 0, "some must fail for this test to say anything"
    assert [one.seed for one in trials[: good + 1]] == [trial_seed(3, number) for number in range(good + 1)]
    assert {one.error and one.error.split(":")[0] for one in trials[:good]} == {FailureKind.OVER_LIMIT}
    assert {(one.seed, one.scores) for one in trials[good:]} == {(trials[good].seed, trials[good].scores)}


@pytest.mark.parametrize("limit", [None, 0.4])
@pytest.mark.parametrize("every", [1000000, 3])
@pytest.mark.parametrize("cut", [0, 1, 7, 19, 20])
def test_a_search_that_goes_on_ends_as_one_that_was_never_cut_off(limit: float | None, every: int, cut: int) -> None:
    objectives = [Objective("val_acc", limit=limit)]

    def go_on(study: MemoryStudy, trials: int) -> list[Trial]:
        evaluator = FailingEvaluator(Counting(), every=every)
        controller = RandomSearch(SPACE)
        search(controller, evaluator, study, trials=trials, seed=3, objectives=objectives, window=2, cache=True)
        # A failed trial has no `seconds` of its own, so that its duration is measured.
        return [replace(one, seconds=0.0) for one in study]

    whole = go_on(MemoryStudy(), 20)
    study = MemoryStudy()
    assert go_on(study, cut) == whole[:cut]
    assert go_on(study, 20) == whole
    assert [one.metrics.get("seconds") for one in whole].count(0.0) >= 4
