"""Classification: each sample belongs to one of several classes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import ArrayLike, NDArray

from nas.tasks.labels import encode, read_labels
from nas.tasks.metric import Needs
from nas.tasks.metrics import metrics_from
from nas.tasks.task import Criterion, Reduction
from nas.trial import ACCURACY, Objective

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Classification:
    """A network outputs one logit per class. Targets are class indices, `(N,)` int64.

    Attributes:
        outputs: names of the classes, in the order of the logits.
    """

    name: ClassVar[str] = "classification"
    word: ClassVar[tuple[str, str]] = ("class", "classes")
    meaning: ClassVar[str] = "one logit for each of NAMES"
    usage: ClassVar[str] = "model(samples).argmax(dim=1)"
    stratified: ClassVar[bool] = True
    objective: ClassVar[Objective] = ACCURACY
    always: ClassVar[tuple[str, ...]] = ("loss", "acc")
    metrics: ClassVar[tuple[str, ...]] = metrics_from("labels", "probabilities")

    outputs: tuple[str, ...]

    @property
    def scaling(self) -> None:
        """None: logits are not scaled."""

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]:
        """Cross-entropy."""
        return LOSSES

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets are not floats."""
        return targets.dtype.kind != "f"

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
        """The task of the classes; the targets are not used."""
        return cls(outputs)

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """The class with the highest logit, `(N,)`, or class probabilities, `(N, K)` float64."""
        return outputs.argmax(dim=1) if needs == "labels" else outputs.double().softmax(dim=1)


def cross_entropy(label_smoothing: float = 0.0) -> Criterion:
    """Cross-entropy with label smoothing (Szegedy et al. 2016, section 7), in [0, 1)."""

    def criterion(outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        from torch.nn import functional

        return functional.cross_entropy(outputs, targets, label_smoothing=label_smoothing, reduction=reduction)

    return criterion


LOSSES: Mapping[str, Callable[..., Criterion]] = MappingProxyType({"cross_entropy": cross_entropy})
