"""How far predictions are from those of another network, held against formulas in NumPy."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nas.tasks import Classification, Multilabel, Regression

OWN = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
THEIRS = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
TASKS = (
    Classification(("a", "b", "c")),
    Multilabel(("a", "b", "c")),
    Regression(("a", "b", "c"), (1.0, 2.0, 3.0), (0.5, 1.0, 2.0)),
)


def _kl(theirs: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((theirs * np.log(theirs / own)).sum(-1))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_of_classes_and_labels(temperature: float) -> None:
    own, theirs = (one.double().numpy() / temperature for one in (OWN, THEIRS))
    found = TASKS[0].divergence(OWN, THEIRS, temperature).numpy()
    np.testing.assert_allclose(found, temperature**2 * _kl(_softmax(theirs), _softmax(own)), rtol=1e-4, atol=5e-6)
    sides = [np.stack([one, 0 * one], -1) for one in (own, theirs)]  # the label, and not the label
    labels = temperature**2 * _kl(_softmax(sides[1]), _softmax(sides[0])).mean(1)
    np.testing.assert_allclose(TASKS[1].divergence(OWN, THEIRS, temperature).numpy(), labels, rtol=1e-4, atol=5e-6)


def test_of_values() -> None:
    expected = (((OWN - THEIRS) / torch.tensor([0.5, 1.0, 2.0])) ** 2).mean(1)
    torch.testing.assert_close(TASKS[2].divergence(OWN, THEIRS), expected)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_it_is_0_just_where_predictions_are_equal(task: Classification | Multilabel | Regression) -> None:
    assert task.divergence(OWN, OWN).abs().max() < 1e-6
    assert (task.divergence(OWN, THEIRS) > 0).all()


@pytest.mark.parametrize("task", TASKS[:2], ids=lambda task: task.name)
def test_it_is_finite_for_logits_of_any_size(task: Classification | Multilabel) -> None:
    own = (1e4 * OWN).requires_grad_()
    found = task.divergence(own, -1e4 * OWN)
    torch.autograd.backward([found.sum()])
    assert torch.isfinite(found).all()
    assert own.grad is not None
    assert torch.isfinite(own.grad).all()
