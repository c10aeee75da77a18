"""INPUT is an image, or a folder with images: PNG, JPEG, BMP, TIFF, PGM, PPM or WebP."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.inputs.files import files_of
from nas.data.preparation.decoding import Target, decode
from nas.data.preparation.opened_images import SUFFIXES, strict_pillow
from nas.plain.scripts.samples import Record, Samples


def read(path: Path, _record: Record) -> Samples:
    """A file, or all images in a folder. They are decoded when they are prepared."""
    files, names = files_of(path, SUFFIXES, "images")
    return Samples(names, files)


def take(given: Iterable[Any], _record: Record) -> Samples:
    """Images: paths of files, bytes of files, images of Pillow, or arrays (H, W) or (H, W, C)."""
    items = [Path(item) if isinstance(item, str) else item for item in given]
    return Samples(
        [str(item) if isinstance(item, Path) else f"image {place}" for place, item in enumerate(items)], items
    )


def prepared(samples: Samples, record: Record) -> NDArray[Any]:
    """The images as arrays (N, C, H, W)."""
    fields = record["preparation"]["images"]
    height, width = fields["size"]
    target = Target(height, width, fields["channels"], fields["deep"], fields["fit"])
    shape = len(samples.raw), target.channels, height, width
    found: NDArray[Any] = np.empty(shape, np.float32 if target.deep else np.uint8)
    with strict_pillow:
        for place, (name, item) in enumerate(zip(samples.names, samples.raw, strict=True)):
            found[place] = decode(item, str(item) if isinstance(item, Path) else name, target)
    return found


def requires(_fields: Mapping[str, Any]) -> Sequence[str]:
    """The packages that are needed for such a preparation."""
    return ("numpy", "pillow")
