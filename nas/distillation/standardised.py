"""Standardised: the student imitates how the logits of the teacher relate to each other, whatever their size.

S. Sun, W. Ren, J. Li, R. Wang and X. Cao, "Logit Standardization in Knowledge Distillation" (CVPR 2024), algorithm 1.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import NotNegativeFloat, PositiveFloat, checked
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch
from nas.errors import UsageError
from nas.tasks import Task

if TYPE_CHECKING:
    from torch import Tensor, nn

SMALLEST = 1e-6
"""The least variance that logits are divided by the root of: gradients of equal logits are then finite in float16."""


@checked
@dataclass(frozen=True)
class Standardised(Kind):
    """The mean over the samples of T² KL(teacher ‖ student) of probabilities at a temperature T, of logits that were
    standardised for each sample: to a mean of 0 and a variance of 1 over the classes.

    Attributes:
        weight: of the loss of this kind beside that of the task; 0: the kind is left out. 9 in the paper.
        temperature: T, by which the standardised logits are divided; 2 in the paper.
    """

    name: ClassVar[str] = "standardised"
    tasks: ClassVar[tuple[str, ...] | None] = ("classification",)

    weight: NotNegativeFloat = 9.0
    temperature: PositiveFloat = 2.0

    def check(self, task: Task) -> None:
        """Raises UsageError if there are two classes: their standardised logits are 1 and -1, whatever they were."""
        super().check(task)
        if len(task.outputs) < 3:
            raise UsageError(f"distill.by.standardised: expected 3 classes or more, got {len(task.outputs)}")

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        own, theirs = standardised(student.outputs), standardised(teacher.outputs)
        return lesson.task.divergence(own, theirs, self.temperature).mean()


def standardised(logits: "Tensor") -> "Tensor":
    """Logits `(N, K)` with a mean of 0 and a variance of 1 over the classes; 0, where they are equal."""
    centred = logits - logits.mean(dim=1, keepdim=True)
    variance = centred.square().mean(dim=1, keepdim=True)
    return centred * variance.clamp(min=SMALLEST).rsqrt()
