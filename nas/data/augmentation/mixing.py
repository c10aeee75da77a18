"""Samples mixed with others of their batch.

mixup (Zhang et al. 2018): mixup: Beyond Empirical Risk Minimization; eq. 2. CutMix (Yun et al. 2019): CutMix:
Regularization Strategy to Train Strong Classifiers with Localizable Features; eqs. 1 and 2. The loss of a mixed sample
is the mixture of the losses for its two targets. Each sample has a share of its own, where the papers' code draws one
for a batch.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from nas.data.augmentation.draws import as_floats, beta, chosen, for_each
from nas.data.augmentation.erasing import along


class Partners(NamedTuple):
    """What samples are mixed with.

    Attributes:
        places: `(N,)`, the place in the batch of the sample that is mixed in.
        shares: `(N,)` float32, the share of the sample itself, in [0, 1].
    """

    places: Tensor
    shares: Tensor


def mixed(batch: Tensor, mixup: float, cutmix: float, generator: Generator) -> tuple[Tensor, Partners]:
    """A batch `(N, *shape)` in which each sample is mixed with another one; mixup gives float32.

    Args:
        batch: the samples.
        mixup, cutmix: α of each; 0: not this one. Of both, each sample gets one with probability 1/2.
        generator: of the partners, the shares, the places, and which of both.
    """
    places = torch.randperm(len(batch), device=batch.device, generator=generator)
    others = batch[places]
    if not cutmix:
        summed, shares = _mixup(batch, others, mixup, generator)
        return summed, Partners(places, shares)
    cut, shares = _cutmix(batch, others, cutmix, generator)
    if not mixup:
        return cut, Partners(places, shares)
    summed, summed_shares = _mixup(batch, others, mixup, generator)
    which = chosen(batch, 0.5, generator)
    both = torch.where(for_each(which, batch), summed, as_floats(cut))
    return both, Partners(places, torch.where(which, summed_shares, shares))


def _mixup(batch: Tensor, others: Tensor, alpha: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """The weighted sums, and the shares of the samples themselves."""
    shares = beta(batch, alpha, generator)
    weight = for_each(shares, batch)
    return weight * batch + (1 - weight) * others, shares


def _cutmix(batch: Tensor, others: Tensor, alpha: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Samples with a rectangle, or a section, of others around a random place, and the shares that remain."""
    axes = range(2, batch.ndim)
    side = (1 - beta(batch, alpha, generator)) ** (1 / len(axes))
    inside = torch.ones(len(batch), *[1] * (batch.ndim - 1), dtype=torch.bool, device=batch.device)
    for axis in axes:
        size = batch.shape[axis]
        centre = torch.randint(0, size, (len(batch), 1), device=batch.device, generator=generator)
        length = (side * size).floor()[:, None]
        first = centre - (length / 2).floor()
        inside = inside & along(batch, axis, first, first + length)
    shares = 1 - inside.flatten(1).float().mean(dim=1)
    return torch.where(inside, others, batch), shares
