"""Attention: the student looks where the teacher looks, by the positions at which activations are large.

S. Zagoruyko and N. Komodakis, "Paying More Attention to Attention: Improving the Performance of Convolutional Neural
Networks via Attention Transfer" (ICLR 2017), equation 2, with the squared norm.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import NotNegativeFloat, checked
from nas.distillation.kind import Anatomy, Answers, Layers, Lesson, StudentBatch
from nas.distillation.pairing import Depth, Paired, as_many_dimensions, by_depth, comparable
from nas.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor, nn

SMALLEST = 1e-6
"""The least norm that maps are divided by."""


@checked
@dataclass(frozen=True)
class Attention(Paired):
    """Half the squared difference of attention maps, a mean over the samples, the positions and the pairs of layers. A
    map has the sum over the channels of the squared activations at each position, and the norm 1. Maps of different
    sizes are averaged to the smaller one.

    Attributes:
        weight: of the loss of this kind beside that of the task; 0: the kind is left out. 1000 in the paper.
        at: where `layers` are empty, the depths of the layers that are compared, as fractions of all layers whose
            features have positions. Empty: the last layer of each spatial size that both networks have, as before each
            reduction of it; if they have none in common, the last layer with more than one position.
    """

    name: ClassVar[str] = "attention"

    weight: NotNegativeFloat = 1000.0
    at: tuple[Depth, ...] = ()

    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """See `at`."""
        if self.at:
            return by_depth(self.at, student, teacher)
        sides = zip((student, teacher), comparable(student, teacher), strict=True)
        own, theirs = ({anatomy[name][1:]: name for name in names} for anatomy, names in sides)
        own, theirs = ({size: name for size, name in one.items() if math.prod(size) > 1} for one in (own, theirs))
        if not (own and theirs):
            raise UsageError("the networks have no layers with features at several positions, as of images")
        common = [(own[size], theirs[size]) for size in own if size in theirs]
        return common or [(list(own.values())[-1], list(theirs.values())[-1])]

    def suited(self, own: str, ours: tuple[int, ...], theirs: str, given: tuple[int, ...]) -> None:
        """Raises UsageError if features have no positions, or differ in their number of dimensions."""
        as_many_dimensions(own, ours, theirs, given)
        if len(ours) < 2:
            raise UsageError(f"expected features with positions, such as (C, H, W), got {ours} of {own!r}")

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        import torch

        from nas.distillation.matching import of_one_size

        found = []
        for pair in zip(student.features, teacher.features, strict=True):
            own, theirs = map(_normed, of_one_size(*map(_squares, pair)))
            found.append((own - theirs).square().mean() / 2)
        return torch.stack(found).mean()


def _squares(features: "Tensor") -> "Tensor":
    return features.square().sum(dim=1, keepdim=True)


def _normed(maps: "Tensor") -> "Tensor":
    from torch.nn import functional

    return functional.normalize(maps.flatten(1), dim=1, eps=SMALLEST)
