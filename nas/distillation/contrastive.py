"""Contrastive: from the features of the student, those of the teacher for the same sample can be told from others.

Y. Tian, D. Krishnan and P. Isola, "Contrastive Representation Distillation" (ICLR 2020), equations 17 to 19, in both
directions and with negatives from a memory.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from nas.arguments import NotNegativeFloat, Positive, PositiveFloat, checked
from nas.distillation.kind import Anatomy, Answers, Layers, Lesson, StudentBatch
from nas.distillation.pairing import Paired, last_features
from nas.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor, nn


@checked
@dataclass(frozen=True)
class Contrastive(Paired):
    """Noise-contrastive estimation: with the critic h = p / (p + N / M), where p = exp(s·t / τ) / Z for linear maps s
    and t of the features with the norm 1, the loss is -log h of the pair of a sample and, for N negatives, minus the
    sum of log(1 - h). Negatives are vectors of the other network in a memory of all M training samples: of those of
    other classes, or, of tasks without classes, of all other samples. Z is estimated from the first batch. Unless
    `layers` are given, features are what the last linear layer reads.

    Attributes:
        weight: of the loss of this kind beside that of the task; 0: the kind is left out. 0.8 in the paper.
        dimensions: of the vectors s and t; 128 in the paper.
        negatives: at most so many are drawn for a batch, of samples of all classes; 16384 in the paper.
        temperature: τ, 0.07 in the paper.
        momentum: the share of the old vector of a sample in its new one in the memory; 0.5 in the paper.
    """

    name: ClassVar[str] = "contrastive"
    labelled: ClassVar[bool] = True

    weight: NotNegativeFloat = 0.8
    dimensions: Positive = 128
    negatives: Positive = 4096
    temperature: PositiveFloat = 0.07
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.5

    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """See `last_features`."""
        return last_features(student, teacher)

    def pairs(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """One pair of layers. Raises UsageError."""
        found = super().pairs(student, teacher)
        if len(found) > 1:
            raise UsageError(f"distill.by.contrastive.layers: expected one pair of layers, got {len(found)}")
        return found

    def parts(self, lesson: Lesson) -> "nn.Module":
        """The maps and the memory."""
        import math

        from nas.distillation.contrast import Contrast

        return Contrast(
            (math.prod(lesson.student[0]), math.prod(lesson.teacher[0])),
            lesson.samples,
            dimensions=self.dimensions,
            negatives=self.negatives,
            temperature=self.temperature,
            momentum=self.momentum,
        )

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        from nas.distillation.contrast import Contrast

        assert isinstance(parts, Contrast)  # noqa: S101  made by `parts`
        groups = batch.targets if lesson.task.name == "classification" else batch.samples
        features = (student.features[0].flatten(1), teacher.features[0].flatten(1))
        found: Tensor = parts(features, batch.samples, groups)
        return found
