"""The diagnosis of a classification."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.tasks.calibration import Calibration, calibration
from nas.tasks.diagnosis.roc import Roc, roc

MOST_CLASSES = 100
"""With more classes, the confusion matrix is left out."""

MOST_CONFUSED = 10
"""The number of most-confused pairs."""


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is told from the others.

    Attributes:
        name: of the class.
        samples: the number of samples of the class (the support).
        predicted: the number of samples that are predicted to be of the class.
        precision: the share of these that are of the class; None: there are none.
        recall: the share of its samples that are predicted to be of it; None: it has no samples.
        f1: the harmonic mean of both, with 0 for what is undefined; None: both are undefined.
    """

    name: str
    samples: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Confusion:
    """Samples of one class that are predicted to be of another.

    Attributes:
        truth: the name of their class.
        predicted: the name of the other class.
        samples: their number.
        share: their share of the samples of their class.
    """

    truth: str
    predicted: str
    samples: int
    share: float


@dataclass(frozen=True)
class ClassificationDiagnosis:
    """The errors of a classification.

    Attributes:
        samples: the number of samples.
        classes: the figures of each class, in the order of the classes.
        confusion: the number of samples of each class (rows) by predicted class (columns); None if there are more than
            `MOST_CLASSES` classes.
        most_confused: the pairs of different classes with the most samples, descending; at most `MOST_CONFUSED`.
        calibration: of the probability of the second of two classes, or of the most probable one of more.
        roc: the curve of the second of two classes; None: there are more classes, or the samples are of one class.
    """

    task: ClassVar[str] = "classification"

    samples: int
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...] | None
    most_confused: tuple[Confusion, ...]
    calibration: Calibration
    roc: Roc | None


def diagnose_classes(
    names: tuple[str, ...], probabilities: NDArray[Any], targets: NDArray[Any]
) -> ClassificationDiagnosis:
    """The diagnosis of class probabilities.

    Args:
        names: of the K classes.
        probabilities: `(N, K)`.
        targets: class indices, `(N,)`.
    """
    count = len(names)
    predicted = probabilities.argmax(axis=1)
    pairs, sizes = np.unique(targets * count + predicted, return_counts=True)
    true, other = np.divmod(pairs, count)
    samples, guesses = (np.bincount(places, minlength=count) for places in (targets, predicted))
    right = np.bincount(true[true == other], sizes[true == other], minlength=count).astype(np.int64)
    wrong = np.flatnonzero(true != other)
    worst = wrong[np.argsort(-sizes[wrong], kind="stable")][:MOST_CONFUSED]
    matrix = None
    if count <= MOST_CLASSES:
        table = np.zeros((count, count), np.int64)
        table[true, other] = sizes
        matrix = tuple(map(tuple, table.tolist()))
    return ClassificationDiagnosis(
        len(targets),
        tuple(
            ClassFigures(
                name, having, guessed, ratio(hits, guessed), ratio(hits, having), ratio(2 * hits, having + guessed)
            )
            for name, having, guessed, hits in zip(
                names, samples.tolist(), guesses.tolist(), right.tolist(), strict=True
            )
        ),
        matrix,
        tuple(
            Confusion(names[true[place]], names[other[place]], int(sizes[place]), sizes[place] / samples[true[place]])
            for place in worst
        ),
        calibration(probabilities, targets, names),
        roc(names[1], probabilities[:, 1], targets == 1) if count == 2 else None,
    )


def ratio(part: int, whole: int) -> float | None:
    """A share of a number of samples; None if there are none."""
    return part / whole if whole else None
