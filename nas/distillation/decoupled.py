"""Decoupled: what the teacher says of the class of a sample, and of all other classes, each with a weight of its own.

B. Zhao, Q. Cui, R. Song, Y. Qiu and J. Liang, "Decoupled Knowledge Distillation" (CVPR 2022), section 3 and
equation 7.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import NotNegativeFloat, PositiveFloat, checked
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch
from nas.tasks import Task

if TYPE_CHECKING:
    from torch import Tensor, nn


@checked
@dataclass(frozen=True)
class Decoupled(Kind):
    """α TCKD + β NCKD (equation 7), a mean over the samples. TCKD compares the probability p of the class of a sample
    with that of all others together, NCKD the probabilities of the others, given that it is one of them. The divergence
    of all classes is TCKD + (1 - p) NCKD (section 3.1): of a teacher that is sure of the class, it hardly has NCKD.

    Attributes:
        temperature: T, by which logits are divided; the divergences are multiplied by T². 4 in the paper for CIFAR-100.
        alpha: the weight of TCKD, 1 in the paper.
        beta: the weight of NCKD; in the paper from 1 to 10, the greater, the surer the teacher. Of two classes, NCKD is
            0.
    """

    name: ClassVar[str] = "decoupled"
    labelled: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...] | None] = ("classification",)

    temperature: PositiveFloat = 4.0
    alpha: NotNegativeFloat = 1.0
    beta: NotNegativeFloat = 8.0

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        own, others = divergences(lesson.task, student.outputs, teacher.outputs, batch.targets, self.temperature)
        return (self.alpha * own + self.beta * others).mean()


def divergences(
    task: Task, outputs: "Tensor", taught: "Tensor", targets: "Tensor", temperature: float
) -> "tuple[Tensor, Tensor]":
    """TCKD and NCKD of each sample, `(N,)`, times T².

    Args:
        task: a classification.
        outputs: logits of the student, `(N, K)`.
        taught: of the teacher.
        targets: the classes, `(N,)`.
        temperature: T.
    """
    sides = [_parted(logits / temperature, targets) for logits in (outputs, taught)]
    own, others = (task.divergence(*pair) * temperature**2 for pair in zip(*sides, strict=True))
    return own, others


def _parted(logits: "Tensor", targets: "Tensor") -> "tuple[Tensor, Tensor]":
    """Logits of the class and of not the class, `(N, 2)`, and those of the other classes, `(N, K - 1)`."""
    import torch

    classes = logits.shape[1]
    steps = torch.arange(1, classes, device=logits.device)
    others = logits.gather(1, (targets[:, None] + steps) % classes)
    own = logits.gather(1, targets[:, None])
    return torch.cat([own, others.logsumexp(dim=1, keepdim=True)], dim=1), others
