"""Mutual: the student and its peers learn together, without a teacher, each from the answers of all others.

Y. Zhang, T. Xiang, T. M. Hospedales and H. Lu, "Deep Mutual Learning" (CVPR 2018), equations 4 to 6: the loss of each
of two networks is that of the task plus the divergence from the other's answers; of K networks, plus the mean of the
divergences from those of the K - 1 others. There, networks take turns within a batch, each answering anew; here, all
take their steps at once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import Positive, checked
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch

if TYPE_CHECKING:
    from torch import Tensor, nn


@checked
@dataclass(frozen=True)
class Mutual(Kind):
    """The mean of `Task.divergence` of the student from each peer, whose answers are not changed by it, and what trains
    the peers: their losses of the task, and their divergences from all others, likewise.

    Peers are networks as the student is, with other initial weights. They see its batches, take a step with each of its
    steps, by `adamw` where it has `muon`, and are not averaged. At the end they are dropped. `weight` multiplies their
    loss as a whole, which `adamw` does not feel.

    Attributes:
        peers: how many there are, K - 1. Each costs as much time and memory as the student.
    """

    name: ClassVar[str] = "mutual"
    taught: ClassVar[bool] = False

    peers: Positive = 1

    def parts(self, lesson: Lesson) -> "nn.Module":
        """The peers."""
        from torch import nn

        return nn.ModuleList(lesson.another() for _ in range(self.peers))

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        assert parts is not None  # noqa: S101  they are the peers
        answers = [student.outputs, *(peer(batch.inputs).float() for peer in parts.children())]
        known = [one.detach() for one in answers]
        total = student.outputs.new_zeros(())
        for place, own in enumerate(answers):
            others = known[:place] + known[place + 1 :]
            total = total + sum(lesson.task.divergence(own, other).mean() for other in others) / self.peers
            if place:
                total = total + batch.loss(own[: len(batch.samples)])
        return total
