"""Data sets from lists of images in Python."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from numpy.typing import ArrayLike

from nas.arguments import Positive, checked, describe_value
from nas.data.dataset import Dataset
from nas.data.preparation.decoding import Fit
from nas.data.preparation.images import Sizing, fit_images
from nas.data.preparation.raw_images import RawImages
from nas.data.sources.files import Found, assemble_files
from nas.data.sources.given import given_parts
from nas.data.sources.images import IMAGES
from nas.data.split import Share, Split
from nas.errors import UsageError
from nas.tasks import AUTO


@checked
def from_images(
    images: Any,
    targets: ArrayLike,
    *,
    val: tuple[Any, ArrayLike] | None = None,
    test: tuple[Any, ArrayLike] | None = None,
    groups: ArrayLike | None = None,
    val_groups: ArrayLike | None = None,
    size: tuple[Positive, Positive] | None = None,
    fit: Fit = "resize",
    channels: Literal["auto", 1, 3] = "auto",
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "images",
    val_share: Share = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from images of any sizes. For arrays of equal shape, channels first, see `from_arrays`.

    Args:
        images: one for each sample: the path of a file, the bytes of one, an image of Pillow, or an array of `(H, W)`
            or `(H, W, C)`: uint8 of 1, 3 or 4 channels, or uint16 or floats of one.
        targets: as in `from_arrays`.
        val: images and targets for validation; None: a fraction `val_share` of the samples is split off.
        test: images and targets for the final test.
        groups: the group of each sample, as in `from_arrays`.
        val_groups: the groups of `val`, if that is given.
        size: height and width of inputs in pixels; None: that of the training images, or if they differ, their median
            height and width, scaled until neither exceeds 128.
        fit: how images of another size are fitted: `resize`, `crop` or `pad`, as in `Sizing`.
        channels: 1 for grey, 3 for colour; `auto`: 1 if all training images are grey, else 3.
        task: the name of the task; `auto`: the targets decide.
        classes: their names, as in `from_arrays`.
        name: for reports.
        val_share: the fraction of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: an image cannot be decoded, or the images and targets do not form a data set; says which.
        StorageError: a file cannot be read.
    """
    parts = given_parts(_raw, (images, targets), val, test, groups, val_groups)
    sizing = Sizing(size, fit, channels)
    fit_sized = partial(fit_images, sizing=sizing)
    split = Split(val_share, None, seed)
    return assemble_files(Found(name, parts, task), IMAGES, fit_sized, sizing, split, classes=classes)


def _raw(part: str, images: Any) -> RawImages:
    if isinstance(images, str | bytes | Path) or not hasattr(images, "__iter__"):
        raise UsageError(f"{part} images: expected a list of images, got {describe_value(images)}")
    items = [Path(image) if isinstance(image, str) else image for image in images]
    if not items:
        raise UsageError(f"{part}: there are no images")
    names = [str(item) if isinstance(item, Path) else f"{part} image {place}" for place, item in enumerate(items)]
    return RawImages.of(items, names)
