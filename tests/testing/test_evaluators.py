"""The check of evaluators passes evaluators that are right, and finds what is wrong with others."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from nas.space import Architecture
from nas.testing import MatchEvaluator, check_evaluator
from nas.trial import Metrics


def test_right_evaluators_pass(arch: Architecture) -> None:
    check_evaluator(MatchEvaluator(arch), arch)

    def curves(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        rng = np.random.default_rng(seed)
        return {"val_acc": rng.random(), "val_loss_curve": (1.0, 0.5), "seconds": random.SystemRandom().random()}

    check_evaluator(curves, arch, epochs=None, seed=3)


def _peeked() -> Metrics:
    """Reads a global generator and leaves it as it was."""
    copy = random.Random()
    copy.setstate(random.getstate())
    return {"val_acc": copy.random()}


def _numpy_seeded() -> Metrics:
    np.random.seed(0)
    return {"val_acc": np.random.random_sample()}


def _torch_seeded() -> Metrics:
    torch.manual_seed(0)
    return {"val_acc": torch.rand(1).item()}


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (lambda: {"val_acc": random.SystemRandom().random()}, "val_acc is .* and then .* for the same architecture"),
        (lambda: {"val_acc": random.random()}, "the evaluator reads or seeds the global generator of random$"),
        (_numpy_seeded, r"the evaluator reads or seeds the global generator of numpy\.random$"),
        (_torch_seeded, "the evaluator reads or seeds the global generator of torch$"),
        (_peeked, "val_acc is .* and then .* for the same architecture, epochs and seed"),
        (lambda: [0.5], r"an evaluator reports metrics by name, .*; this one reports \[0\.5\]"),
        (lambda: {"val_acc": "0.5"}, r"the metric 'val_acc' is '0\.5', expected a number"),
        (lambda: {"val_loss": float("nan")}, "val_loss is nan; raise EvaluationFailed instead"),
        (lambda: {"loss_curve": (0.5, float("inf"))}, "loss_curve is inf; raise EvaluationFailed instead"),
        (lambda: {"val_acc": 93.5}, r"val_acc is 93\.5; accuracies are fractions in \[0, 1\]"),
        (lambda: {f"metric{random.SystemRandom().random()}": 0.5}, "metrics differ between two calls"),
    ],
)
def test_wrong_evaluators_are_found(metrics: Callable[[], Any], message: str, arch: Architecture) -> None:
    def evaluate(arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        found: Metrics = metrics()
        return found

    with pytest.raises(AssertionError, match=message):
        check_evaluator(evaluate, arch)
