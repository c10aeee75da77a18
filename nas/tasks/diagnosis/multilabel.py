"""The diagnosis of samples that have several labels."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.tasks.diagnosis.classification import ratio
from nas.tasks.ranking import ranking


@dataclass(frozen=True)
class LabelFigures:
    """How well one label is predicted.

    Attributes:
        name: of the label.
        threshold: the probability above which it is predicted.
        samples: the number of samples with the label (the support).
        predicted: the number of samples for which it is predicted.
        precision: the share of these that have it; None: there are none.
        recall: the share of samples with it for which it is predicted; None: there are none.
        f1: the harmonic mean of both, with 0 for what is undefined; None: both are undefined.
        average_precision: over all thresholds; None: no sample has the label.
        roc_auc: the area under the ROC curve; None: all samples have it, or none has.
    """

    name: str
    threshold: float
    samples: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    roc_auc: float | None


@dataclass(frozen=True)
class MultilabelDiagnosis:
    """The errors of predicted labels.

    Attributes:
        samples: the number of samples.
        labels: the figures of each label, in the order of the outputs.
        exact: the number of samples for which every label is right.
        wrong: how many samples have so many wrong labels: none, one, and so on, up to the largest number that occurs.
    """

    task: ClassVar[str] = "multilabel"

    samples: int
    labels: tuple[LabelFigures, ...]
    exact: int
    wrong: tuple[int, ...]


def diagnose_labels(
    names: tuple[str, ...], thresholds: tuple[float, ...], probabilities: NDArray[Any], targets: NDArray[Any]
) -> MultilabelDiagnosis:
    """The diagnosis of label probabilities.

    Args:
        names: of the K labels.
        thresholds: the probability of each above which it is predicted.
        probabilities: `(N, K)`.
        targets: 0 or 1, `(N, K)`.
    """
    predicted, truth = probabilities > np.array(thresholds), targets.astype(bool)
    wrong = np.bincount((predicted != truth).sum(axis=1))
    figures = []
    for place, name in enumerate(names):
        having, guessed = int(truth[:, place].sum()), int(predicted[:, place].sum())
        hits = int((truth[:, place] & predicted[:, place]).sum())
        ranked = ranking(probabilities[:, place], truth[:, place])
        figures.append(
            LabelFigures(
                name,
                thresholds[place],
                having,
                guessed,
                ratio(hits, guessed),
                ratio(hits, having),
                ratio(2 * hits, having + guessed),
                ranked.average_precision if having else None,
                ranked.roc_auc if 0 < having < len(truth) else None,
            )
        )
    return MultilabelDiagnosis(len(targets), tuple(figures), int(wrong[0]), tuple(wrong.tolist()))
