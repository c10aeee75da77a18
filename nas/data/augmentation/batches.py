"""Augmentation of batches: what is set, in one order."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from nas.data.augmentation.colours import Colours, jitter
from nas.data.augmentation.erasing import cutout, erase
from nas.data.augmentation.geometry import crop_and_rotate
from nas.data.augmentation.mixing import Partners, mixed
from nas.data.augmentation.moves import flip, shift
from nas.data.augmentation.policies import rand_augment, trivial_augment
from nas.data.augmentation.signals import gain, noise, own_std, speed, time_mask
from nas.data.augmentation.suited import check_augment
from nas.data.augmentation.tables import number_noise, swap
from nas.data.augmentation.tokens import token_dropout
from nas.data.input_spec import InputSpec
from nas.ops import Augment

Change = Callable[[Tensor, Generator], Tensor]
"""Changes each sample of a batch by itself."""


MOST = 1024
"""Training samples of which the smallest and the largest value are taken."""


class Known(NamedTuple):
    """What augmentation knows of the training inputs; tensors in float32 on their device.

    Attributes:
        mean, std: per channel or feature, `(C, 1, ...)`.
        colours: the smallest and the largest value, of up to `MOST` samples.
    """

    mean: Tensor
    std: Tensor
    colours: Colours


def known_of(
    mean: NDArray[Any], std: NDArray[Any], samples: Tensor | None = None, *, device: torch.device | str = "cpu"
) -> Known:
    """What is known of training inputs.

    Args:
        mean, std: of the inputs, as those of a `Dataset`.
        samples: `(N, *shape)`, some of the inputs; None: no setting is `coloured`, and colours are NaN.
        device: of the batches.
    """
    least, greatest = (torch.full((), torch.nan),) * 2 if samples is None else samples.aminmax()
    colours = Colours(least.float().to(device), greatest.float().to(device))
    return Known(torch.from_numpy(mean).to(device), torch.from_numpy(std).to(device), colours)


def spread(count: int) -> slice:
    """Up to `MOST` of so many samples, evenly spaced."""
    return slice(None, None, max(1, -(-count // MOST)))


class Augmented(NamedTuple):
    """An augmented batch.

    Attributes:
        inputs: `(N, *shape)`, in the type of the batch, or in float32 where values were computed.
        partners: what each sample was mixed with; None: samples are not mixed.
    """

    inputs: Tensor
    partners: Partners | None = None


class Augmentation:
    """Augments batches of a data set, whole ones at once, and never waits for their device.

    Args:
        augment: the settings.
        input: what the inputs are.
        known: what is known of the training inputs.

    Raises:
        UsageError: the settings do not suit the inputs.
    """

    def __init__(self, augment: Augment, input: InputSpec, known: Known) -> None:
        check_augment(augment, input)
        self._augment = augment
        self._changes = tuple(_changes(augment, input, known))

    def __call__(self, batch: Tensor, generator: Generator) -> Augmented:
        """The batch `(N, *shape)` with random changes of each sample. The given batch stays as it is."""
        for change in self._changes:
            batch = change(batch, generator)
        augment = self._augment
        if not augment.mixes:
            return Augmented(batch)
        return Augmented(*mixed(batch, augment.mixup, augment.cutmix, generator))


def _changes(augment: Augment, input: InputSpec, known: Known) -> Iterator[Change]:
    """What is set, in the order of application: moves of values first, as these keep uint8."""
    if augment.flip:
        yield flip
    if augment.shift:
        yield lambda batch, generator: shift(batch, augment.shift, generator)
    if augment.crop < 1 or augment.rotate:
        yield lambda batch, generator: crop_and_rotate(batch, augment.crop, augment.rotate, generator)
    if augment.policy == "rand_augment":
        yield lambda batch, generator: rand_augment(
            batch, augment.operations, augment.magnitude, known.colours, generator
        )
    if augment.policy == "trivial_augment":
        yield lambda batch, generator: trivial_augment(batch, known.colours, generator)
    if augment.brightness or augment.contrast or augment.saturation:
        yield lambda batch, generator: jitter(
            batch,
            generator,
            brightness=augment.brightness,
            contrast=augment.contrast,
            saturation=augment.saturation,
            colours=known.colours,
        )
    if augment.speed:
        yield lambda batch, generator: speed(batch, augment.speed, generator)
    if augment.noise and input.modality == "table":
        numbers = input.shape[0] - len(input.categories)
        yield lambda batch, generator: number_noise(batch, augment.noise, known.std, numbers, generator)
    elif augment.noise:
        own = input.modality in ("sound", "series")
        yield lambda batch, generator: noise(batch, augment.noise, own_std(batch) if own else known.std, generator)
    if augment.gain:
        yield lambda batch, generator: gain(batch, augment.gain, generator)
    if augment.swap:
        yield lambda batch, generator: swap(batch, augment.swap, generator)
    if augment.token_dropout:
        yield lambda batch, generator: token_dropout(batch, augment.token_dropout, generator)
    if augment.cutout:
        yield lambda batch, generator: cutout(batch, augment.cutout, known.mean, generator)
    if augment.erase:
        yield lambda batch, generator: erase(batch, augment.erase, known.mean, generator)
    if augment.time_mask:
        yield lambda batch, generator: time_mask(batch, augment.time_mask, known.mean, generator)
