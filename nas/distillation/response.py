"""Response: the student imitates the outputs of the teacher.

G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015), section 2; for values, the
regression of C. Bucilă, R. Caruana and A. Niculescu-Mizil, "Model Compression" (KDD 2006). Both use inputs without
targets.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import PositiveFloat, checked
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch
from nas.errors import UsageError
from nas.tasks import Task

if TYPE_CHECKING:
    from torch import Tensor, nn


@checked
@dataclass(frozen=True)
class Response(Kind):
    """The mean over the samples of `Task.divergence`: T² KL(teacher ‖ student) of probabilities at a temperature T, or
    the squared difference of values in units of standard deviations.

    Attributes:
        temperature: T, by which logits are divided. A regression has none.
    """

    name: ClassVar[str] = "response"

    temperature: PositiveFloat = 1.0

    def check(self, task: Task) -> None:
        """Raises UsageError if values have a temperature."""
        super().check(task)
        if task.name == "regression" and self.temperature != 1:
            raise UsageError(
                f"distill.by.response.temperature: values have no temperature; expected 1, got {self.temperature:g}"
            )

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        return lesson.task.divergence(student.outputs, teacher.outputs, self.temperature).mean()
