"""The record of a finalist; its networks are loaded when they are asked for."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from nas.final.finalist import Finalist, final_seed, finalist_of, weights_of
from nas.trial import ACCURACY, Trial


def _finalists(trials: Sequence[Trial], *accuracies: float) -> list[Finalist]:
    curves = [{"train_loss": (1.0, 0.5), "val_loss": (1.0, 0.25), "val_acc": (0.0, one)} for one in accuracies]
    load: Any = list
    return [
        finalist_of(trial, load, curve, 1.0, objectives=[ACCURACY])
        for trial, curve in zip(trials, curves, strict=False)
    ]


def test_the_record_of_a_training(trials: Sequence[Trial]) -> None:
    finalist = _finalists(trials, 0.5)[0]
    assert finalist.searched == {"val_acc": 0.0}
    assert finalist.metrics["val_acc"] == 0.5
    assert finalist.metrics["params"] == trials[0].architecture.params
    assert finalist.network is finalist.network, "loaded once"
    names = [weights_of(finalist.architecture, training) for training in range(2)]
    assert names == [f"{finalist.architecture.id}{end}.safetensors" for end in ("", "-2")]


def test_the_networks_of_all_trainings(trials: Sequence[Trial]) -> None:
    read: list[str] = []

    def load(name: str) -> Any:
        return partial(read.append, name)

    curves = {"val_acc": (0.5,)}
    finalist = finalist_of(
        trials[0], load("first"), curves, 1.0, objectives=[ACCURACY], others=[load("second"), load("third")]
    )
    assert len(finalist.networks) == 3
    assert read == ["first", "second", "third"]


def test_seeds_differ_by_trial_and_by_run() -> None:
    assert len({final_seed(seed, trial) for seed in range(3) for trial in range(3)}) == 9
    assert final_seed(0, 0) == 2926792190
