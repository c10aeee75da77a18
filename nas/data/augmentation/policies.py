"""Policies of the operations of AutoAugment, chosen at random for each image.

RandAugment (Cubuk et al. 2020): RandAugment: Practical Automated Data Augmentation with a Reduced Search Space. Several
operations, one after the other, all of one strength.

TrivialAugment (Müller & Hutter 2021): TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation. One operation
of a random strength, from the wide ranges.

The operations and their ranges are those of the papers, whose operations are Pillow's. A shift is at most the size of
the image, and maps interpolate bilinearly.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from nas.data.augmentation.colours import Colours, equalized, grey, mean_grey, smoothed, stretched
from nas.data.augmentation.draws import as_floats, chosen, for_each
from nas.data.augmentation.geometry import identity, resampled, rotation

STRENGTHS = 30
"""The strongest of the strengths, which are integers from 0."""


class Ranges(NamedTuple):
    """The operations at their full strength.

    Attributes:
        shear: in pixels along one axis for each pixel of the other.
        translate: in pixels; at most `translate_share` of the size.
        translate_share: as a fraction of the size.
        rotate: in radians.
        colour: change of a factor from 1.
        bits: that posterizing removes, of 8.
    """

    shear: float
    translate: float
    translate_share: float
    rotate: float
    colour: float
    bits: int


RAND_AUGMENT = Ranges(0.3, float("inf"), 150 / 331, torch.pi / 6, 0.9, 4)
TRIVIAL_AUGMENT = Ranges(0.99, 32, 1.0, torch.pi * 3 / 4, 0.99, 6)

COUNTED = ("cpu",)
"""Devices on which it costs nothing to ask for which images an operation was chosen."""

Operation = Callable[[Tensor, Tensor, Ranges], Tensor]
"""Takes images and the strength of each, `(N,)`, as a fraction of the ranges."""


def rand_augment(batch: Tensor, operations: int, magnitude: int, colours: Colours, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each after several random operations, in float32.

    Args:
        batch: the images.
        operations: how many there are, one after the other; one may come again.
        magnitude: their strength, from 0 to 30.
        colours: the values of black and white.
        generator: of the choices and the signs.
    """
    strength = torch.full((len(batch),), magnitude / STRENGTHS, device=batch.device)
    images = as_floats(batch)
    for _ in range(operations):
        images = changed(images, _one_each(batch, generator), strength, RAND_AUGMENT, colours, generator)
    return images


def trivial_augment(batch: Tensor, colours: Colours, generator: Generator) -> Tensor:
    """Images `(N, C, H, W)`, each after a random operation of a random strength, in float32."""
    which = _one_each(batch, generator)
    strength = torch.randint(0, STRENGTHS + 1, (len(batch),), device=batch.device, generator=generator) / STRENGTHS
    return changed(as_floats(batch), which, strength, TRIVIAL_AUGMENT, colours, generator)


def _one_each(batch: Tensor, generator: Generator) -> Tensor:
    return torch.randint(0, len(OPERATIONS), (len(batch),), device=batch.device, generator=generator)


def changed(
    images: Tensor, which: Tensor, strength: Tensor, ranges: Ranges, colours: Colours, generator: Generator
) -> Tensor:
    """Images, each changed by one operation.

    On the CPU, an operation is computed for the images for which it was chosen. On CUDA, it is computed for all,
    because their number is not known without waiting for the device.

    Args:
        images: `(N, C, H, W)` in float32.
        which: `(N,)`, places in `OPERATIONS`.
        strength: `(N,)`, as fractions of the ranges.
        ranges: the operations at full strength.
        colours: the values of black and white.
        generator: of the signs, for the operations that have two directions.
    """
    one_way = which >= OPERATIONS.index(ONE_WAY[0])
    amount = torch.where(chosen(images, 0.5, generator) | one_way, strength, -strength)
    by_place = _grouped if images.device.type in COUNTED else _selected
    return by_place(images, which, amount, ranges, colours)


def _selected(images: Tensor, which: Tensor, amount: Tensor, ranges: Ranges, colours: Colours) -> Tensor:
    """Each operation for all images, of which those take the result for which it was chosen."""
    maps, unit = identity(images), colours.unit(images)
    shaded = unit
    for place, name in enumerate(OPERATIONS):
        if name in MAPS:
            maps = torch.where(for_each(which == place, maps), MAPS[name](images, amount, ranges), maps)
        elif name in SHADES:
            shaded = torch.where(for_each(which == place, unit), SHADES[name](unit, amount, ranges), shaded)
    there = for_each(which, images)
    found = torch.where(there <= len(MAPS), resampled(images, maps), colours.scaled(shaded))
    return torch.where(there == 0, images, found)


