"""Classification: each sample belongs to one of several classes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError
from nas.tasks.class_weights import ClassWeights, balanced, one_each
from nas.tasks.criteria import CrossEntropy, Focal
from nas.tasks.diagnosis.classification import ClassificationDiagnosis, diagnose_classes
from nas.tasks.divergences import class_divergence
from nas.tasks.labels import encode, read_labels
from nas.tasks.metric import Needs
from nas.tasks.task import NO_TUNING, Criterion
from nas.tasks.trivial import Trivial
from nas.trial import ACCURACY, Objective

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Classification:
    """A network outputs one logit per class. Targets are class indices, `(N,)` int64.

    Attributes:
        outputs: names of the classes, in the order of the logits.
        counts: the number of training samples of each class; empty: they are unknown.
    """

    name: ClassVar[str] = "classification"
    word: ClassVar[tuple[str, str]] = ("class", "classes")
    meaning: ClassVar[str] = "one logit for each of NAMES"
    prediction: ClassVar[str] = "The classes (N,) and the probabilities (N, K) of all NAMES"
    predicted: ClassVar[tuple[str, ...]] = ("labels", "probabilities")
    predicted_types: ClassVar[str] = "tuple[list[str], Tensor]"
    predicting: ClassVar[tuple[str, ...]] = (
        "probabilities = outputs.double().softmax(dim=1)",
        "return [NAMES[place] for place in outputs.argmax(dim=1)], probabilities",
    )
    stratified: ClassVar[bool] = True
    objective: ClassVar[Objective] = ACCURACY
    always: ClassVar[tuple[str, ...]] = ("loss", "acc")
    metrics: ClassVar[tuple[str, ...]] = (
        "acc",
        "balanced_acc",
        "f1",
        "precision",
        "recall",
        "mcc",
        "average_precision",
        "roc_auc",
        "log_loss",
        "brier",
        "ece",
        "loss",
    )
    diagnosed: ClassVar[Needs] = "probabilities"
    averaged: ClassVar[str] = "mean_softmax"

    outputs: tuple[str, ...]
    counts: tuple[int, ...] = ()

    @property
    def scaling(self) -> None:
        """None: logits are not scaled."""

    @property
    def tuning(self) -> Mapping[str, tuple[float, ...]]:
        """Nothing is tuned."""
        return NO_TUNING

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]:
        """Cross-entropy and focal loss."""
        return MappingProxyType({"cross_entropy": self._cross_entropy, "focal": self._focal})

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets are one for each sample, and not floats."""
        return targets.ndim == 1 and targets.dtype.kind != "f"

    @classmethod
    def read(
        cls,
        parts: Mapping[str, ArrayLike],
        samples: Mapping[str, int],
        classes: Sequence[str] | None,
        target_names: Sequence[str] | None = None,
    ) -> tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]:
        """The names of the classes, and the class index of each sample. See `nas.tasks.labels`."""
        names, places = encode([read_labels(part, parts[part], samples[part]) for part in parts], classes)
        return names, dict(zip(parts, places, strict=True))

    @classmethod
    def fitted(cls, outputs: tuple[str, ...], targets: NDArray[Any]) -> Self:
        """The task of the classes, with the number of training samples of each."""
        return cls(outputs, tuple(np.bincount(targets.ravel(), minlength=len(outputs)).tolist()))

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """The class with the highest logit, `(N,)`, or class probabilities, `(N, K)` float64."""
        return outputs.argmax(dim=1) if needs == "labels" else outputs.double().softmax(dim=1)

    def divergence(self, outputs: "Tensor", taught: "Tensor", temperature: float = 1.0) -> "Tensor":
        """The Kullback-Leibler divergence of the classes at a temperature T, times T²."""
        return class_divergence(outputs, taught, temperature)

    def tuned(self, predict: Callable[[Needs], NDArray[Any]], targets: NDArray[Any], aim: str) -> Self:
        """This task."""
        return self

    def trivial(self, targets: NDArray[Any]) -> Trivial:
        """The largest class, and the shares of the classes as probabilities."""
        counts = np.bincount(targets, minlength=len(self.outputs))
        largest = int(counts.argmax())
        shares = tuple((counts / len(targets)).tolist())
        return Trivial(f"always {self.outputs[largest]}", {"labels": largest, "probabilities": shares})

    def diagnose(self, predictions: NDArray[Any], targets: NDArray[Any]) -> ClassificationDiagnosis:
        """The confusion of classes, the figures of each, the calibration, and the ROC curve of two classes."""
        return diagnose_classes(self.outputs, predictions, targets)

    def told(self, target: NDArray[Any]) -> str:
        """The name of the class."""
        return self.outputs[int(target)]

    def answer(self, prediction: NDArray[Any]) -> str:
        """The most probable class, and its probability."""
        place = int(prediction.argmax())
        return f"{self.outputs[place]} ({100 * float(prediction[place]):.0f}\u00a0%)"

    def _cross_entropy(self, label_smoothing: float = 0.0, class_weights: ClassWeights = None) -> Criterion:
        return CrossEntropy(label_smoothing, self._weights(class_weights))

    def _focal(self, focal_gamma: float = 2.0, class_weights: ClassWeights = None) -> Criterion:
        return Focal(focal_gamma, self._weights(class_weights))

    def _weights(self, given: ClassWeights) -> tuple[float, ...] | None:
        if given is None:
            return None
        if given != "balanced":
            return one_each(given, self.outputs, "class")
        if not self.counts:
            raise UsageError("class_weights: `balanced` takes a task with the numbers of training samples")
        return balanced(self.counts)
