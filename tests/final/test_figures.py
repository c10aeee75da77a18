"""What is shown of a network: on which data each figure was measured, and whether the network was chosen by them."""

import pytest

from nas.final.figures import Figure, data_of, figures, final_metrics, searched_metrics
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
    assert figures(METRICS, {"test_loss": 0.2, "test_acc": 0.8}, [Objective("val_acc")]) == [
        Figure("test_acc", 0.8, "test", chosen_on=False),
        Figure("test_loss", 0.2, "test", chosen_on=False),
        Figure("val_acc", 0.9, "validation", chosen_on=True),
    ]


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
