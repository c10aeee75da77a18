"""Changes of brightness, contrast and saturation: each image is mixed with a degenerate image.

The values of images lie between those of black and white: the smallest and the largest value of the training samples.
The factors are drawn as in torchvision's `ColorJitter`, from [1 - most, 1 + most].
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional

from nas.data.augmentation.draws import as_floats, for_each, uniform

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""The weights of the colours in grey (ITU-R BT.601)."""


class Colours(NamedTuple):
    """The values of black and white, tensors without dimensions in float32."""

    black: Tensor
    white: Tensor

    def limited(self, images: Tensor) -> Tensor:
        """Images in float32 with all values between black and white."""
        return images.clamp(self.black, self.white)

    def unit(self, images: Tensor) -> Tensor:
        """Images in float32 with black as 0 and white as 1."""
        return ((images - self.black) / (self.white - self.black).clamp(min=1e-12)).clamp(0, 1)

    def scaled(self, unit: Tensor) -> Tensor:
        """The inverse of `unit`."""
        return unit * (self.white - self.black) + self.black


def jitter(
    batch: Tensor, generator: Generator, *, brightness: float, contrast: float, saturation: float, colours: Colours
) -> Tensor:
    """Images `(N, C, H, W)`, each with another brightness, contrast and saturation, in float32.

    Args:
        batch: the images.
        generator: of the changes.
        brightness, contrast, saturation: the largest changes, in [0, 1]; 0: none.
        colours: the values of black and white.
    """
    images = as_floats(batch)
    for most, degenerate in ((brightness, None), (contrast, mean_grey), (saturation, grey)):
        if most:
            other = colours.black if degenerate is None else degenerate(images)
            factor = for_each(uniform(batch, 1 - most, 1 + most, generator), images)
            images = colours.limited(other + factor * (images - other))
    return images


def grey(images: Tensor) -> Tensor:
    """The luma of colours, or the mean of any other number of channels: `(N, 1, H, W)`."""
    if images.shape[1] != 3:
        return images.mean(dim=1, keepdim=True)
    red, green, blue = images.unbind(1)
    return (RED * red + GREEN * green + BLUE * blue).unsqueeze(1)


def mean_grey(images: Tensor) -> Tensor:
    """The mean grey of each image: `(N, 1, 1, 1)`."""
    return grey(images).mean(dim=(2, 3), keepdim=True)


def smoothed(images: Tensor) -> Tensor:
    """Images smoothed by the kernel of Pillow's `SMOOTH`: 5 in the centre, 1 around it; the border stays."""
    if min(images.shape[-2:]) < 3:
        return images
    sums = functional.avg_pool2d(images, 3, stride=1, divisor_override=1)
    inner = (sums + 4 * images[:, :, 1:-1, 1:-1]) / 13
    smooth = images.clone()
    smooth[:, :, 1:-1, 1:-1] = inner
    return smooth


def stretched(images: Tensor) -> Tensor:
    """Images in [0, 1], in which each channel that is not constant goes from 0 to 1: Pillow's `autocontrast`."""
    low, high = images.amin(dim=(2, 3), keepdim=True), images.amax(dim=(2, 3), keepdim=True)
    width = high - low
    return torch.where(width > 0, (images - low) / width.clamp(min=1e-12), images)


def equalized(images: Tensor) -> Tensor:
    """Images in [0, 1], in which each channel has about as many values in any range: Pillow's `equalize`.

    In 256 levels; a channel whose values are nearly all the same stays as it is.
    """
    count, channels, height, width = images.shape
    levels = (images * 255).round().long().reshape(count * channels, height * width)
    ones = torch.ones_like(levels)
    histogram = torch.zeros(count * channels, 256, dtype=torch.long, device=images.device).scatter_add_(1, levels, ones)
    highest = levels.amax(dim=1, keepdim=True)
    step = (height * width - histogram.gather(1, highest)) // 255
    below = histogram.cumsum(dim=1) - histogram  # how many values are less than each level
    table = ((below + step // 2) // step.clamp(min=1)).clamp(max=255)
    equal = table.gather(1, levels).view_as(images) / 255
    return torch.where((step > 0).view(count, channels, 1, 1), equal, images)
