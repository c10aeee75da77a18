"""Relational: the samples of a batch lie to each other as they do for the teacher.

W. Park, D. Kim, Y. Lu and M. Cho, "Relational Knowledge Distillation" (CVPR 2019), section 3.2: potentials of
distances and of angles, with the Huber loss.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nas.arguments import NotNegativeFloat, checked
from nas.distillation.kind import Anatomy, Answers, Layers, Lesson, StudentBatch
from nas.distillation.pairing import Paired, last_features

if TYPE_CHECKING:
    from torch import Tensor, nn

SMALLEST = 1e-6
"""The distance of samples below which they have no direction to each other, and the least mean distance."""

AT_ONCE = 64
"""The samples of a batch of which all triplets are compared; of more, evenly spaced ones."""


@checked
@dataclass(frozen=True)
class Relational(Paired):
    """The weighted sum of the Huber losses of distances, a mean over pairs of samples, in units of the mean distance in
    the batch, and of the cosines of angles, a mean over triplets. It does not change with the unit, the origin and the
    axes of features, so that their numbers may differ. Unless `layers` are given, features are what the last linear
    layer reads.

    Attributes:
        distance: the weight of distances, 25 in the paper.
        angle: the weight of angles, 50 in the paper; at most 64 samples of a batch are compared.
    """

    name: ClassVar[str] = "relational"

    distance: NotNegativeFloat = 25.0
    angle: NotNegativeFloat = 50.0

    def chosen(self, student: Anatomy, teacher: Anatomy) -> Layers:
        """See `last_features`."""
        return last_features(student, teacher)

    def loss(
        self, student: Answers, teacher: Answers, batch: StudentBatch, parts: "nn.Module | None", lesson: Lesson
    ) -> "Tensor":
        """See `Kind.loss`."""
        import torch

        found = []
        for pair in zip(student.features, teacher.features, strict=True):
            own, theirs = (one.flatten(1) for one in pair)
            step = -(-len(own) // AT_ONCE)
            far = _mean_huber(distances(own), distances(theirs), 2)
            wide = _mean_huber(cosines(own[::step]), cosines(theirs[::step]), 3)
            found.append(self.distance * far + self.angle * wide)
        return torch.stack(found).mean()


def distances(features: "Tensor") -> "Tensor":
    """The distances of samples `(N, D)` to each other, `(N, N)`, in units of their mean."""
    import torch

    count = len(features)
    found = torch.cdist(features, features, compute_mode="donot_use_mm_for_euclid_dist")
    return found / (found.sum() / max(1, count * (count - 1))).clamp(min=SMALLEST)


def cosines(features: "Tensor") -> "Tensor":
    """The cosines of the angles at sample j between samples i and k, `(N, N, N)` for j, i, k; 0 where two
    of them are equal."""
    import torch

    from nas.distillation.matching import in_float32

    with in_float32(features):
        difference = features[None] - features[:, None]
        squared = difference.square().sum(dim=2, keepdim=True)
        apart = squared > SMALLEST**2
        direction = torch.where(apart, difference, 0.0) / torch.where(apart, squared, 1.0).sqrt()
        return direction @ direction.transpose(1, 2)


def _mean_huber(own: "Tensor", theirs: "Tensor", of: int) -> "Tensor":
    """The Huber loss of relations, a mean over tuples of distinct samples; relations of equal ones are equal."""
    from torch.nn import functional

    return functional.huber_loss(own, theirs, reduction="sum") / max(1, math.perm(len(own), of))
