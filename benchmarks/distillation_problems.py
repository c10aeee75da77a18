"""Problems with few labelled samples and many without labels, for `distillation.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas import Augment, Dataset, Recipe, from_arrays, load_data
from transfer import halved


@dataclass(frozen=True)
class Whole:
    """All samples of a problem, with their labels.

    Attributes:
        inputs, targets: those to draw from for training and validation.
        test: inputs and targets that are tested.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    test: tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Problem:
    """A problem.

    Attributes:
        whole: reads its samples, given the folder of the data.
        labelled: how many labelled samples the student has; None: all.
        validation: how many more have labels for validation.
        known: how many samples there are in all: the labels of the others are known to one of the teachers alone.
        student, teacher: the layers of their networks.
        recipe: of all trainings but for the number of epochs.
        augment: the augmentations among the controls, by name.
    """

    whole: Callable[[Path], Whole]
    labelled: int
    validation: int
    known: int
    student: str
    teacher: str
    recipe: Recipe
    augment: Mapping[str, Augment]


@dataclass(frozen=True)
class Drawn:
    """The samples of one seed.

    Attributes:
        data: of the student: the labelled samples, those for validation and those that are tested.
        unlabelled: `(M, *shape)`, inputs whose labels the student does not have.
        known: of the teacher that saw more labels: the same, with the labels of these inputs.
    """

    data: Dataset
    unlabelled: NDArray[Any]
    known: Dataset


def drawn(problem: Problem, folder: Path, seed: int) -> Drawn:
    """The samples of a seed: all parts are drawn anew, but for those that are tested."""
    whole = problem.whole(folder)
    order = np.random.default_rng([seed, 1]).permutation(len(whole.inputs))[: problem.known + problem.validation]
    val, train = order[: problem.validation], order[problem.validation :]
    few = train[: problem.labelled]
    classes = [str(one) for one in np.unique(whole.targets)]

    def data_of(rows: NDArray[np.intp]) -> Dataset:
        parts = ((whole.inputs[some], whole.targets[some].astype(str)) for some in (rows, val))
        first, second = parts
        test = (whole.test[0], whole.test[1].astype(str))
        return from_arrays(*first, val=second, test=test, classes=classes)

    return Drawn(data_of(few), whole.inputs[train[problem.labelled :]], data_of(train))


@cache
def _digits(folder: Path) -> Whole:
    """The digits of scikit-learn, of which 600 are tested."""
    data = load_data("digits", val_share=0.2, test_share=0.334, split_seed=0)
    pool = data.pool.samples
    return Whole(pool.inputs, pool.targets, tuple(data.parts["test"]))


@cache
def _fashion(folder: Path) -> Whole:
    """Fashion-MNIST in 14 x 14 pixels, of which the first 2,000 images of the test part are tested."""
    data = load_data("idx", path=folder / "fashion_mnist")
    inputs, targets = data.parts["test"]
    test = halved(inputs[:2000]), targets[:2000]
    return Whole(halved(data.train.inputs), data.train.targets, test)


IMAGE_STUDENT = (
    "{conv: {width: 6}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 8}}, batch_norm, relu, "
    "{max_pool: {kernel: 2}}, flatten, {linear: {units: 16}}, relu, {linear: {units: outputs}}"
)
IMAGE_TEACHER = (
    "{conv: {width: 32}}, batch_norm, relu, {conv: {width: 32}}, batch_norm, relu, {max_pool: {kernel: 2}}, "
    "{conv: {width: 64}}, batch_norm, relu, {max_pool: {kernel: 2}}, flatten, {dropout: {p: 0.3}}, "
    "{linear: {units: 64}}, relu, {linear: {units: outputs}}"
)
IMAGE_AUGMENT = {
    "mixup": Augment(mixup=0.2),
    "noise": Augment(brightness=0.1, contrast=0.1),
    "shift": Augment(shift=1),
}

PROBLEMS: Mapping[str, Problem] = {
    "digits_300": Problem(
        _digits, 300, 150, 1000, IMAGE_STUDENT, IMAGE_TEACHER, Recipe(lr=1e-2, batch_size=32), IMAGE_AUGMENT
    ),
    "fashion_1000": Problem(
        _fashion, 1000, 500, 6000, IMAGE_STUDENT, IMAGE_TEACHER, Recipe(lr=1e-2, batch_size=64), IMAGE_AUGMENT
    ),
}
"""The table of problems."""
