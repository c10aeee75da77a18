"""Gradient: the outputs of the student change with the inputs as those of the teacher do.

W. M. Czarnecki, S. Osindero, M. Jaderberg, G. Swirszcz and R. Pascanu, "Sobolev Training for Neural Networks" (NeurIPS
2017), equation 1 with derivatives of the first order, of which section 3 projects those of several outputs onto random
directions; S. Srinivas and F. Fleuret, "Knowledge Transfer with Jacobian Matching" (ICML 2018), for normalised
gradients of one output.

What is differentiated has a meaning that both networks share. Of classes, it is a sum of logits with weights that add
up to 0, and so of log-probabilities with the same weights: what a network adds to all its logits changes neither its
probabilities nor this. Values are in units of their standard deviations, and so are inputs, so that no column of a
table counts for its unit.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from nas.arguments import Positive, checked
from nas.distillation.kind import Answers, Kind, Lesson, StudentBatch
from nas.errors import UsageError
from nas.tasks import Task
from nas.tasks.criteria import each_output

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


@checked
@dataclass(frozen=True)
class Gradient(Kind):
    """The mean distance of gradients with respect to the inputs, over samples and directions of outputs.

    The student's gradients are differentiated again. Where batch norm is trained, they are those of its outputs for the
    whole batch.

    Attributes:
        distance: `cosine`: 1 - cos of the angle between the gradients, which leaves their size to the student;
            `squared`: the square of the length of their difference.
        of: along which directions of outputs: `random` ones, which differ between samples, as the teacher's outputs
            do; the `answer`, the largest of the teacher's outputs, which values do not have; or `all` outputs, one by
            one.
        directions: the number of random ones. Each costs two further passes, as each output does.
    """

    name: ClassVar[str] = "gradient"
    differentiates: ClassVar[bool] = True

    distance: Literal["cosine", "squared"] = "cosine"
    of: Literal["random", "answer", "all"] = "random"
    directions: Positive = 1

    def check(self, task: Task) -> None:
        """Raises UsageError if values have an answer, or directions that are not random a number."""
        super().check(task)
        if self.of == "answer" and task.name == "regression":
            raise UsageError(
                f"distill.by.{self.name}.of: no value is the answer as the largest output of classes is; expected "
                "random or all, got answer"
            )
        if self.of != "random" and self.directions != 1:
            raise UsageError(
                f"distill.by.{self.name}.directions: they are the number of random ones; expected 1 with `of: "
                f"{self.of}`, got {self.directions}"
            )

    def along(self, outputs: "Tensor", task: Task) -> "Tensor":
        """See `Kind.along`. Random directions are of length 1, and each follows from the outputs of its sample by a
        random matrix, which is the same in all trainings."""
        import torch
        from torch.nn import functional

        count, std = outputs.shape[1], 1.0 if task.scaling is None else each_output(task.scaling[1], outputs)
        with torch.autocast(outputs.device.type, enabled=False):
            if self.of == "random":
                drawn = _drawn(self.directions, count, outputs.device).to(outputs.dtype)
                mean = 0.0 if task.scaling is None else each_output(task.scaling[0], outputs)
                found = ((outputs - mean) / std) @ drawn
            else:
                each = torch.eye(count, dtype=outputs.dtype, device=outputs.device)
                found = each[outputs.argmax(dim=1)][None] if self.of == "answer" else each[:, None]
            if task.name == "classification":
                found = found - found.mean(dim=-1, keepdim=True)
            if self.of == "random":
                found = functional.normalize(found, dim=-1)
        return (found / std).expand(-1, *outputs.shape)

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        from nas.distillation.cosine import cosine_distance

        assert student.gradients is not None  # noqa: S101  it differentiates
        assert teacher.gradients is not None  # noqa: S101
        own, theirs = student.gradients.flatten(2), teacher.gradients.flatten(2)
        if self.distance == "cosine":
            return cosine_distance(own, theirs).mean()
        return (own - theirs).square().sum(dim=-1).mean()


@cache
def _drawn(count: int, outputs: int, device: "torch.device") -> "Tensor":
    """Random matrices `(count, outputs, outputs)`, on the device once, as a captured step copies nothing to it."""
    import torch

    with torch.inference_mode(mode=False):
        generator = torch.Generator().manual_seed(0)
        return torch.randn(count, outputs, outputs, generator=generator).to(device)
