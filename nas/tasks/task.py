"""What a task is: all that depends on what the outputs of a network mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

from numpy.typing import ArrayLike, NDArray

from nas.tasks.metric import Needs
from nas.trial import Objective

if TYPE_CHECKING:
    from torch import Tensor

Reduction = Literal["mean", "sum"]


class Criterion(Protocol):
    """A differentiable function of outputs and targets that training makes small."""

    def __call__(self, outputs: "Tensor", targets: "Tensor", *, reduction: Reduction = "mean") -> "Tensor":
        """The mean over the samples of a batch, or their sum.

        Args:
            outputs: `(N, K)`, as a network gives them, in float32.
            targets: as `Task.read` gives them.
            reduction: which of the two.
        """
        ...


@runtime_checkable
class Task(Protocol):
    """What a network is trained to do: how targets are read, what it must give, its losses and metrics.

    Attributes:
        name: in the table of tasks.
        word: what an output of a network stands for, one and many: `class`, `classes`.
        meaning: of the outputs, in a sentence, where NAMES stands for their names.
        usage: how a prediction is read off `model(samples)`, in the file of an exported network.
        stratified: whether parts of a data set have the same proportions of targets.
        objective: what a search is for that does not say.
        always: metrics that every training measures on validation data.
        metrics: all that it has, `always` among them; those of the table for which it decodes predictions.
        outputs: names of the outputs, such as the classes, in the order in which a network gives them.
        scaling: mean and standard deviation for each output, which a network multiplies and adds at its end, so that
            its layers see targets of about the same size whatever their unit is; None: outputs are as the layers give.
        losses: what training can make small: names to functions that make it. The first is what `loss` measures.
    """

    name: ClassVar[str]
    word: ClassVar[tuple[str, str]]
    meaning: ClassVar[str]
    usage: ClassVar[str]
    stratified: ClassVar[bool]
    objective: ClassVar[Objective]
    always: ClassVar[tuple[str, ...]]
    metrics: ClassVar[tuple[str, ...]]

    @property
    def outputs(self) -> tuple[str, ...]: ...

    @property
    def scaling(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None: ...

    @property
    def losses(self) -> Mapping[str, Callable[..., Criterion]]: ...

    @classmethod
    def takes(cls, targets: NDArray[Any]) -> bool:
        """Whether targets are of this task where nobody says which they are of."""
        ...

    @classmethod
    def read(
        cls, parts: Mapping[str, ArrayLike], samples: Mapping[str, int], classes: Sequence[str] | None
    ) -> tuple[tuple[str, ...], Mapping[str, NDArray[Any]]]:
        """The names of the outputs, and the targets of each part, one a sample.

        Args:
            parts: the name of each part to its targets, `train` first.
            samples: the name of each part to the number of its samples.
            classes: names of classes, if they were declared.

        Raises:
            UsageError: they are no targets of this task.
        """
        ...

    @classmethod
    def fitted(cls, outputs: tuple[str, ...], targets: NDArray[Any]) -> Self:
        """The task of a data set, from the names of the outputs and the targets that are trained on."""
        ...

    def decode(self, outputs: "Tensor", needs: Needs) -> "Tensor":
        """Predictions of a kind that some metric needs, from outputs `(N, K)`."""
        ...
