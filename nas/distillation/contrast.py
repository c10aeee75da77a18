"""A memory of what two networks made of each sample, in which each has to find the sample that the other one saw."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.distillation.matching import in_float32

SMALLEST = 1e-6
"""The least norm that embedded features are divided by."""


class Contrast(nn.Module):
    """Linear maps of features, and a bank of both networks' vectors for each sample of the training part.

    Args:
        widths: the numbers of features of the student and of the teacher.
        samples: the number of samples of the training part.
        dimensions: of the vectors.
        negatives: the most samples of the bank that are drawn for a batch.
        temperature: τ, by which products of vectors are divided.
        momentum: the share of the old vector of a sample in its new one.

    Attributes:
        bank: the vectors, `(2, samples, dimensions)`: of random directions, until a sample was seen.
        groups: `(samples,)`, the group of each sample; -1 until it was seen.
        constants: the logarithms of the mean of exp(product / τ), `(2,)`, from the first batch; NaN before.
    """

    bank: Tensor
    groups: Tensor
    constants: Tensor

    def __init__(
        self,
        widths: tuple[int, int],
        samples: int,
        *,
        dimensions: int,
        negatives: int,
        temperature: float,
        momentum: float,
    ) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(width, dimensions) for width in widths)
        self.negatives, self.temperature, self.momentum = negatives, temperature, momentum
        self.register_buffer("bank", functional.normalize(torch.randn(2, samples, dimensions), dim=2))
        self.register_buffer("groups", torch.full((samples,), -1))
        self.register_buffer("constants", torch.full((2,), math.nan))

    def forward(self, features: tuple[Tensor, Tensor], samples: Tensor, groups: Tensor) -> Tensor:
        """The mean loss of a batch, whose vectors are then taken into the bank.

        Args:
            features: of the student and of the teacher, `(N, width)` each.
            samples: `(N,)`, the places of the samples in the training part.
            groups: `(N,)`, their groups; samples of one group are not told apart.
        """
        with in_float32(samples):
            vectors = [
                functional.normalize(embed(one), dim=1, eps=SMALLEST)
                for embed, one in zip(self.maps, features, strict=True)
            ]
            places = self._drawn(samples.device)
            apart = groups[:, None] != self.groups[places]
            paired = (vectors[0] * vectors[1]).sum(dim=1) / self.temperature
            found = [self._told_apart(paired, vectors[side], side, places, apart) for side in (0, 1)]
            self._take_in(torch.stack(vectors).detach(), samples, groups)
        return found[0] + found[1]

    def _drawn(self, device: torch.device) -> Tensor:
        """The places of samples of the bank: all, or some at random."""
        count = len(self.groups)
        if count <= self.negatives:
            return torch.arange(count, device=device)
        return torch.randint(count, (self.negatives,), device=device)

    def _told_apart(self, paired: Tensor, vectors: Tensor, side: int, places: Tensor, apart: Tensor) -> Tensor:
        """How badly the vectors of one network are matched with those of the other: negative log-likelihood.

        Args:
            paired: `(N,)`, the logarithms of the scores of pairs of one sample.
            vectors: `(N, D)`, of the network.
            side: 0 for the student, 1 for the teacher.
            places: `(K,)`, of the bank.
            apart: `(N, K)`, whether these are of another group.
        """
        scores = vectors @ self.bank[1 - side][places].T / self.temperature
        estimate = scores.detach().logsumexp(dim=(0, 1)) - math.log(scores.numel())
        constant = torch.where(self.constants[side].isnan(), estimate, self.constants[side])
        self.constants[side].copy_(constant)
        offset = constant + math.log(len(places))
        negative = torch.where(apart, functional.logsigmoid(offset - scores), 0.0).sum() / apart.sum().clamp(min=1)
        return -functional.logsigmoid(paired - offset).mean() - len(places) * negative

    def _take_in(self, vectors: Tensor, samples: Tensor, groups: Tensor) -> None:
        mixed = self.momentum * self.bank[:, samples] + (1 - self.momentum) * vectors
        self.bank.index_copy_(1, samples, functional.normalize(mixed, dim=2, eps=SMALLEST))
        self.groups.index_copy_(0, samples, groups)
