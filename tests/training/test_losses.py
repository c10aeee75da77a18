"""What training makes small, and what a loss is given."""

from typing import Any

import pytest
import torch
from torch import Tensor

from nas.errors import UsageError
from nas.tasks import TASKS, Classification, Multilabel, Regression
from nas.training import Recipe
from nas.training.losses import Mixture, make_criterion, make_loss

CLASSES = Classification(("a", "b", "c"))
VALUES = Regression(("y",), (0.0,), (1.0,))


def test_the_loss_of_a_recipe() -> None:
    outputs, targets = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), torch.tensor([0, 2])
    for smoothing in (0.0, 0.2):
        loss = make_loss(CLASSES, Recipe(label_smoothing=smoothing))
        expected = torch.nn.functional.cross_entropy(outputs, targets, label_smoothing=smoothing)
        assert torch.equal(loss(outputs, targets), expected)
        each = make_criterion(CLASSES, Recipe(label_smoothing=smoothing))(outputs, targets, reduction="none")
        assert torch.allclose(each.mean(), expected)
    errors = torch.tensor([[3.0], [0.5]])
    for name, expected_value in ((None, (9 + 0.25) / 2), ("mse", (9 + 0.25) / 2), ("huber", (2.5 + 0.125) / 2)):
        assert make_loss(VALUES, Recipe(loss=name))(errors, torch.zeros(2, 1)).item() == expected_value


def test_the_loss_of_mixed_samples() -> None:
    """That of mixed labels for cross-entropy; for other losses the mixture of losses."""
    outputs, generator = torch.randn(4, 3), torch.Generator().manual_seed(0)
    own, other, shares = torch.tensor([0, 2, 1, 1]), torch.tensor([1, 2, 0, 1]), torch.rand(4, generator=generator)
    mixture = Mixture(other, shares)
    for smoothing in (0.0, 0.2):
        loss = make_loss(CLASSES, Recipe(label_smoothing=smoothing))
        first, second = (torch.nn.functional.one_hot(labels, 3) for labels in (own, other))
        labels = shares[:, None] * first + (1 - shares[:, None]) * second
        expected = torch.nn.functional.cross_entropy(outputs, labels, label_smoothing=smoothing)
        torch.testing.assert_close(loss(outputs, own, mixture), expected)
    values = Mixture(torch.tensor([[1.0], [1.0]]), torch.tensor([0.25, 1.0]))
    found = make_loss(VALUES, Recipe())(torch.tensor([[3.0], [0.5]]), torch.zeros(2, 1), values)
    assert found.item() == pytest.approx((0.25 * 9 + 0.75 * 4 + 0.25) / 2)


TARGETS: dict[str, tuple[Any, Tensor]] = {
    "classification": (CLASSES, torch.tensor([0, 2, 1, 1])),
    "multilabel": (Multilabel(("a", "b", "c")), torch.tensor([[0.0, 1, 1], [1, 0, 0], [0, 0, 0], [1, 1, 1]])),
    "regression": (
        Regression(("a", "b", "c"), (0.0,) * 3, (1.0,) * 3),
        torch.arange(12.0).view(4, 3),
    ),
}


def test_there_are_targets_for_all_tasks() -> None:
    assert set(TARGETS) == set(TASKS)


@pytest.mark.parametrize(
    ("name", "loss"), [(name, loss) for name, (task, _) in TARGETS.items() for loss in task.losses]
)
def test_every_loss_of_every_task_is_mixed(name: str, loss: str) -> None:
    """Between those of both targets, in the proportion of the shares."""
    task, targets = TARGETS[name]
    outputs, others = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), targets.roll(1, 0)
    found = []
    for share in (0.0, 0.25, 1.0):
        mixture = Mixture(others, torch.full((4,), share))
        found.append(make_loss(task, Recipe(loss=loss))(outputs, targets, mixture).item())
    plain = [make_criterion(task, Recipe(loss=loss))(outputs, one).item() for one in (others, targets)]
    assert found == pytest.approx([plain[0], 0.75 * plain[0] + 0.25 * plain[1], plain[1]], rel=1e-5)


@pytest.mark.parametrize(
    ("task", "settings", "message"),
    [
        (CLASSES, {"loss": "mse"}, "loss: classification has no loss 'mse'; it has cross_entropy, focal"),
        (VALUES, {"loss": "hubber"}, "loss: regression has no loss 'hubber'; it has mse, huber; did you mean 'huber'?"),
        (VALUES, {"label_smoothing": 0.1}, "label_smoothing: the loss mse of regression does not support it"),
        (VALUES, {"class_weights": "balanced"}, "class_weights: the loss mse of regression does not support it"),
        (CLASSES, {"focal_gamma": 3}, "focal_gamma: the loss cross_entropy of classification does not support it"),
        (
            CLASSES,
            {"loss": "focal", "label_smoothing": 0.1},
            "label_smoothing: the loss focal of classification does not support it",
        ),
    ],
)
def test_what_a_task_does_not_have(task: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_loss(task, Recipe(**settings))
    assert str(caught.value) == message
