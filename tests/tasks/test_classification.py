"""Classification: the losses of a recipe, what is read off logits, and what one class of the training part says."""

import numpy as np
import pytest
import torch

from nas.errors import UsageError
from nas.tasks import Classification
from nas.tasks.criteria import CrossEntropy, Focal
from nas.tasks.metrics import measure
from nas.training import Recipe
from nas.training.losses import make_criterion

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 0.0, 3.0]])
NAMES = ("a", "b", "c")
TARGETS = np.array([0, 0, 0, 1, 1, 2])
TASK = Classification.fitted(NAMES, TARGETS)


def test_predictions() -> None:
    task = Classification(NAMES)
    assert task.decode(LOGITS, "labels").tolist() == [0, 2]
    shares = task.decode(LOGITS, "probabilities")
    assert shares.dtype == torch.float64
    assert shares.sum(dim=1).tolist() == pytest.approx([1, 1], abs=1e-12)
    assert shares[1, 2].item() == pytest.approx(0.9094430, abs=1e-6)
    assert task.scaling is None
    assert not task.tuning
    assert task.tuned(lambda needs: pytest.fail("nothing is tuned"), TARGETS, "acc") is task


def test_the_losses_that_recipes_name() -> None:
    assert TASK.counts == (3, 2, 1)
    weights = (6 / 9, 6 / 6, 6 / 3)
    for recipe, expected in (
        (Recipe(), CrossEntropy()),
        (Recipe(label_smoothing=0.1), CrossEntropy(0.1)),
        (Recipe(class_weights="balanced"), CrossEntropy(weights=weights)),
        (Recipe(class_weights=(1, 2, 3)), CrossEntropy(weights=(1.0, 2.0, 3.0))),
        (Recipe(loss="focal"), Focal(2.0)),
        (Recipe(loss="focal", focal_gamma=0.5, class_weights="balanced"), Focal(0.5, weights)),
    ):
        assert make_criterion(TASK, recipe) == expected
    # What is measured is the first loss without settings, whatever is trained.
    assert next(iter(TASK.losses.values()))() == CrossEntropy()


def test_weights_are_balanced_by_the_training_rows_of_a_fold() -> None:
    fold = Classification.fitted(NAMES, np.array([0, 1, 1, 2]))
    assert make_criterion(fold, Recipe(class_weights="balanced")) == CrossEntropy(weights=(4 / 3, 4 / 6, 4 / 3))


@pytest.mark.parametrize(
    ("task", "weights", "message"),
    [
        (TASK, (1, 2), "class_weights: expected `balanced` or 3 numbers, one for each class (a, b, c), got 2"),
        (Classification(NAMES), "balanced", "class_weights: `balanced` takes a task with the numbers of training"),
    ],
)
def test_weights_that_do_not_fit(task: Classification, weights: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_criterion(task, Recipe(class_weights=weights))  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_the_trivial_baseline() -> None:
    trivial = TASK.trivial(TARGETS)
    assert trivial.text == "always a"
    truth = np.array([0, 1, 2, 0])
    found = measure(["loss", "acc", "f1", "roc_auc", "log_loss"], trivial.repeated(4), truth, 3)
    shares = np.array([3, 2, 1]) / 6
    expected = {"acc": 0.5, "f1": 2 / 9, "roc_auc": 0.5, "log_loss": -np.log(shares[truth]).mean()}
    assert found == pytest.approx(expected)
