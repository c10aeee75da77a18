"""One image: its header, and its pixels in a given size, decoded by Pillow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nas.data.preparation.opened_images import opened_image
from nas.errors import UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

Fit = Literal["resize", "crop", "pad"]
"""How an image is brought to a size of another shape: stretched, with its middle cut out, or with black edges."""

_ORIENTATION = 0x0112
_TURNED = range(5, 9)
"""The values of the EXIF tag for images that lie on their side."""

_GREY = ("1", "L", "LA", "La", "I", "F")
_SCALE_16 = 257
"""The quotient of the largest values of 16 and of 8 bits."""


@dataclass(frozen=True)
class Header:
    """What a file says of its image.

    Attributes:
        height: in pixels, as it is looked at: after the rotation that a camera recorded.
        width: likewise.
        grey: whether it has one channel.
        deep: whether its values are not those of 8 bits.
    """

    height: int
    width: int
    grey: bool
    deep: bool


@dataclass(frozen=True)
class Target:
    """What an image becomes.

    Attributes:
        height: in pixels.
        width: in pixels.
        channels: 1 or 3.
        deep: whether values are float32 instead of uint8.
        fit: how an image of another size is fitted.
    """

    height: int
    width: int
    channels: int
    deep: bool
    fit: Fit


def read_header(item: Any, name: str) -> Header:
    """The header of an image.

    Raises:
        UsageError: it is not an image in one of FORMATS, is damaged, or has more pixels than Pillow allows.
        StorageError: the file cannot be read.
    """
    with opened_image(item, name) as image:
        width, height = image.size
        if _orientation(image) in _TURNED and image.format != "TIFF":  # of which Pillow gives the final size
            width, height = height, width
        deep = _is_deep(image)
        return Header(height, width, deep or image.mode in _GREY, deep)


def check_image(item: Any, name: str) -> None:
    """Decodes an image, and raises what `read_header` raises if it cannot be decoded as a whole."""
    with opened_image(item, name) as image:
        image.load()


def decode(item: Any, name: str, target: Target) -> NDArray[Any]:
    """The pixels of an image, `(C, H, W)`, uint8 or float32.

    The first image of a file with several is read, and turned upright as its EXIF tag says. Transparent pixels are
    shown on white. Colours become grey as in ITU-R 601-2. Resizing is bilinear with antialiasing. In float32, 8 bits
    have values from 0 to 255, and so have 16 bits (divided by 257); values of 32 bits are not changed.

    Raises:
        UsageError: as `read_header`; or values of 32 bits are to become uint8.
        StorageError: the file cannot be read.
    """
    from PIL import Image

    with opened_image(item, name) as image:
        _draft(image, target)
        if _orientation(image) != 1:
            from PIL import ImageOps

            image = ImageOps.exif_transpose(image)
        scaled = _SCALE_16 if _is_16_bit(image) else 1
        if _is_deep(image):
            if not target.deep and scaled == 1:
                raise UsageError(f"{name}: the image has values of 32 bits, but the training images have 8 bits")
            image = Image.fromarray(np.asarray(image, np.float32) / scaled)
        else:
            image = _plain(image, "L" if target.channels == 1 else "RGB")
        image = _fitted(image, target)
        pixels = np.asarray(image)
    if not target.deep and pixels.dtype != np.uint8:
        pixels = np.rint(pixels).clip(0, 255).astype(np.uint8)
    if pixels.ndim == 3:
        return pixels.transpose(2, 0, 1)
    return np.broadcast_to(pixels, (target.channels, *pixels.shape))


def _orientation(image: "Image") -> int:
    # Pillow decodes a PNG to look for a tag after the pixels, where no camera writes it.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    found = image.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) else 1


def _is_16_bit(image: "Image") -> bool:
    # Pillow reads 16 bits of a PGM, and of some PNG, as 32.
    return image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM"))


def _is_deep(image: "Image") -> bool:
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _plain(image: "Image", mode: str) -> "Image":
    """An image of 8 bits in a mode, `L` or `RGB`."""
    from PIL import Image

    if image.mode == mode and "transparency" not in image.info:
        return image
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)


def _fitted(image: "Image", target: Target) -> "Image":
    from PIL import Image, ImageOps

    size = target.width, target.height
    if image.size == size:
        return image
    if target.fit == "crop":
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    if target.fit == "pad":
        return ImageOps.pad(image, size, Image.Resampling.BILINEAR, color=0)
    return image.resize(size, Image.Resampling.BILINEAR)


def _draft(image: "Image", target: Target) -> None:
    """Lets a JPEG be decoded at a half, a quarter or an eighth of its size, if that is still twice the target."""
    if image.format not in ("JPEG", "MPO"):
        return
    width, height = image.size
    wanted = target.width, target.height
    if _orientation(image) in _TURNED:
        wanted = target.height, target.width
    across, down = (2 * side / own for side, own in zip(wanted, (width, height), strict=True))
    if target.fit != "resize":
        across = down = max(across, down)
    image.draft(image.mode, (max(1, round(across * width)), max(1, round(down * height))))
