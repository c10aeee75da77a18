"""Several labels: each sample has any number of labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError, few
from nas.tasks.class_weights import ClassWeights, balanced, one_each
from nas.tasks.criteria import BinaryCrossEntropy
from nas.tasks.diagnosis.multilabel import MultilabelDiagnosis, diagnose_labels
from nas.tasks.divergences import label_divergence
from nas.tasks.label_sets import is_indicator, read_label_sets
from nas.tasks.metric import Needs
from nas.tasks.task import Criterion
from nas.tasks.thresholds import HALF, tuned_thresholds
from nas.tasks.trivial import Trivial
from nas.trial import Objective

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Multilabel:
    """A network outputs one logit per label. Targets are 0 or 1 for each label, `(N, K)` uint8.

    Attributes:
        outputs: names of the labels, in the order of the logits.
        thresholds: the probability of each label above which it is predicted: 1/2, until they are tuned.
        counts: the number of training samples without and with each label; empty: they are unknown.
    """

    name: ClassVar[str] = "multilabel"
    word: ClassVar[tuple[str, str]] = ("label", "labels")
    meaning: ClassVar[str] = "one logit for each of NAMES"
    prediction: ClassVar[str] = "The labels, a list for each sample, and the probabilities (N, K) of all NAMES"
    predicted: ClassVar[tuple[str, ...]] = ("labels", "probabilities")
    predicted_types: ClassVar[str] = "tuple[list[list[str]], Tensor]"
    predicting: ClassVar[tuple[str, ...]] = (
        "probabilities = outputs.double().sigmoid().cpu()",
        "rows = probabilities > torch.tensor(THRESHOLDS, dtype=torch.float64)",
        "labels = [[name for name, one in zip(NAMES, row, strict=True) if one] for row in rows.tolist()]",
        "return labels, probabilities",
    )
    stratified: ClassVar[bool] = True
    objective: ClassVar[Objective] = Objective("val_average_precision", "maximize")
    always: ClassVar[tuple[str, ...]] = ("loss", "f1", "average_precision")
    metrics: ClassVar[tuple[str, ...]] = (
        "exact_match",
        "f1",
        "precision",
        "recall",
        "micro_f1",
        "hamming_loss",
        "average_precision",
        "roc_auc",
        "loss",
    )
    diagnosed: ClassVar[Needs] = "probabilities"
    averaged: ClassVar[str] = "mean_sigmoid"

    outputs: tuple[str, ...]
    thresholds: tuple[float, ...] = field(default=())
    counts: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Thresholds are one per label."""
        if not self.thresholds:
            object.__setattr__(self, "thresholds", (HALF,) * len(self.outputs))

    @property
    def scaling(self) -> None:
        """None: logits are not scaled."""

    @property
    def tuning(self) -> Mapping[str, tuple[float, ...]]:
        """The thresholds."""
        return MappingProxyType({"thresholds": self.thresholds})

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]:
        """Binary cross-entropy and focal loss, means over the labels."""
        return MappingProxyType({"bce": self._bce, "focal": self._focal})

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets are a table of 0 and 1 that is not one-hot."""
        return is_indicator(targets)

    @classmethod
    def read(
        cls,
        parts: Mapping[str, ArrayLike],
        samples: Mapping[str, int],
        classes: Sequence[str] | None,
        target_names: Sequence[str] | None = None,
    ) -> tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]:
        """The names of the labels, and 0 or 1 for each sample and label. See `nas.tasks.label_sets`."""
        return read_label_sets(parts, samples, classes, target_names)

    @classmethod
    def fitted(cls, outputs: tuple[str, ...], targets: NDArray[Any]) -> Self:
        """The task of the labels, with the numbers of training samples without and with each."""
        having = targets.sum(axis=0, dtype=np.int64).tolist()
        return cls(outputs, counts=tuple((len(targets) - count, count) for count in having))

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """Whether each label is predicted, `(N, K)`, by the thresholds; or its probability, `(N, K)` float64."""
        probabilities = outputs.double().sigmoid()
        if needs != "labels":
            return probabilities
        return probabilities > probabilities.new_tensor(self.thresholds).view(-1, *[1] * (outputs.ndim - 2))

    def divergence(self, outputs: "Tensor", taught: "Tensor", temperature: float = 1.0) -> "Tensor":
        """The mean over the labels of Kullback-Leibler divergences at a temperature T, times T²."""
        return label_divergence(outputs, taught, temperature)

    def tuned(self, predict: Callable[[Needs], NDArray[Any]], targets: NDArray[Any], aim: str) -> Self:
        """With the thresholds that suit the metric on these samples (`nas.tasks.thresholds`)."""
        return replace(self, thresholds=tuned_thresholds(aim, predict("probabilities"), targets))

    def trivial(self, targets: NDArray[Any]) -> Trivial:
        """The most frequent set of labels, and the share of each label as its probability."""
        sets, counts = np.unique(targets, axis=0, return_counts=True)
        frequent = sets[counts.argmax()]
        names = [self.outputs[place] for place in np.flatnonzero(frequent)]
        text = f"always {few(names)}" if names else "always no label"
        shares = tuple(targets.mean(axis=0, dtype=np.float64).tolist())
        return Trivial(text, {"labels": tuple(frequent.tolist()), "probabilities": shares})

    def diagnose(self, predictions: NDArray[Any], targets: NDArray[Any]) -> MultilabelDiagnosis:
        """The figures of each label, and how many labels of a sample are wrong."""
        return diagnose_labels(self.outputs, self.thresholds, predictions, targets)

    def told(self, target: NDArray[Any]) -> str:
        """The labels of the sample."""
        return self._named(target.astype(bool))

    def answer(self, prediction: NDArray[Any]) -> str:
        """The labels whose probabilities are above their thresholds."""
        return self._named(prediction > np.array(self.thresholds))

    def _named(self, having: NDArray[Any]) -> str:
        return few(self.outputs[place] for place in np.flatnonzero(having)) or "no label"

    def _bce(self, class_weights: ClassWeights = None) -> Criterion:
        return BinaryCrossEntropy(weights=self._weights(class_weights))

    def _focal(self, focal_gamma: float = 2.0, class_weights: ClassWeights = None) -> Criterion:
        return BinaryCrossEntropy(focal_gamma, self._weights(class_weights))

    def _weights(self, given: ClassWeights) -> tuple[tuple[float, float], ...] | None:
        """The weights of samples without and with each label; of a list, those with a label."""
        if given is None:
            return None
        if given != "balanced":
            return tuple((1.0, weight) for weight in one_each(given, self.outputs, "label"))
        if not self.counts:
            raise UsageError("class_weights: `balanced` takes a task with the numbers of training samples")
        pairs = map(balanced, self.counts)
        return tuple((without, having) for without, having in pairs)
