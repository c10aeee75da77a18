"""What does not go together with privacy."""

from typing import Any

import numpy as np
import pytest

from nas.data import Augment, Dataset, from_arrays, from_texts
from nas.distillation import Distill
from nas.distillation.mutual import Mutual
from nas.errors import UsageError
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.private.privacy import Privacy
from nas.training.private.suited import check_private, check_private_networks
from nas.training.workbench import Workbench
from tests.training.networks import arch_of

PRIVATE: dict[str, Any] = {"privacy": Privacy(8.0, 1e-4)}
LAYERS = "{linear: {units: outputs}}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"clip_norm": None},
            "clip_norm: with privacy, the gradient of each sample is clipped; expected a number, got null",
        ),
        ({"class_weights": "balanced"}, "class_weights: balanced counts the training samples"),
        ({"compile": "always"}, "compile: .* expected never, got always"),
        ({"distill": Distill(by=(Mutual(),))}, "distill: what teachers know .* expected null"),
        ({"augment": Augment(mixup=0.2)}, "augment.mixup: mixes a sample with others; with privacy, expected 0"),
        ({"augment": Augment(swap=0.2)}, "augment.swap: mixes a sample with others; with privacy, expected 0"),
    ],
)
def test_settings(corners: Dataset, given: dict[str, Any], message: str) -> None:
    recipe = Recipe(**{**PRIVATE, **given})
    with pytest.raises(UsageError, match=message):
        check_private(recipe, corners)
    with pytest.raises(UsageError, match=message):
        fit(Workbench(corners, device="cpu"), arch_of(LAYERS, corners), recipe, seed=0)
    check_private(Recipe(**given), corners)


def test_colours_are_read_off_the_samples() -> None:
    images = from_arrays(np.zeros((60, 3, 4, 4), np.uint8), np.arange(60) % 3)
    with pytest.raises(UsageError, match="augment: of colours, it reads black and white off the training samples"):
        check_private(Recipe(**PRIVATE, augment=Augment(brightness=0.2)), images)
    check_private(Recipe(**PRIVATE, augment=Augment(shift=1, flip=True, cutout=2)), images)


def test_data() -> None:
    values = from_arrays(np.zeros((60, 2), np.float32), np.linspace(0.1, 1, 60), task="regression")
    with pytest.raises(UsageError, match=r"scale their outputs by the training targets, .* expected classes or labels"):
        check_private(Recipe(**PRIVATE), values)
    read = from_texts(["one word", "or two"] * 30, np.arange(60) % 2)
    with pytest.raises(UsageError, match="is prepared by what its training samples are like"):
        check_private(Recipe(**PRIVATE), read)


def test_networks(corners: Dataset) -> None:
    bench, recipe = Workbench(corners, device="cpu"), Recipe(**PRIVATE)
    arch = arch_of("{linear: {units: 8}}, batch_norm, relu, {linear: {units: outputs}}", corners)
    with pytest.raises(
        UsageError, match=r"privacy: with the batch norm of batch_norm, .* expected group_norm or layer"
    ):
        check_private_networks(bench, [arch], recipe)
    with pytest.raises(UsageError, match="privacy: gradients in float16 are scaled"):
        check_private_networks(Workbench(corners, device="cpu", precision="float16"), [], recipe)
    with pytest.raises(UsageError, match=r"privacy.delta: expected less than 1 / 300"):
        check_private_networks(bench, [], Recipe(privacy=Privacy(8.0, 0.01)))
    check_private_networks(bench, [arch], Recipe())
