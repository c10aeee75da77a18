"""Images of files, of bytes and of arrays, opened by Pillow, with errors that name them.

Pillow's limit for the number of pixels stays in force. Only the formats in FORMATS are opened; others are read by
programs that Pillow starts.
"""

import io
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import describe_value
from nas.errors import StorageError, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "PPM", "WEBP")
"""Pillow's names of the formats that are read."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".webp")
"""The ends of the names of files in these formats."""

# What Pillow's decoders raise for damaged files, besides OSError.
_BROKEN = (
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


class _StrictPillow:
    """Filters of warnings are those of the whole process: the first of several threads sets them, and the last one
    resets them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = warnings.catch_warnings()

    def __enter__(self) -> None:
        from PIL import Image

        with self._lock:
            if not self._users:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\b")
                warnings.simplefilter("error", Image.DecompressionBombWarning)
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._before.__exit__(None, None, None)


strict_pillow = _StrictPillow()
"""Within a block of this, Pillow's warning of too many pixels is an error, and its other warnings are not shown."""


@contextmanager
def opened_image(item: Any, name: str) -> Iterator["Image"]:
    """An open image, which is decoded when its pixels are asked for; errors within the block name it.

    Args:
        item: the path of a file, the bytes of one, an image of Pillow or an array.
        name: in errors.

    Raises:
        UsageError: it is not an image in one of FORMATS, is damaged, or has more pixels than Pillow allows.
        StorageError: the file cannot be read.
    """
    from PIL import Image, UnidentifiedImageError

    bombs = Image.DecompressionBombError, Image.DecompressionBombWarning
    try:
        if isinstance(item, Image.Image):
            yield item
        elif isinstance(item, np.ndarray):
            yield _of_array(item, name)
        elif not isinstance(item, bytes | Path):
            what = "a path, bytes, an image of Pillow or an array"
            raise UsageError(f"{name}: expected {what}, got {describe_value(item)}")
        else:
            if isinstance(item, Path):
                _check_file(item, name)
            with Image.open(io.BytesIO(item) if isinstance(item, bytes) else item, formats=FORMATS) as image:
                yield image
    except UsageError:
        raise
    except UnidentifiedImageError as error:
        raise UsageError(f"{name}: this is not an image in one of the formats {', '.join(FORMATS)}") from error
    except bombs as error:
        most = Image.MAX_IMAGE_PIXELS
        raise UsageError(
            f"{name}: the image has more pixels than are decoded ({most:,}, the limit of Pillow)"
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise StorageError(f"{name} cannot be read: {error.strerror or error}") from error
        raise UsageError(f"{name}: the image is damaged: {error}") from error  # by Pillow
    except _BROKEN as error:
        raise UsageError(f"{name}: the image is damaged: {error or type(error).__name__}") from error


def _check_file(path: Path, name: str) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        raise UsageError(f"{name}: this is not a file")
    if not status.st_size:
        raise UsageError(f"{name}: the file is empty")


def _of_array(array: NDArray[Any], name: str) -> "Image":
    from PIL import Image

    if array.dtype == bool:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype.kind == "f" and array.ndim == 2:
        if not np.isfinite(array).all():
            raise UsageError(f"{name}: the image has a value that is not finite")
        array = array.astype(np.float32)
    grey = array.ndim == 2 and array.dtype in (np.uint8, np.uint16, np.float32)
    if not grey and not (array.ndim == 3 and array.shape[2] in (1, 3, 4) and array.dtype == np.uint8):
        raise UsageError(
            f"{name}: expected an array of shape (H, W), uint8, uint16 or float, or (H, W, 1), (H, W, 3) or (H, W, 4), "
            f"uint8, got {array.shape}, {array.dtype}"
        )
    if not array.size:
        raise UsageError(f"{name}: the image has no pixels, its shape is {array.shape}")
    return Image.fromarray(np.ascontiguousarray(array[:, :, 0] if array.shape[2:] == (1,) else array))
