"""Pixels as a PNG file (ISO/IEC 15948), which a page can contain."""

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.shown.records import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 3: 2}
"""Samples a pixel to the colour type of the header: grey and RGB."""


def encoded(brightness: NDArray[np.float64]) -> Picture:
    """The picture of brightnesses in [0, 1], `(H, W, 1)`, or `(H, W, 3)` for colours."""
    pixels = np.round(255 * brightness).astype(np.uint8)
    height, width, _ = pixels.shape
    return Picture(base64.b64encode(png(pixels)).decode("ascii"), width, height)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file of pixels `(H, W, C)`, grey with one channel and RGB with three. Equal pixels give equal bytes."""
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    rows: NDArray[Any] = pixels.reshape(height, width * channels)
    unfiltered = np.pad(rows, ((0, 0), (1, 0)))  # each row begins with the number of its filter, 0 for none
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered.tobytes(), 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
