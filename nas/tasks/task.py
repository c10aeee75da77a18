"""The protocol of tasks: everything that depends on the meaning of a network's outputs.

Outputs are `(N, K)`: K numbers for each sample. Losses also take outputs at each position, `(N, K, ...)`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from numpy.typing import ArrayLike, NDArray

from nas.tasks.diagnosis import Diagnosis
from nas.tasks.metric import Needs
from nas.tasks.trivial import Trivial
from nas.trial import Objective

if TYPE_CHECKING:
    from torch import Tensor

Reduction = Literal["mean", "sum", "none"]

NO_TUNING: Mapping[str, tuple[float, ...]] = MappingProxyType({})
"""The `tuning` of a task without any."""


class Criterion(Protocol):
    """A differentiable function of outputs and targets that training minimises."""

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """The mean over the samples of a batch, their sum, or the value of each sample, `(N,)`.

        Args:
            outputs: `(N, K, ...)`, the outputs of a network in float32.
            targets: as returned by `Task.read`.
            reduction: `mean`, `sum` or `none`.
        """
        ...


@runtime_checkable
class Task(Protocol):
    """What a network is trained to do: its targets, outputs, losses and metrics. Tasks are frozen dataclasses.

    Attributes:
        name: its name in the table of tasks.
        word: what an output represents, in singular and plural: `class`, `classes`.
        meaning: the meaning of the outputs, in a phrase in which NAMES stands for their names.
        prediction: what the file of an exported network predicts, in a phrase in which NAMES stands for the outputs.
        predicted: the names of what its `predict` returns.
        predicted_types: the type of that.
        predicting: the lines of `predict` that turn `outputs`, `(N, K)`, into that.
        stratified: whether splits of a data set are stratified by target.
        objective: the default objective of a search.
        always: metrics that every training measures on validation data.
        metrics: all metrics of the task, including `always`: those for which it can decode predictions.
        diagnosed: what a diagnosis is made from.
        averaged: how the outputs of several networks are averaged, by its name in `nas.ops.MEANS`.
        outputs: names of the outputs, such as the classes, in their order.
        scaling: mean and standard deviation for each output; a network scales the output of its layers by them, so that
            targets of any unit have about the same magnitude for the layers. None: outputs are not scaled.
        losses: functions that create a loss from settings of a recipe, by name. The metric `loss` is the first one
            without settings. Equal losses are equal records, and a call of a loss does not wait for the device.
        tuning: values that were fitted to validation data after the training, by the names of their fields.
    """

    name: ClassVar[str]
    word: ClassVar[tuple[str, str]]
    meaning: ClassVar[str]
    prediction: ClassVar[str]
    predicted: ClassVar[tuple[str, ...]]
    predicted_types: ClassVar[str]
    predicting: ClassVar[tuple[str, ...]]
    stratified: ClassVar[bool]
    objective: ClassVar[Objective]
    always: ClassVar[tuple[str, ...]]
    metrics: ClassVar[tuple[str, ...]]
    diagnosed: ClassVar[Needs]
    averaged: ClassVar[str]

    @property
    def outputs(self) -> tuple[str, ...]: ...

    @property
    def scaling(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None: ...

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]: ...

    @property
    def tuning(self) -> Mapping[str, tuple[float, ...]]: ...

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets belong to this task if no task is given."""
        ...

    @classmethod
    def read(
        cls,
        parts: Mapping[str, ArrayLike],
        samples: Mapping[str, int],
        classes: Sequence[str] | None,
        target_names: Sequence[str] | None = None,
    ) -> tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]:
        """The names of the outputs, and the targets of each part.

        Args:
            parts: the targets of each part, by its name; `train` first.
            samples: the number of samples of each part.
            classes: declared names of classes, if any.
            target_names: names of the targets, such as the columns that they come from, if any.

        Raises:
            UsageError: these are not targets of this task.
        """
        ...

    @classmethod
    def fitted(cls, outputs: tuple[str, ...], targets: NDArray[Any]) -> Self:
        """The task of a data set, given the names of the outputs and the training targets."""
        ...

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """Predictions of the kind that a metric needs, from outputs `(N, K)`."""
        ...

    def divergence(self, outputs: "Tensor", taught: "Tensor", temperature: float = 1.0) -> "Tensor":
        """How far predictions are from those of another network, for each sample, `(N,)` float32; 0: they are equal.

        Args:
            outputs: `(N, K, ...)`, of the network.
            taught: of the other network, likewise.
            temperature: by which logits are divided before; a regression has none.
        """
        ...

    def tuned(self, predict: Callable[[Needs], NDArray[Any]], targets: NDArray[Any], aim: str) -> Self:
        """The task of one trained network, with its `tuning`; this task, if nothing of it is tuned.

        Args:
            predict: returns the network's predictions for validation samples, of some kind.
            targets: of these samples.
            aim: the name of the metric by which the network was selected.
        """
        ...

    def trivial(self, targets: NDArray[Any]) -> Trivial:
        """The best prediction that ignores the inputs, from training targets."""
        ...

    def diagnose(self, predictions: NDArray[Any], targets: NDArray[Any]) -> Diagnosis:
        """Where predictions of the kind `diagnosed` are right and wrong.

        Args:
            predictions: `(N, K)`, finite, of one sample or more.
            targets: of these samples.
        """
        ...

    def told(self, target: NDArray[Any]) -> str:
        """The target of a sample, in words."""
        ...

    def answer(self, prediction: NDArray[Any]) -> str:
        """A prediction `(K,)` of the kind `diagnosed`, in words."""
        ...
