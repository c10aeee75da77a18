"""The protocol of kinds: what a network takes from another one while it is trained.

Importing this does not load torch.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from nas.arguments import NotNegativeFloat
from nas.distillation.course import course
from nas.errors import UsageError
from nas.tasks import Task

if TYPE_CHECKING:
    from torch import Tensor, nn

Layers = Sequence[tuple[str, str]]
"""Pairs of layers: one of the student, and the one of the teacher that it is compared with."""

INPUT = ":input"
"""The suffix of the name of a layer whose input is meant, not its output."""

OVER_TIME = ":states"
"""The suffix of the name of a layer of which it is meant what it puts out at each step, `(C, L)`."""


@dataclass(frozen=True, eq=False)
class Anatomy(Mapping[str, tuple[int, ...]]):
    """The features of a network by the names of layers, in the order in which they are computed, each with its shape
    for one sample. The name of a layer stands for its output; with the suffix `INPUT`, for its input.

    Attributes:
        shapes: of all features.
        outer: the names of layers that are no parts of other ones, in this order; dropout is none.
        heads: the names of the linear layers that the network ends in: one, but for ensembles.
        recurrent: the names of recurrent layers, where the features are those over time.
    """

    shapes: Mapping[str, tuple[int, ...]]
    outer: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    recurrent: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return self.shapes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


class Answers(NamedTuple):
    """What a network computes for the samples of a batch.

    Attributes:
        outputs: `(N, K)` in float32.
        features: the outputs of the layers that the kind asked for, in that order, each `(N, *shape)` in float32.
        gradients: those of the outputs with respect to the inputs, in units of the standard deviations of these, along
            the directions that the kind asked for, `(N, P, *shape)`; None: it asked for none.
    """

    outputs: "Tensor"
    features: "tuple[Tensor, ...]" = ()
    gradients: "Tensor | None" = None


@dataclass(frozen=True)
class StudentBatch:
    """The samples of a step, of which the first ones have targets.

    Attributes:
        inputs: `(N + M, *shape)`, what the student sees: M unlabelled samples follow N samples of the training part.
        targets: of the first N samples.
        samples: `(N,)`, the places of these in the training part.
        loss: the mean loss of the task for these, with its weight, given the outputs `(N, K)` of any network.
    """

    inputs: "Tensor"
    targets: "Tensor"
    samples: "Tensor"
    loss: "Callable[[Tensor], Tensor]"


@dataclass(frozen=True)
class Lesson:
    """What a kind is made for.

    Attributes:
        task: of both networks.
        samples: the number of samples of the training part.
        another: makes a network as the student is, with other initial weights.
        student, teacher: the shapes of the features of the paired layers, in their order, without the dimension of
            samples.
        padded: whether inputs are texts: token indices `(N, L)`, of which `PADDING` stands for none.
    """

    task: Task
    samples: int
    another: "Callable[[], nn.Module]"
    student: Sequence[tuple[int, ...]] = ()
    teacher: Sequence[tuple[int, ...]] = ()
    padded: bool = False


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of knowledge, and how it is taken over. Kinds have no state: what they train or remember is in `parts`.

    Attributes:
        weight: of the loss of this kind beside that of the task; 0: the kind is left out.
        warmup: the fraction of the steps over which the weight rises linearly from 0.
        schedule: what becomes of the weight over the training: it stays (`constant`), or falls to 0 linearly
            (`linear`) or along half a cosine (`cosine`).
    """

    name: ClassVar[str]
    taught: ClassVar[bool] = True
    """Whether there is a teacher."""
    labelled: ClassVar[bool] = False
    """Whether targets are needed: then unlabelled samples are left out, and samples must not be mixed."""
    differentiates: ClassVar[bool] = False
    """Whether gradients with respect to the inputs are compared."""
    timed: ClassVar[bool] = False
    """Whether the features that are compared are those over time: what layers put out at each step, `(C, L)`."""
    tasks: ClassVar[tuple[str, ...] | None] = None
    """The tasks that the kind is defined for; None: all."""

    weight: NotNegativeFloat = 1.0
    warmup: Annotated[float, Field(ge=0, le=1)] = 0.0
    schedule: Literal["constant", "linear", "cosine"] = "constant"

    def weight_at(self, progress: "float | Tensor") -> "float | Tensor":
        """The weight after a fraction of all steps, in [0, 1)."""
        return self.weight * course(progress, self.warmup, self.schedule)

    def check(self, task: Task) -> None:
        """Raises UsageError if the kind does not suit a task."""
        if self.tasks is not None and task.name not in self.tasks:
            raise UsageError(f"distill.by.{self.name}: expected the task {' or '.join(self.tasks)}, got {task.name}")

    def pairs(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """The pairs of layers whose features are compared; none, unless a kind says so.

        Raises:
            UsageError: there are no such layers, or their shapes do not suit.
        """
        return ()

    def along(self, outputs: "Tensor", task: Task) -> "Tensor":
        """With `differentiates`: the directions of outputs along which gradients are compared, `(P, N, K)`, given the
        outputs `(N, K)` of the teacher, from which alone they follow, and the task."""
        raise NotImplementedError

    def parts(self, lesson: Lesson) -> "nn.Module | None":
        """What is trained or remembered beside the student, such as projections of features; None: nothing.

        It is initialised from torch's global generator, trained with the student, stored in its checkpoints, and not
        part of the trained network.

        Raises:
            UsageError: the shapes of features do not suit.
        """
        return None

    @abstractmethod
    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """The mean loss of the samples of a batch, without the weight.

        Args:
            student: its answers; with `labelled`, to the samples with targets alone.
            teacher: its answers to the same samples, without gradients; those of the student, if there is none.
            batch: the samples.
            parts: what `parts` made.
            lesson: what they were made for.
        """
