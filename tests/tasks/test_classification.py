"""Classification: the loss, and what is read off logits."""

import pytest
import torch
from torch.nn import functional

from nas.tasks import Classification
from nas.tasks.classification import cross_entropy

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.0, 3.0]])


def test_the_loss_is_that_of_torch() -> None:
    targets = torch.tensor([0, 1])
    for smoothing in (0.0, 0.1):
        for reduction in ("mean", "sum", "none"):
            found = cross_entropy(smoothing)(LOGITS, targets, reduction=reduction)
            expected = functional.cross_entropy(LOGITS, targets, label_smoothing=smoothing, reduction=reduction)
            assert torch.equal(found, expected)


def test_predictions() -> None:
    task = Classification(("a", "b", "c"))
    assert task.decode(LOGITS, "labels").tolist() == [0, 2]
    shares = task.decode(LOGITS, "probabilities")
    assert shares.dtype == torch.float64
    assert shares.sum(dim=1).tolist() == pytest.approx([1, 1], abs=1e-12)
    assert shares[1, 2].item() == pytest.approx(0.9094430, abs=1e-6)
    assert task.scaling is None
