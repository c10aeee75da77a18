"""What evaluators report: scalars of every kind become numbers, and what is none is named."""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from nas.errors import MetricsError
from nas.reported import read_metrics


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.5, 0.5),
        (7, 7),
        (10**300, 10**300),
        (True, 1),
        (Fraction(1, 4), 0.25),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int64(7), 7),
        (np.uint8(7), 7),
        (np.bool_(True), 1),
        (np.array(0.5), 0.5),
        (np.array(7), 7),
        (torch.tensor(0.5), 0.5),
        (torch.tensor(0.5, requires_grad=True), 0.5),
        (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
        (torch.tensor(7), 7),
        (torch.tensor(True), 1),
        (math.inf, math.inf),
        (torch.tensor(-math.inf), -math.inf),
    ],
)
def test_numbers_of_every_kind(value: Any, number: float) -> None:
    (found,) = read_metrics({"val_acc": value}).values()
    assert found == number
    assert type(found) is type(number)


def test_what_is_no_number_stays_one_that_is_not_finite() -> None:
    found = read_metrics({"val_loss": np.float32("nan"), "loss_curve": [math.nan, 1.0]})
    assert math.isnan(found["val_loss"])  # type: ignore[arg-type]
    assert str(found["loss_curve"]) == "(nan, 1.0)"


@pytest.mark.parametrize(
    "value",
    [(0.25, 0.5), [0.25, 0.5], np.array([0.25, 0.5]), torch.tensor([0.25, 0.5]), [np.float32(0.25), torch.tensor(0.5)]],
    ids=lambda value: type(value).__name__,
)
def test_curves(value: Any) -> None:
    found = read_metrics({"val_acc_curve": value})
    assert found == {"val_acc_curve": (0.25, 0.5)}
    assert all(type(one) is float for one in found["val_acc_curve"])  # type: ignore[union-attr]
    assert read_metrics({"val_acc_curve": value[:0]}) == {"val_acc_curve": ()}


def test_the_mapping_is_a_new_one() -> None:
    given = {"val_acc": 0.5}
    found = read_metrics(given)
    assert found == given
    assert found is not given


@pytest.mark.parametrize(
    ("reported", "message"),
    [
        (None, "an evaluator reports metrics by name, as in {'val_acc': 0.9}; this one reports None"),
        (0.9, "an evaluator reports metrics by name, as in {'val_acc': 0.9}; this one reports 0.9"),
        ([("val_acc", 0.9)], "as in {'val_acc': 0.9}; this one reports [('val_acc', 0.9)]"),
        ({3: 0.9}, "the name of a metric is a string, got 3"),
        ({"val_acc": None}, "the metric 'val_acc' is None, expected a number"),
        ({"val_acc": "0.9"}, "the metric 'val_acc' is '0.9', expected a number"),
        ({"val_acc": 1j}, "the metric 'val_acc' is 1j, expected a number"),
        ({"val_acc": 10**400}, "expected a number"),
        ({"val_acc": Decimal("0.9")}, "the metric 'val_acc' is Decimal('0.9'), expected a number"),
        ({"val_acc": [0.9]}, "the metric 'val_acc' is [0.9], expected a number; the name of a curve ends in _curve"),
        ({"val_acc": torch.rand(3, 2)}, "the metric 'val_acc' is Tensor of shape (3, 2), expected a number"),
        ({"val_acc": np.array("high")}, "the metric 'val_acc' is ndarray of shape (), expected a number"),
        ({"note": "fine"}, "the metric 'note' is 'fine', expected a number"),
        ({"a_curve": 0.9}, "the metric 'a_curve' is 0.9, expected a list of numbers, one per epoch"),
        ({"a_curve": ["b"]}, "the metric 'a_curve' is ['b'], expected a list of numbers, one per epoch"),
        ({"a_curve": np.zeros((2, 2))}, "the metric 'a_curve' is ndarray of shape (2, 2), expected a list of numbers"),
    ],
)
def test_what_is_no_metric_is_named(reported: Mapping[str, Any], message: str) -> None:
    with pytest.raises(MetricsError) as caught:
        read_metrics(reported)
    assert message in str(caught.value)
