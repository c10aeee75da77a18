"""Memory: at each step of a sequence, the states of the student are regressed on those of the teacher.

These are the hints of A. Romero, N. Ballas, S. Ebrahimi Kahou, A. Chassang, C. Gatta and Y. Bengio, "FitNets: Hints for
Thin Deep Nets" (ICLR 2015), equation 3, at each step, so that the hidden states of a recurrent network guide a network
of any kind over time, or the reverse. Of a recurrent teacher and another student, the literature compares outputs: W.
Chan, N. R. Ke and I. Lane, "Transferring Knowledge from a RNN to a DNN" (Interspeech 2015), and K. J. Geras et al.,
"Blending LSTMs into CNNs" (2015), which `response` does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from nas.arguments import checked
from nas.data.input_spec import PADDING
from nas.distillation.kind import Anatomy, Answers, Layers, Lesson, StudentBatch
from nas.distillation.pairing import Paired
from nas.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor, nn

SMALLEST = 1e-6
"""The mean square of states below which they are not normalised."""


@checked
@dataclass(frozen=True)
class Memory(Paired):
    """The mean distance of states, over the steps of all samples, without the padding of texts.

    States are the hidden ones of a recurrent layer, also of one that hands on the last of them alone (not the cell
    states of an LSTM), or what another layer puts out at each step. A linear map of the student's, the same at each
    step, is trained with it, also where widths agree: units have no order that networks share. Where lengths differ,
    the longer states are interpolated linearly over time to the length of the shorter ones.

    Chosen are the last recurrent layers of both networks; of one that has none, the last layer of which it is known
    which axis is time: one of Archwright's, a convolution over sequences, or an encoder layer of torch.

    Attributes:
        layers: which layer of the teacher is compared with a layer of the student, as `{gru1: lstm2}`. Empty: they are
            chosen.
        distance: `squared`: the squared difference, in units of the mean square of the teacher's states in the batch;
            `cosine`: 1 - cos of the angle between the states of a step.
    """

    name: ClassVar[str] = "memory"
    timed: ClassVar[bool] = True

    distance: Literal["squared", "cosine"] = "squared"

    def pairs(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """As `Paired`. Raises UsageError."""
        for whose, anatomy in (("student", student), ("teacher", teacher)):
            if not anatomy:
                raise UsageError(
                    f"distill.by.{self.name}.layers: the {whose} has no layer over time: a recurrent one, a "
                    "convolution over sequences, or attention"
                )
        return super().pairs(student, teacher)

    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """The last recurrent layers, or the last layers. Raises UsageError if no layer is recurrent."""
        if not (student.recurrent or teacher.recurrent):
            raise UsageError("expected a recurrent layer, such as lstm or gru, in one of the networks, got none")
        own, theirs = ((one.recurrent or one.outer)[-1] for one in (student, teacher))
        return [(own, theirs)]

    def parts(self, lesson: Lesson) -> "nn.Module":
        """The linear maps."""
        from torch import nn

        from nas.distillation.matching import Projection

        pairs = zip(lesson.student, lesson.teacher, strict=True)
        return nn.ModuleList(Projection(own[0], theirs[0]) for own, theirs in pairs)

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        import torch

        from nas.distillation.cosine import cosine_distance
        from nas.distillation.over_time import of_length

        assert parts is not None  # noqa: S101  they are the maps
        found = []
        for project, *states in zip(parts.children(), student.features, teacher.features, strict=True):
            length = min(one.shape[2] for one in states)
            own, theirs = (of_length(one, length) for one in states)
            counted = torch.ones_like(theirs[:, 0])
            if lesson.padded:
                counted = of_length((batch.inputs != PADDING).to(theirs.dtype)[:, None], length)[:, 0]
            if self.distance == "cosine":
                distance = _mean(cosine_distance(project(own), theirs, dim=1), counted)
            else:
                size = _mean(theirs.square().mean(dim=1), counted)
                distance = _mean((project(own) - theirs).square().mean(dim=1), counted)
                distance = distance / torch.where(size > SMALLEST, size, 1.0)
            found.append(distance)
        return torch.stack(found).mean()


def _mean(each: "Tensor", counted: "Tensor") -> "Tensor":
    """The mean of numbers `(N, L)`, given how much each counts, in [0, 1]."""
    return (each * counted).sum() / counted.sum().clamp(min=1)
