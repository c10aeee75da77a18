"""Changes of sounds and series `(N, C, L)`."""

import math

import torch
from torch import Generator, Tensor

from nas.data.augmentation.draws import as_floats, filled, for_each, uniform
from nas.data.augmentation.erasing import along
from nas.data.augmentation.geometry import identity, resampled


def noise(batch: Tensor, share: float, std: Tensor, generator: Generator) -> Tensor:
    """A batch with Gaussian noise, in float32.

    Args:
        batch: `(N, *shape)`.
        share: the standard deviation of the noise, as a fraction of `std`.
        std: broadcast to the batch.
        generator: of the noise.
    """
    drawn = torch.randn(batch.shape, device=batch.device, generator=generator)
    return as_floats(batch) + share * std * drawn


def own_std(batch: Tensor) -> Tensor:
    """The standard deviation of each channel of each sample, `(N, C, 1)`."""
    return as_floats(batch).std(dim=-1, correction=0, keepdim=True)


def speed(batch: Tensor, most: float, generator: Generator) -> Tensor:
    """Samples, each faster or slower, in float32 (Ko et al. 2015, Audio Augmentation for Speech Recognition).

    The factor is uniform in its logarithm, from 1 / (1 + `most`) to 1 + `most`. Values are interpolated linearly. The
    middle keeps its place: a slower sample loses its ends, and a faster one is between zeros.
    """
    most = math.log1p(most)
    factors = uniform(batch, -most, most, generator).exp()
    maps = identity(batch)
    maps[:, 0, 0] = factors
    return resampled(as_floats(batch).unsqueeze(2), maps).squeeze(2)


def gain(batch: Tensor, most: float, generator: Generator) -> Tensor:
    """Samples, each with another amplitude, in float32; `most` is the largest change in dB."""
    decibels = uniform(batch, -most, most, generator)
    return as_floats(batch) * for_each(10 ** (decibels / 20), batch)


def time_mask(batch: Tensor, share: float, mean: Tensor, generator: Generator) -> Tensor:
    """Samples, each masked by the mean over a section of up to `share` of the time steps, which is inside.

    As in SpecAugment (Park et al. 2019), the length is drawn first, then the place.
    """
    size = batch.shape[-1]
    length = (uniform(batch, 0, 1, generator) * (int(share * size) + 1)).floor()
    first = (uniform(batch, 0, 1, generator) * (size + 1 - length)).floor()
    return filled(batch, along(batch, batch.ndim - 1, first[:, None], (first + length)[:, None]), mean)
