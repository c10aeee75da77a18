"""Parts of images that are cut out, and get the mean of the training samples.

Cutout (DeVries & Taylor 2017): Improved Regularization of Convolutional Neural Networks with Cutout. Random erasing
(Zhong et al. 2020): Random Erasing Data Augmentation. Both papers fill with values that are 0, or random, after the
normalisation; the mean is 0 after that of the network.
"""

import math

import torch
from torch import Generator, Tensor

from nas.data.augmentation.draws import chosen, filled, for_each, uniform

SMALLEST, LARGEST = 0.02, 0.33
"""The area of a rectangle, as a fraction of the image; that and the ratios as in torchvision's `RandomErasing`."""

RATIO = 10 / 3
"""The largest ratio of the sides of a rectangle."""


def cutout(batch: Tensor, side: int, mean: Tensor, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each without a square around a random pixel, of which a part may be outside."""

    def covered(axis: int) -> Tensor:
        centre = torch.randint(0, batch.shape[axis], (len(batch), 1), device=batch.device, generator=generator)
        first = centre - side // 2
        return along(batch, axis, first, first + side)

    rows = covered(2)
    return filled(batch, rows & covered(3), mean)


def erase(batch: Tensor, chance: float, mean: Tensor, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each with a probability without a rectangle, which is inside."""
    height, width = batch.shape[-2:]
    area = uniform(batch, SMALLEST, LARGEST, generator) * (height * width)
    ratio = uniform(batch, -math.log(RATIO), math.log(RATIO), generator).exp()
    inside = for_each(chosen(batch, chance, generator), batch)
    for axis, side in ((2, (area / ratio).sqrt()), (3, (area * ratio).sqrt())):
        size = batch.shape[axis]
        length = side.round().clamp(1, size)
        first = (uniform(batch, 0, 1, generator) * (size + 1 - length)).floor()
        inside = inside & along(batch, axis, first[:, None], (first + length)[:, None])
    return filled(batch, inside, mean)


def along(batch: Tensor, axis: int, first: Tensor, end: Tensor) -> Tensor:
    """Where the places along an axis are in [first, end): bool, broadcast to the batch.

    Args:
        batch: `(N, *shape)`.
        axis: of the batch, from 1.
        first, end: of each sample, `(N, 1)`.
    """
    places = torch.arange(batch.shape[axis], device=batch.device)
    shape = [len(batch), *[1] * (batch.ndim - 1)]
    shape[axis] = -1
    return ((places >= first) & (places < end)).view(shape)
