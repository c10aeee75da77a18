"""Which finalist is selected, and how sure that is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nas.errors import NoValidTrial
from nas.final.finalist import Finalist, finalist_of
from nas.final.order import Stage
from nas.final.selection import criteria_of, probabilities_of_best, ranked, select, trained_order
from nas.trial import ACCURACY, Objective, Trial


def _finalists(trials: Sequence[Trial], *accuracies: float) -> list[Finalist]:
    curves = [{"train_loss": (1.0, 0.5), "val_loss": (1.0, 0.25), "val_acc": (0.0, one)} for one in accuracies]
    load: Any = list
    return [
        finalist_of(trial, load, curve, 1.0, objectives=[ACCURACY])
        for trial, curve in zip(trials, curves, strict=False)
    ]


def test_the_best_that_has_not_failed_is_selected(trials: Sequence[Trial]) -> None:
    finalists = _finalists(trials, 0.5, 0.75, 0.625)
    assert select(finalists, objectives=[ACCURACY]) == (finalists[1], {})
    failed = {trials[1].architecture.id: "CRASH: in its export"}
    assert select(finalists, failed, objectives=[ACCURACY]) == (finalists[2], failed)
    over = [Objective("val_acc", limit=0.7)]
    chosen, why = select(finalists, objectives=over)
    assert chosen is finalists[1]
    assert list(why) == [trials[0].architecture.id, trials[2].architecture.id]
    with pytest.raises(NoValidTrial, match=rf"within the limits: {trials[1].architecture.id}: CRASH: in its export; "):
        select(finalists, failed, objectives=over)


def test_the_order_after_the_training(trials: Sequence[Trial]) -> None:
    finalists = _finalists(trials, 0.5, 0.75, 0.625, 0.75)
    assert ranked(finalists, objectives=[ACCURACY]) == [finalists[place] for place in (1, 3, 2, 0)]
    ids = [trial.architecture.id for trial in trials]
    stage = trained_order(finalists, {ids[1]: "OVER_LIMIT"}, objectives=[Objective("val_acc", limit=0.7)])
    assert stage == Stage("full training", {ids[3]: 1, ids[2]: 2, ids[0]: 3})


def test_the_validation_loss_breaks_ties_only_of_what_is_measured_there() -> None:
    assert [one.metric for one in criteria_of([ACCURACY])] == ["val_acc", "val_loss"]
    assert criteria_of([Objective("params", "minimize", limit=5)]) == [Objective("params", "minimize")]


def _seeded(finalist: Finalist, *accuracies: float) -> Finalist:
    return replace(finalist, seeds={"val_acc": accuracies, "val_loss": (0.25,) * len(accuracies)})


def test_how_sure_the_choice_is(trials: Sequence[Trial]) -> None:
    first, second, third = _finalists(trials, 0.5, 0.75, 0.7)
    finalists = [_seeded(first, 0.5, 0.5, 0.5), _seeded(second, 0.7, 0.75, 0.8), _seeded(third, 0.65, 0.7, 0.75)]
    ids = [one.architecture.id for one in finalists]
    found = probabilities_of_best(finalists, {}, objectives=[ACCURACY], seed=0)
    assert list(found) == ids
    assert found[ids[0]] == 0
    assert 0.75 < found[ids[1]] < 0.95  # by a normal approximation 0.89
    assert sum(found.values()) == pytest.approx(1)
    assert probabilities_of_best(finalists, {}, objectives=[ACCURACY], seed=0) == found
    assert probabilities_of_best(finalists, {ids[1]: "failed"}, objectives=[ACCURACY], seed=0) == {ids[0]: 0, ids[2]: 1}
    # The size is the same in all trainings.
    size = Objective("params", "minimize")
    smallest = min(finalists, key=lambda one: one.metrics["params"])
    found = probabilities_of_best(finalists, {}, objectives=[size, ACCURACY], seed=0)
    assert found[smallest.architecture.id] == 1


def test_with_one_training_of_one_of_them_it_is_not_known(trials: Sequence[Trial]) -> None:
    first, second = _finalists(trials, 0.5, 0.75)
    several = _seeded(second, 0.7, 0.8)
    for finalists in ([first, second], [first, several], [several], []):
        assert probabilities_of_best(finalists, {}, objectives=[ACCURACY], seed=0) == {}
