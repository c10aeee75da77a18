"""What is shown of a network: on which data each figure was measured, and whether the network was chosen by them."""

import math

import pytest

from nas.final.figures import Figure, data_of, figures, final_metrics, searched_metrics
from nas.final.on_test import OnTest
from nas.space import Architecture, parse_space
from nas.trial import Metrics, Objective, Proposal, Trial

METRICS = {"val_acc": 0.9, "val_loss": 0.3, "train_loss": 0.1, "params": 10, "macs": 20}
SIZE = Objective("params", "minimize")


@pytest.mark.parametrize(
    ("metric", "data"),
    [("val_acc", "validation"), ("train_loss", "training"), ("test_acc", "test"), ("params", None), ("value", None)],
)
def test_the_data_of_a_metric(metric: str, data: str | None) -> None:
    assert data_of(metric) == data


def test_test_data_come_first_and_chose_nothing() -> None:
    assert figures(METRICS, OnTest({"test_loss": 0.2, "test_acc": 0.8}), [Objective("val_acc")]) == [
        Figure("test_acc", 0.8, "test", chosen_on=False),
        Figure("test_loss", 0.2, "test", chosen_on=False),
        Figure("val_acc", 0.9, "validation", chosen_on=True),
    ]


def test_intervals_are_over_samples_of_one_network_or_over_trainings() -> None:
    tested = OnTest({"test_acc": 0.8, "test_loss": 0.2}, {"test_acc": (0.7, 0.9)}, {"test_acc": (0.8, 0.7)})
    seeds = {"val_acc": (0.85, 0.9, 0.95), "val_loss": (0.2, math.inf, 0.4)}
    loss = Objective("val_loss", "minimize")
    found = figures(METRICS, tested, [loss], spread={"val_acc_sd": 0.05}, seeds=seeds)
    assert found[0] == Figure("test_acc", 0.8, "test", chosen_on=False, low=0.7, high=0.9, over="samples")
    assert found[1] == Figure("test_loss", 0.2, "test", chosen_on=False)
    # Student's t with 1 and 2 degrees of freedom, 12.706 and 4.303, up to the highest accuracy.
    mean, half = 0.75, 12.706 * 0.05
    assert (found[2].metric, found[2].value, found[2].over) == ("test_acc", mean, "trainings")
    assert (found[2].low, found[2].high) == pytest.approx((mean - half, 1.0), abs=1e-4)
    assert found[2].spread == pytest.approx(0.0707, abs=1e-4)
    assert found[3] == Figure("val_loss", 0.3, "validation", chosen_on=True), "one training is not finite"
    half = 4.303 * 0.05 / 3**0.5
    assert (found[4].low, found[4].high) == pytest.approx((0.9 - half, 1.0), abs=1e-4)
    assert found[4].to_dict().keys() == {"metric", "value", "data", "chosen_on", "spread", "low", "high", "over"}


def test_the_objectives_are_shown_and_the_accuracy_in_any_case() -> None:
    loss = Objective("val_loss", "minimize")
    assert figures(METRICS, None, [SIZE, loss]) == [
        Figure("params", 10, None, chosen_on=False),
        Figure("val_loss", 0.3, "validation", chosen_on=True),
        Figure("val_acc", 0.9, "validation", chosen_on=True),
    ]
    assert figures(METRICS, None, [SIZE])[1] == Figure("val_acc", 0.9, "validation", chosen_on=False)
    assert Figure("params", 10, None, chosen_on=False).to_dict() == {
        "metric": "params", "value": 10, "data": None, "chosen_on": False
    }  # fmt: skip


def test_a_standard_deviation_is_none_of_the_final_training() -> None:
    aims = [Objective("val_acc"), Objective("val_acc_sd", "minimize")]
    assert figures({**METRICS, "val_acc_sd": 0.01}, None, aims) == [
        Figure("val_acc", 0.9, "validation", chosen_on=True),
        Figure("val_acc_sd", 0.01, None, chosen_on=False),
    ]
    assert figures({**METRICS, "val_acc_sd": 0.01}, None, aims[1:])[1].chosen_on


def test_what_a_training_does_not_measure_keeps_the_value_of_the_search() -> None:
    arch: Architecture = next(iter(parse_space("input: [4]\nlayers: [{linear: {units: 2}}]")))
    metrics: Metrics = {"val_acc": 0.5, "latency_ms": 7.0, "seconds": 3.0, "val_acc_curve": (0.5,)}
    trial = Trial(0, Proposal(arch), 0, metrics, (0.5, -7.0), 3.0, None, 0)
    objectives = [Objective("val_acc"), Objective("latency_ms", "minimize")]
    assert searched_metrics(trial, objectives) == {"val_acc": 0.5, "latency_ms": 7.0}
    found = final_metrics(trial, {"val_acc": (0.6, 0.9), "train_loss": (1.0, 0.1)}, objectives)
    assert found == {"val_acc": 0.9, "latency_ms": 7.0, "train_loss": 0.1, "params": 10, "macs": 8}
