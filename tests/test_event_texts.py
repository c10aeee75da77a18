"""Events in one line each."""

from dataclasses import replace

import pytest

from nas.event_texts import epoch_text, front_text, trial_text
from nas.events import EpochEnded
from nas.space import Architecture
from nas.trial import Objective, Proposal, Trial


def trial_of(error: str | None = None, epochs: int | None = None, **metrics: float) -> Trial:
    scores = None if error else (metrics.get("val_acc", 0.0),)
    return Trial(0, Proposal(Architecture((), (), (4,)), epochs), 0, metrics, scores, 12.345, error, 0)


ACCURACY, LOSS, SIZE = Objective("val_acc"), Objective("val_loss", "minimize"), Objective("params", "minimize")


@pytest.mark.parametrize(
    ("objectives", "text"),
    [
        ((), "epoch 3 · val_acc 0.8750"),
        ((Objective("val_loss", "minimize"), Objective("val_acc")), "epoch 3 · val_loss 1.0000 · val_acc 0.8750"),
        ((Objective("params", "minimize"),), "epoch 3 · val_acc 0.8750"),
    ],
)
def test_an_epoch_in_one_line(objectives: tuple[Objective, ...], text: str) -> None:
    event = EpochEnded(0, 3, {"train_loss": 0.25, "val_loss": 1.0, "val_acc": 0.875})
    assert epoch_text(event, objectives) == text


@pytest.mark.parametrize(
    ("trial", "objectives", "text"),
    [
        (trial_of(val_acc=0.97222), [ACCURACY], "val_acc 0.9722 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.0), [ACCURACY], "val_acc 0.0000 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5, epochs=3), [ACCURACY], "val_acc 0.5000 (3 epochs) · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5, val_acc_sd=0.0125), [ACCURACY],
         "val_acc 0.5000 ± 0.0125 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5, val_acc_sd=0.0125), [ACCURACY, Objective("val_acc_sd", "minimize")],
         "val_acc 0.5000 · val_acc_sd 0.0125 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5, val_loss=0.25), [LOSS], "val_loss 0.2500 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5), [SIZE], "val_acc 0.5000 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of(latency=0.5), [SIZE], "0 parameters · 0 MACs · 12.3 s"),
        (trial_of(val_acc=0.5, val_loss=2000), [ACCURACY, SIZE, LOSS],
         "val_acc 0.5000 · val_loss 2,000 · 0 parameters · 0 MACs · 12.3 s"),
        (trial_of("NONFINITE: train_loss is nan after epoch 1"), [LOSS],
         "failed: NONFINITE: train_loss is nan after epoch 1"),
    ],
)  # fmt: skip
def test_a_trial_in_one_line(trial: Trial, objectives: list[Objective], text: str) -> None:
    assert trial_text(trial, objectives) == text


def test_the_best_so_far() -> None:
    trial = replace(trial_of(), scores=(-0.25,))
    assert front_text([], [LOSS]) == ""
    assert front_text([trial], [LOSS]) == "best 0.2500"
    assert front_text([replace(trial, scores=(-12345.0,))], [SIZE]) == "best 12,345"
    assert front_text([replace(trial, scores=(-0.25, 1.0))] * 3, [LOSS, ACCURACY]) == "best 0.2500, Pareto front of 3"
