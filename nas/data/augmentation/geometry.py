"""Images that are cropped, rotated, sheared and moved by parts of pixels: one resampling by an affine map for each."""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from nas.data.augmentation.draws import as_floats, uniform

RATIO = 4 / 3
"""The largest ratio of the sides of a crop (Szegedy et al. 2015)."""


def crop_and_rotate(batch: Tensor, least: float, degrees: float, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each rotated about its centre and cropped, in float32.

    Args:
        batch: the images.
        least: the smallest fraction of the area of a crop; 1: images are not cropped.
        degrees: the largest angle, in both directions; 0: images are not rotated.
        generator: of the crops and angles.
    """
    maps = identity(batch)
    if degrees:
        maps = maps @ rotation(batch, uniform(batch, -degrees, degrees, generator) * (math.pi / 180))
    if least < 1:
        maps = maps @ _crop(batch, least, generator)
    return resampled(as_floats(batch), maps)


def _crop(batch: Tensor, least: float, generator: Generator) -> Tensor:
    """The map of a random crop of each image: a fraction of the area, and a ratio of the sides, uniform in its log."""
    height, width = batch.shape[-2:]
    area = uniform(batch, least, 1, generator)
    ratio = uniform(batch, -math.log(RATIO), math.log(RATIO), generator).exp() * (height / width)
    across = (area * ratio).sqrt().clamp(max=1)
    along = (area / ratio).sqrt().clamp(max=1)
    maps = identity(batch)
    maps[:, 0, 0], maps[:, 1, 1] = across, along
    maps[:, 0, 2] = (1 - across) * uniform(batch, -1, 1, generator)
    maps[:, 1, 2] = (1 - along) * uniform(batch, -1, 1, generator)
    return maps


def identity(batch: Tensor) -> Tensor:
    """For each image the map that leaves it as it is, `(N, 3, 3)`.

    A map takes a place in the new image to the place in the old one from where the value comes. Places are (x, y, 1),
    from -1 to 1 between the outer edges of the image.
    """
    return torch.eye(3, device=batch.device).repeat(len(batch), 1, 1)


def rotation(batch: Tensor, angles: Tensor) -> Tensor:
    """The maps of rotations about the centre by angles `(N,)` in radians, counter-clockwise as the image is seen."""
    height, width = batch.shape[-2:]
    maps = identity(batch)
    maps[:, 0, 0] = maps[:, 1, 1] = angles.cos()
    maps[:, 0, 1] = -angles.sin() * (height / width)
    maps[:, 1, 0] = angles.sin() * (width / height)
    return maps


def resampled(images: Tensor, maps: Tensor) -> Tensor:
    """Images `(N, C, H, W)` in float32 by their maps, interpolated bilinearly, with zeros from outside."""
    grid = functional.affine_grid(maps[:, :2], list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
