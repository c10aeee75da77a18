"""Images of any sizes as arrays of one size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, checked
from nas.data.input_spec import InputSpec
from nas.data.preparation.decoding import Fit, Target, decode, read_header
from nas.data.preparation.opened_images import strict_pillow
from nas.data.preparation.raw_images import RawImages
from nas.data.threads import in_threads, processors
from nas.errors import UsageError

LONGEST = 128
"""The longer side of inputs, in pixels, if the training images differ in size and no size is given."""

_AT_ONCE = 64
"""The number of images that a thread decodes at a time."""
_FOR_THREADS = 64 * 64
"""Pixels of an image from which decoding by several threads is faster: smaller ones mostly wait for Python."""


@checked
@dataclass(frozen=True)
class Sizing:
    """What images are brought to.

    Attributes:
        size: `[height, width]` of inputs in pixels; `null`: that of the training images, or if they differ, their
            median height and width, scaled until neither exceeds 128.
        fit: how images of another size are fitted: `resize` stretches them; `crop` scales them until they cover the
            size, and cuts out the middle; `pad` scales them until they fit into it, and fills the rest with black.
        channels: 1 for grey, 3 for colour; `auto`: 1 if all training images are grey, else 3.
    """

    size: tuple[Positive, Positive] | None = None
    fit: Fit = "resize"
    channels: Literal["auto", 1, 3] = "auto"


@checked
@dataclass(frozen=True)
class Images:
    """Decodes images, and brings them to one size, one number of channels and one type.

    Attributes:
        size: height and width of inputs, in pixels.
        channels: 1 or 3.
        deep: whether inputs are float32; otherwise they are uint8.
        fit: how images of another size are fitted, as in `Sizing`.
        heights: the smallest and the largest height of the training images.
        widths: likewise.
    """

    name: ClassVar[str] = "images"

    size: tuple[Positive, Positive]
    channels: Literal[1, 3]
    deep: bool
    fit: Fit
    heights: tuple[Positive, Positive]
    widths: tuple[Positive, Positive]

    @property
    def input(self) -> InputSpec:
        """Images of `(channels, *size)`."""
        return InputSpec("image", (self.channels, *self.size))

    @property
    def fits(self) -> bool:
        """False: size, channels and type, which come from the training images, are those of the data set."""
        return False

    @property
    def dtype(self) -> Literal["uint8", "float32"]:
        """float32 for images of more than 8 bits."""
        return "float32" if self.deep else "uint8"

    def __call__(self, raw: RawImages, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Decodes images into one array, `(N, *input.shape)`. The decoders are described at `decoding.decode`.

        Raises:
            UsageError: an image cannot be decoded.
            StorageError: a file cannot be read.
        """
        target = Target(*self.size, self.channels, self.deep, self.fit)
        images = np.empty((len(raw), *self.input.shape), self.dtype) if out is None else out

        def fill(start: int) -> None:
            for place in range(start, min(start + _AT_ONCE, len(raw))):
                images[place] = decode(raw.items[place], raw.names[place], target)

        large = self.heights[1] * self.widths[1] >= _FOR_THREADS
        with strict_pillow:
            in_threads(fill, range(0, len(raw), _AT_ONCE), threads=processors() if large else 1)
        return images

    def refitted(self, raw: RawImages) -> Self:
        """The same preparation."""
        return self

    @property
    def note(self) -> str:
        """What became of images that differ in size, as a sentence for `Dataset.notes`; empty if they do not."""
        (low, high), (narrow, wide) = self.heights, self.widths
        if (low, narrow) == (high, wide) == self.size:
            return ""
        height, width = self.size
        had = f"{low}×{narrow}" if (low, narrow) == (high, wide) else f"{low} to {high} × {narrow} to {wide}"
        done = {"resize": "stretched", "crop": "scaled and cropped", "pad": "scaled and padded"}[self.fit]
        return f"The training images have {had} pixels (height × width), and all are {done} to {height}×{width}"


def fit_images(raw: RawImages, sizing: Sizing | None = None) -> Images:
    """The preparation that suits training images.

    Args:
        raw: the training images.
        sizing: what they are brought to; None: the defaults.

    Returns:
        A preparation with float32 inputs if an image has more than 8 bits, otherwise with uint8 inputs.

    Raises:
        UsageError: a file is not an image.
        StorageError: a file cannot be read.
    """
    sizing = sizing or Sizing()
    with strict_pillow:
        headers = [read_header(item, name) for item, name in zip(raw.items, raw.names, strict=True)]
    if not headers:
        raise UsageError("train: there are no images")
    heights, widths = [one.height for one in headers], [one.width for one in headers]
    grey = all(one.grey for one in headers)
    return Images(
        sizing.size if sizing.size is not None else _median_size(heights, widths),
        sizing.channels if sizing.channels != "auto" else 1 if grey else 3,
        any(one.deep for one in headers),
        sizing.fit,
        (min(heights), max(heights)),
        (min(widths), max(widths)),
    )


def _median_size(heights: Sequence[int], widths: Sequence[int]) -> tuple[int, int]:
    height, width = float(np.median(heights)), float(np.median(widths))
    differ = min(heights) < max(heights) or min(widths) < max(widths)
    scale = min(1, LONGEST / max(height, width)) if differ else 1
    return max(1, round(scale * height)), max(1, round(scale * width))