def _grouped(images: Tensor, which: Tensor, amount: Tensor, ranges: Ranges, colours: Colours) -> Tensor:
    """Each operation for the images for which it was chosen, in groups one after the other."""
    order = which.argsort()
    counts = which.bincount(minlength=len(OPERATIONS)).tolist()
    moves, shades = counts[1 : 1 + len(MAPS)], counts[1 + len(MAPS) :]
    same, moving, shading = torch.split(images[order], [counts[0], sum(moves), sum(shades)])
    _, moved_by, shaded_by = torch.split(amount[order], [counts[0], sum(moves), sum(shades)])
    parts = [same]
    if len(moving):
        maps = _each(MAPS.values(), moving, moved_by, moves, ranges)
        parts.append(resampled(moving, maps))
    if len(shading):
        parts.append(colours.scaled(_each(SHADES.values(), colours.unit(shading), shaded_by, shades, ranges)))
    return torch.cat(parts)[order.argsort()]


def _each(operations: Iterable[Operation], images: Tensor, amount: Tensor, counts: list[int], ranges: Ranges) -> Tensor:
    """The results of operations, each of the next `counts` of the images."""
    groups = zip(operations, torch.split(images, counts), torch.split(amount, counts), strict=True)
    return torch.cat([operate(group, own, ranges) for operate, group, own in groups if len(group)])


def _shear_x(images: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
    """The upper left corner stays where it is, as in the paper."""
    maps = identity(images)
    maps[:, 0, 1] = maps[:, 0, 2] = strength * (ranges.shear * images.shape[-2] / images.shape[-1])
    return maps


def _shear_y(images: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
    maps = identity(images)
    maps[:, 1, 0] = maps[:, 1, 2] = strength * (ranges.shear * images.shape[-1] / images.shape[-2])
    return maps


def _translate(axis: int) -> Operation:
    def translate(images: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
        maps = identity(images)
        maps[:, axis, 2] = 2 * strength * min(ranges.translate / images.shape[-1 - axis], ranges.translate_share)
        return maps

    return translate


def _rotate(images: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
    return rotation(images, strength * ranges.rotate)


def _away_from(degenerate: Callable[[Tensor], Tensor]) -> Operation:
    """Images mixed with a degenerate image (weight below 0: moved away from it)."""

    def enhance(unit: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
        other = degenerate(unit)
        return (other + (1 + ranges.colour * for_each(strength, unit)) * (unit - other)).clamp(0, 1)

    return enhance


def _posterize(unit: Tensor, strength: Tensor, ranges: Ranges) -> Tensor:
    step = 2 ** for_each((ranges.bits * strength).round(), unit)
    return ((unit * 255).round() / step).floor() * step / 255


def _solarize(unit: Tensor, strength: Tensor, _ranges: Ranges) -> Tensor:
    return torch.where(unit < for_each(1 - strength, unit), unit, 1 - unit)


def _whole(change: Callable[[Tensor], Tensor]) -> Operation:
    """An operation of one strength."""

    def whole(unit: Tensor, _strength: Tensor, _ranges: Ranges) -> Tensor:
        return change(unit)

    return whole


MAPS: Mapping[str, Operation] = MappingProxyType(
    {
        "shear_x": _shear_x,
        "shear_y": _shear_y,
        "translate_x": _translate(0),
        "translate_y": _translate(1),
        "rotate": _rotate,
    }
)
"""Operations that move values: they return the map of each image (`nas.data.augmentation.geometry.identity`)."""

SHADES: Mapping[str, Operation] = MappingProxyType(
    {
        "brightness": _away_from(torch.zeros_like),
        "contrast": _away_from(mean_grey),
        "saturation": _away_from(grey),
        "sharpness": _away_from(smoothed),
        "posterize": _posterize,
        "solarize": _solarize,
        "auto_contrast": _whole(stretched),
        "equalize": _whole(equalized),
    }
)
"""Operations that change values: they take and return images in [0, 1]."""

OPERATIONS = ("identity", *MAPS, *SHADES)
"""The 14 operations of both papers. Their places say of which kind they are."""

ONE_WAY = ("posterize", "solarize", "auto_contrast", "equalize")
"""Operations without a direction; the last ones."""
