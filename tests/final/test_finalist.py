"""Which finalist is selected; its network is loaded when it is asked for."""

from collections.abc import Sequence
from typing import Any

import pytest

from nas.errors import NoValidTrial
from nas.final.finalist import Finalist, final_seed, finalist_of, select, weights_of
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


def test_the_record_of_a_training(trials: Sequence[Trial]) -> None:
    finalist = _finalists(trials, 0.5)[0]
    assert finalist.searched == {"val_acc": 0.0}
    assert finalist.metrics["val_acc"] == 0.5
    assert finalist.metrics["params"] == trials[0].architecture.params
    assert finalist.network is finalist.network, "loaded once"
    assert weights_of(finalist.architecture) == f"{finalist.architecture.id}.safetensors"


def test_seeds_differ_by_trial_and_by_run() -> None:
    assert len({final_seed(seed, trial) for seed in range(3) for trial in range(3)}) == 9
    assert final_seed(0, 0) == 2926792190
