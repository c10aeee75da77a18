"""Hints: features of the student are regressed on features of the teacher.

A. Romero, N. Ballas, S. Ebrahimi Kahou, A. Chassang, C. Gatta and Y. Bengio, "FitNets: Hints for Thin Deep Nets"
(ICLR 2015), equation 3; here beside the loss of the task, not in a stage before it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.arguments import checked
from nas.distillation.kind import Anatomy, Answers, Layers, Lesson, StudentBatch
from nas.distillation.pairing import Depth, Paired, as_many_dimensions, by_depth

if TYPE_CHECKING:
    from torch import Tensor, nn

SMALLEST = 1e-6
"""The mean square of features below which they are not normalised."""


@checked
@dataclass(frozen=True)
class Hints(Paired):
    """The mean squared difference of features, in units of the mean square of the teacher's features in the batch: 0,
    they are equal; 1, as far as from features of 0. It is a mean over the pairs of layers.

    Where numbers of channels differ, a linear map of the student's channels, the same at each position, is trained with
    it. Where spatial sizes or lengths differ, features are averaged to the smaller one.

    Attributes:
        at: where `layers` are empty, the depths of the layers that are compared, as fractions of all layers that have
            as many dimensions in both networks: of images, those before the pooling or flattening at the end.
    """

    name: ClassVar[str] = "hints"

    at: Annotated[tuple[Depth, ...], Field(min_length=1)] = (0.5,)

    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """See `by_depth`."""
        return by_depth(self.at, student, teacher)

    def suited(self, own: str, ours: tuple[int, ...], theirs: str, given: tuple[int, ...]) -> None:
        """Raises UsageError if features differ in their number of dimensions."""
        as_many_dimensions(own, ours, theirs, given)

    def parts(self, lesson: Lesson) -> "nn.Module":
        """The maps of channels."""
        from nas.distillation.matching import projections

        return projections([one[0] for one in lesson.student], [one[0] for one in lesson.teacher])

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        import torch

        from nas.distillation.matching import of_one_size

        assert isinstance(parts, torch.nn.ModuleList)  # noqa: S101  made by `parts`
        found = []
        for project, *pair in zip(parts, student.features, teacher.features, strict=True):
            own, theirs = of_one_size(*pair)
            size = theirs.square().mean()
            difference = (project(own) - theirs).square().mean()
            found.append(difference / torch.where(size > SMALLEST, size, 1.0))
        return torch.stack(found).mean()
