"""Weights over a training."""

import math

import pytest
import torch

from nas.distillation.course import Schedule, course


@pytest.mark.parametrize(
    ("progress", "warmup", "schedule", "expected"),
    [
        (0.0, 0.0, "constant", 1.0),
        (0.0, 0.2, "constant", 0.0),
        (0.1, 0.2, "constant", 0.5),
        (0.9, 0.2, "constant", 1.0),
        (0.25, 0.0, "linear", 0.75),
        (0.25, 0.5, "linear", 0.375),
        (0.5, 0.0, "cosine", 0.5),
        (0.25, 0.0, "cosine", (1 + math.sqrt(0.5)) / 2),
    ],
)
def test_a_share(progress: float, warmup: float, schedule: Schedule, expected: float) -> None:
    """The same for a number and for a tensor, as captured steps have it."""
    assert course(progress, warmup, schedule) == pytest.approx(expected)
    assert float(course(torch.tensor(progress), warmup, schedule)) == pytest.approx(expected)
