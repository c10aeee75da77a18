"""The evaluator that remembers: what it answers from memory, and that a search which goes on cannot tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from nas.controllers import RandomSearch
from nas.driver.loop import search
from nas.driver.study import MemoryStudy
from nas.errors import EvaluationFailed, FailureKind
from nas.evaluate import Cached
from nas.space import Architecture, Space, parse_space
from nas.testing import FailingEvaluator
from nas.trial import Metrics, Objective, Proposal, Trial


@dataclass
class _Counting:
    """Metrics that follow from the seed alone; keeps what it was asked."""

    asked: list[tuple[str, int | None, int]] = field(default_factory=list)

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        self.asked.append((arch.id, epochs, seed))
        curve = tuple(np.random.default_rng(seed).random(3).tolist())
        return {"val_acc": curve[-1], "val_acc_curve": curve, "seconds": 2.5}


@pytest.fixture
def archs(space: Space) -> Sequence[Architecture]:
    found = list(space)
    assert len({arch.id for arch in found}) == len(found) == 4
    return found


def test_what_is_known_is_not_asked_again_and_takes_no_time(archs: Sequence[Architecture]) -> None:
    counting = _Counting()
    cached = Cached(counting)
    first = cached(archs[0], epochs=None, seed=1)
    again = cached(archs[0], epochs=None, seed=2)
    assert first["seconds"] == 2.5
    assert again == {**first, "seconds": 0.0}
    assert list(again) == list(first)
    assert len(counting.asked) == 1


def test_seconds_that_are_an_objective_are_those_of_the_evaluation(archs: Sequence[Architecture]) -> None:
    cached = Cached(_Counting(), objectives=(Objective("val_acc"), Objective("seconds", "minimize")))
    first = cached(archs[0], epochs=None, seed=1)
    assert cached(archs[0], epochs=None, seed=2) == first


def test_other_networks_and_other_budgets_are_asked(archs: Sequence[Architecture]) -> None:
    counting = _Counting()
    cached = Cached(counting)
    keys = [(archs[0], None), (archs[1], None), (archs[0], 3), (archs[0], 4), (archs[1], 3)]
    for round_ in range(2):
        for seed, (arch, epochs) in enumerate(keys):
            cached(arch, epochs=epochs, seed=10 * round_ + seed)
    assert counting.asked == [(arch.id, epochs, seed) for seed, (arch, epochs) in enumerate(keys)]


def test_one_network_under_two_spellings_is_one(archs: Sequence[Architecture]) -> None:
    space = parse_space("{input: [4], layers: [{choice: {first: relu, second: relu, third: tanh}}]}")
    first, second, third = space
    assert first.choices != second.choices
    counting = _Counting()
    cached = Cached(counting)
    assert cached(first, epochs=None, seed=1)["val_acc"] == cached(second, epochs=None, seed=2)["val_acc"]
    cached(third, epochs=None, seed=3)
    assert len(counting.asked) == 2


def test_an_answer_that_somebody_changes_stays_as_it_was(archs: Sequence[Architecture]) -> None:
    cached = Cached(_Counting())
    cached(archs[0], epochs=None, seed=1)
    again = cached(archs[0], epochs=None, seed=1)
    assert isinstance(again, dict)
    again["val_acc"] = 2.0
    assert cached(archs[0], epochs=None, seed=1)["val_acc"] != 2.0


def test_failures_are_not_remembered(archs: Sequence[Architecture]) -> None:
    cached = Cached(FailingEvaluator(_Counting(), every=2, kind=FailureKind.CRASH))
    for seed in (2, 4):
        with pytest.raises(EvaluationFailed, match=r"^CRASH: "):
            cached(archs[0], epochs=None, seed=seed)
    assert cached(archs[0], epochs=None, seed=3)["seconds"] == 2.5
    assert cached(archs[0], epochs=None, seed=4)["seconds"] == 0.0


def _trial(number: int, arch: Architecture, *, epochs: int | None = None, error: str | None = None) -> Trial:
    metrics = {} if error else {"val_acc": number / 10, "seconds": 1.0}
    return Trial(number, Proposal(arch, epochs), 0, metrics, None if error else (0.5,), 1.0, error, number)


def test_history_is_known(archs: Sequence[Architecture]) -> None:
    counting = _Counting()
    history = [
        _trial(0, archs[0], error="CRASH: before it went well"),
        _trial(1, archs[0]),
        _trial(2, archs[0]),
        _trial(3, archs[0], epochs=2),
        _trial(4, archs[1], error="CRASH: always"),
    ]
    cached = Cached(counting, iter(history))
    # Of two results for one network the first counts, as it does in a search that was never cut off.
    assert cached(archs[0], epochs=None, seed=0) == {"val_acc": 0.1, "seconds": 0.0}
    assert cached(archs[0], epochs=2, seed=0) == {"val_acc": 0.3, "seconds": 0.0}
    assert not counting.asked
    cached(archs[1], epochs=None, seed=0)
    assert len(counting.asked) == 1


def test_what_is_worse_than_a_limit_is_a_failure(archs: Sequence[Architecture]) -> None:
    counting = _Counting()
    cached = Cached(counting, objectives=[Objective("val_acc", limit=0.5)])
    results = {seed: np.random.default_rng(seed).random(3)[-1] for seed in range(20)}
    bad, good = (next(s for s, value in results.items() if (value >= 0.5) == wanted) for wanted in (False, True))
    with pytest.raises(EvaluationFailed, match=r"^OVER_LIMIT: val_acc is "):
        cached(archs[0], epochs=None, seed=bad)
    assert cached(archs[0], epochs=None, seed=good)["val_acc"] == results[good]
    assert cached(archs[0], epochs=None, seed=bad)["val_acc"] == results[good]
    assert len(counting.asked) == 2


@pytest.mark.parametrize("limit", [None, 0.4])
@pytest.mark.parametrize("every", [1000000, 3])
@pytest.mark.parametrize("cut", [0, 1, 7, 19, 20])
def test_a_search_that_goes_on_ends_as_one_that_was_never_cut_off(
    space: Space, limit: float | None, every: int, cut: int
) -> None:
    objectives = [Objective("val_acc", limit=limit)]

    def evaluator(study: Sequence[Trial]) -> Cached:
        return Cached(FailingEvaluator(_Counting(), every=every), study, objectives=objectives)

    whole = list(search(RandomSearch(space), evaluator([]), trials=20, seed=3, objectives=objectives))
    study = MemoryStudy()
    search(RandomSearch(space), evaluator([]), study, trials=cut, seed=3, objectives=objectives)
    done = list(study)
    resumed = list(search(RandomSearch(space), evaluator(done), study, trials=20, seed=3, objectives=objectives))
    assert len({trial.architecture.id for trial in whole}) <= 4, "some must come again for this test to say anything"
    # A failed trial has no `seconds` of its own, so that its duration is measured.
    assert [replace(trial, seconds=0.0) for trial in resumed] == [replace(trial, seconds=0.0) for trial in whole]
    assert [trial.metrics.get("seconds") for trial in whole].count(0.0) >= 4
