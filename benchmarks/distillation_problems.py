"""Problems with few labelled samples and many without labels, for `distillation.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nas import Dataset, Recipe, from_arrays, load_data
from nas.data import Samples
from nas.distillation.unlabelled import Unlabelled
from nas.ops import LogMel
from transfer import ALL, images_of

Layers = str
"""The layers of a network, as in the file of a space."""


@dataclass(frozen=True)
class Problem:
    """A problem.

    Attributes:
        whole: reads its samples, given the folder of the data: those to draw from are in its training and validation
            part, and its test part is tested.
        labelled: how many labelled samples the student has.
        validation: how many more have labels for validation.
        known: how many samples there are in all but for those; the labels of the others are known to one of the
            teachers alone.
        student, teacher: the layers of their networks.
        recipe: of all trainings but for the number of epochs.
        teacher_steps: those of each teacher, rounded up to whole epochs.
        augment: the augmentations among the controls: settings of `Augment`, each with the values to choose from.
        unsuited: the kinds of distillation that do not suit the networks or the inputs.
    """

    whole: Callable[[Path], Dataset]
    labelled: int
    validation: int
    known: int
    student: Layers
    teacher: Layers
    recipe: Recipe
    teacher_steps: int
    augment: Mapping[str, tuple[float, ...]]
    unsuited: tuple[str, ...] = ("memory",)


@dataclass(frozen=True)
class Drawn:
    """The samples of one seed.

    Attributes:
        data: of the student: the labelled samples, those for validation and those that are tested.
        unlabelled: inputs whose labels the student does not have; None: there are none.
        known: of the teacher that saw more labels: the same, with the labels of these inputs.
    """

    data: Dataset
    unlabelled: Unlabelled | None
    known: Dataset


def drawn(problem: Problem, folder: Path, seed: int) -> Drawn:
    """The samples of a seed: all parts are drawn anew, but for those that are tested."""
    whole = problem.whole(folder)
    pool = whole.pool.samples
    order = np.random.default_rng([seed, 1]).permutation(len(pool))[: problem.known + problem.validation]
    val, train = order[: problem.validation], order[problem.validation :]

    def data_of(rows: NDArray[np.intp]) -> Dataset:
        first, second = (Samples(pool.inputs[some], pool.targets[some]) for some in (rows, val))
        task = whole.task.fitted(whole.outputs, first.targets)
        return replace(whole, train=first, val=second, task=task, raws={}, origins={})

    raw = np.concatenate([np.asarray(whole.raws[part]) for part in ("train", "val")]) if whole.raws else pool.inputs
    few, others = train[: problem.labelled], train[problem.labelled :]
    return Drawn(data_of(few), Unlabelled(raw[others]) if len(others) else None, data_of(train))


@cache
def _digits(folder: Path) -> Dataset:
    """The digits of scikit-learn, of which 601 are tested."""
    return load_data("digits", val_share=0.2, test_share=0.334, split_seed=0)


@cache
def _fashion(folder: Path) -> Dataset:
    """Fashion-MNIST in 14 x 14 pixels, of which the first 2,000 images of the test part are tested."""
    return images_of(folder, "fashion_mnist", ALL)


@cache
def _spoken(folder: Path) -> Dataset:
    """The Free Spoken Digit Dataset, all speakers in all parts, as log-mel energies in 20 bands each 20 ms, of which
    600 recordings are tested."""
    path = folder / "free_spoken_digits" / "recordings.csv"
    sounds = load_data("sounds", path=path, target="digit", ignore=["speaker"], val_share=0.1, test_share=0.2)
    bands = LogMel(rate=8000, mels=20, hop_ms=20, floor=1e-3, level=True).module(sounds.shape)
    parts = {}
    for part, samples in sounds.parts.items():
        with torch.inference_mode():
            energies = bands(torch.from_numpy(samples.inputs))[:, 0].numpy()
        parts[part] = energies, samples.targets
    return from_arrays(*parts["train"], val=parts["val"], test=parts["test"], classes=sounds.outputs, name="FSDD")


@cache
def _questions(folder: Path) -> Dataset:
    """What questions ask for (TREC, 6 classes), of which the 500 of the official test part are tested. The vocabulary
    is that of all questions to draw from."""
    return load_data("texts", path=folder / "trec.tsv", text="text", target="coarse", part="split", ignore=["fine"])


IMAGE_STUDENT = (
    "{conv: {width: 6}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 8}}, batch_norm, relu, "
    "{max_pool: {kernel: 2}}, flatten, {linear: {units: 16}}, relu, {linear: {units: outputs}}"
)
IMAGE_TEACHER = (
    "{conv: {width: 32}}, batch_norm, relu, {max_pool: {kernel: 2}}, {conv: {width: 64}}, batch_norm, relu, "
    "{max_pool: {kernel: 2}}, flatten, {dropout: {p: 0.3}}, {linear: {units: 64}}, relu, {linear: {units: outputs}}"
)
IMAGE_AUGMENT = {"mixup": (0.1, 0.2, 0.5, 1), "noise": (0.05, 0.1, 0.2, 0.4), "shift": (1, 2)}

SOUND_STUDENT = (
    "{conv: {width: 8, stride: 2}}, batch_norm, relu, {conv: {width: 12, stride: 2}}, batch_norm, relu, flatten, "
    "{linear: {units: 16}}, relu, {linear: {units: outputs}}"
)
SOUND_TEACHER = (
    "{conv: {width: 64, stride: 2}}, batch_norm, relu, {conv: {width: 96, stride: 2}}, batch_norm, relu, flatten, "
    "{dropout: {p: 0.3}}, {linear: {units: 64}}, relu, {linear: {units: outputs}}"
)
RECURRENT_STUDENT = "{gru: {units: 12}}, global_avg_pool, {linear: {units: outputs}}"
RECURRENT_TEACHER = "{gru: {units: 64}}, {dropout: {p: 0.3}}, global_avg_pool, {linear: {units: outputs}}"
SOUND_AUGMENT = {"mixup": (0.1, 0.2, 0.5, 1), "noise": (0.05, 0.1, 0.2, 0.4), "time_mask": (0.1, 0.2, 0.4)}

TEXT_STUDENT = (
    "{embedding: {vocabulary: tokens, width: 8, mask: true, std: 0.1}}, {wide_conv: {width: 16, kernel: 3}}, relu, "
    "{global_max_pool: {mask: true}}, {linear: {units: outputs}}"
)
TEXT_TEACHER = (
    "{embedding: {vocabulary: tokens, width: 64, mask: true, std: 0.1}}, {dropout: {p: 0.3}}, "
    "{wide_conv: {width: 64, kernel: 3}}, relu, {global_max_pool: {mask: true}}, {dropout: {p: 0.3}}, "
    "{linear: {units: outputs}}"
)
TEXT_AUGMENT = {"token_dropout": (0.05, 0.1, 0.2, 0.4)}

IMAGES, SOUNDS, RECURRENT, TEXTS = (Recipe(lr=lr, batch_size=100) for lr in (2e-2, 1e-2, 3e-2, 1e-2))

PROBLEMS: Mapping[str, Problem] = {
    "digits_300": Problem(_digits, 300, 150, 1000, IMAGE_STUDENT, IMAGE_TEACHER, IMAGES, 300, IMAGE_AUGMENT),
    "digits_all": Problem(_digits, 1000, 150, 1000, IMAGE_STUDENT, IMAGE_TEACHER, IMAGES, 300, IMAGE_AUGMENT),
    "fashion_1000": Problem(_fashion, 1000, 500, 6000, IMAGE_STUDENT, IMAGE_TEACHER, IMAGES, 600, IMAGE_AUGMENT),
    "fashion_10000": Problem(_fashion, 10_000, 1000, 20_000, IMAGE_STUDENT, IMAGE_TEACHER, IMAGES, 1000, IMAGE_AUGMENT),
    "fsdd_300": Problem(_spoken, 300, 300, 2000, SOUND_STUDENT, SOUND_TEACHER, SOUNDS, 500, SOUND_AUGMENT),
    "fsdd_300_recurrent": Problem(
        _spoken, 300, 300, 2000, RECURRENT_STUDENT, RECURRENT_TEACHER, RECURRENT, 400, SOUND_AUGMENT, unsuited=()
    ),
    "trec_1000": Problem(
        _questions, 1000, 400, 5000, TEXT_STUDENT, TEXT_TEACHER, TEXTS, 400, TEXT_AUGMENT, ("memory", "gradient")
    ),
}
"""The table of problems."""
