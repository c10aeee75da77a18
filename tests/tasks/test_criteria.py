"""Losses: against torch and by hand, at their edges, and without a wait for the device."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from nas.tasks.criteria import BinaryCrossEntropy, CrossEntropy, Focal, Standardised
from nas.tasks.task import Criterion, Reduction

REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum", "none")
GENERATOR = torch.Generator().manual_seed(0)
OUTPUTS = torch.randn(6, 3, generator=GENERATOR)
CLASSES = torch.tensor([0, 1, 2, 1, 1, 0])
LABELS = torch.tensor([[0, 1, 1], [0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.uint8)
WEIGHTS = (0.5, 1.0, 4.0)
PAIRS = ((0.5, 2.0), (1.0, 1.0), (1.0, 3.0))

CRITERIA: list[tuple[Criterion, Tensor]] = [
    (CrossEntropy(0.1), CLASSES),
    (CrossEntropy(0.1, WEIGHTS), CLASSES),
    (Focal(2.0, WEIGHTS), CLASSES),
    (BinaryCrossEntropy(), LABELS),
    (BinaryCrossEntropy(1.5, PAIRS), LABELS),
    (Standardised("mse_loss", WEIGHTS), OUTPUTS.flip(0)),
    (Standardised("huber_loss", WEIGHTS), OUTPUTS.flip(0)),
]


@pytest.mark.parametrize(("criterion", "targets"), CRITERIA)
def test_reductions_are_of_the_losses_of_samples(criterion: Criterion, targets: Tensor) -> None:
    each = criterion(OUTPUTS, targets, reduction="none")
    assert each.shape == (6,)
    torch.testing.assert_close(criterion(OUTPUTS, targets, reduction="sum"), each.sum())
    torch.testing.assert_close(criterion(OUTPUTS, targets), each.mean())
    alone = torch.stack([criterion(OUTPUTS[place : place + 1], targets[place : place + 1]) for place in range(6)])
    torch.testing.assert_close(alone, each)


def test_cross_entropy_is_that_of_torch() -> None:
    for smoothing in (0.0, 0.1):
        for reduction in REDUCTIONS:
            found = CrossEntropy(smoothing)(OUTPUTS, CLASSES, reduction=reduction)
            expected = functional.cross_entropy(OUTPUTS, CLASSES, label_smoothing=smoothing, reduction=reduction)
            assert torch.equal(found, expected)
    weighted = functional.cross_entropy(OUTPUTS, CLASSES, weight=torch.tensor(WEIGHTS), reduction="none")
    torch.testing.assert_close(CrossEntropy(weights=WEIGHTS)(OUTPUTS, CLASSES, reduction="none"), weighted)


def test_focal_loss_is_that_of_the_paper() -> None:
    p = OUTPUTS.softmax(dim=1)[torch.arange(6), CLASSES]
    alpha = torch.tensor(WEIGHTS)[CLASSES]
    found = Focal(2.0, WEIGHTS)(OUTPUTS, CLASSES, reduction="none")
    torch.testing.assert_close(found, -alpha * (1 - p) ** 2 * p.log())
    torch.testing.assert_close(Focal(0.0)(OUTPUTS, CLASSES), CrossEntropy()(OUTPUTS, CLASSES))


def test_the_loss_of_labels_is_that_of_torch_for_each_label() -> None:
    truth = LABELS.float()
    plain = functional.binary_cross_entropy_with_logits(OUTPUTS, truth)
    torch.testing.assert_close(BinaryCrossEntropy()(OUTPUTS, LABELS), plain)
    positive = functional.binary_cross_entropy_with_logits(OUTPUTS, truth, pos_weight=torch.tensor([2.0, 1.0, 3.0]))
    pairs = ((1.0, 2.0), (1.0, 1.0), (1.0, 3.0))
    torch.testing.assert_close(BinaryCrossEntropy(weights=pairs)(OUTPUTS, LABELS), positive)
    p = torch.where(LABELS == 1, OUTPUTS.sigmoid(), 1 - OUTPUTS.sigmoid())
    torch.testing.assert_close(BinaryCrossEntropy(2.0)(OUTPUTS, LABELS), (-((1 - p) ** 2) * p.log()).mean())


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize(
    ("make", "targets"), [(Focal, torch.tensor([0, 0])), (BinaryCrossEntropy, torch.tensor([[1, 0], [1, 0]]))]
)
def test_certain_predictions_have_finite_gradients(
    make: Callable[[float], Criterion], targets: Tensor, gamma: float
) -> None:
    outputs = torch.tensor([[200.0, -200.0], [-200.0, 200.0]], requires_grad=True)
    loss = make(gamma)(outputs, targets, reduction="none")
    loss.sum().backward()  # type: ignore[no-untyped-call]
    assert outputs.grad is not None
    assert loss.isfinite().all()
    assert outputs.grad.isfinite().all()
    assert loss[0].item() == 0
    assert loss[1].item() >= 200


@pytest.mark.parametrize(("criterion", "targets"), CRITERIA)
def test_outputs_at_each_position(criterion: Criterion, targets: Tensor) -> None:
    """The loss of a sample is the mean over its positions."""
    outputs = torch.stack([OUTPUTS, OUTPUTS.flip(0)], dim=-1)  # (N, K, 2)
    wanted = torch.stack([targets, targets.flip(0)], dim=-1)
    each = criterion(OUTPUTS, targets, reduction="none")
    torch.testing.assert_close(criterion(outputs, wanted, reduction="none"), (each + each.flip(0)) / 2)


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Lists the operations of torch."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("criterion", "targets"), CRITERIA)
def test_numbers_move_to_the_device_once(criterion: Criterion, targets: Tensor) -> None:
    """A tensor made from numbers of Python is copied to the device, for which the step would wait."""
    with torch.inference_mode():
        criterion(OUTPUTS, targets)  # scoring comes first
    outputs = OUTPUTS.clone().requires_grad_()
    with _Operations() as taken:
        criterion(outputs, targets).backward()  # type: ignore[no-untyped-call]
    waits = ("lift_fresh", "local_scalar_dense", "nonzero", "item")
    assert [name for name in taken.names if any(wait in name for wait in waits)] == []
