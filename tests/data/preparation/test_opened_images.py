"""Images that cannot be opened or decoded, and the filters of warnings of Pillow."""

import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data.preparation.decoding import check_image, read_header
from nas.data.preparation.opened_images import FORMATS, strict_pillow
from nas.errors import StorageError, UsageError
from tests.data.preparation.test_decoding import decoded, encoded

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (5, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize("array", [np.zeros((2, 2), int), np.zeros((3, 5, 5), np.uint8), np.zeros(3), RGB * 1.0])
def test_arrays_that_are_no_images(array: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"x: expected an array of shape \(H, W\), uint8, uint16 or float, or"):
        decoded(array)
    with pytest.raises(UsageError, match="x: the image has a value that is not finite"):
        decoded(np.full((5, 4), np.nan))
    with pytest.raises(UsageError, match=r"x: the image has no pixels, its shape is \(0, 4\)"):
        decoded(np.zeros((0, 4), np.uint8))


def test_files_that_are_no_images(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for content, message in (
        (b"", "a.png: the file is empty"),
        (b"some text", "a.png: this is not an image in one of the formats PNG, JPEG, BMP, TIFF, PPM, WEBP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "this is not an image in one of"),
        (b"GIF89a" + bytes(20), "this is not an image in one of"),
    ):
        path.write_bytes(content)
        for read in (read_header, check_image):
            with strict_pillow, pytest.raises(UsageError, match=message):
                read(path, "a.png")
    with pytest.raises(StorageError, match=r"none\.png cannot be read: No such file"):
        read_header(tmp_path / "none.png", "none.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UsageError, match=r"pipe\.png: this is not a file"):
        read_header(tmp_path / "pipe.png", "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    with pytest.raises(StorageError, match=r"loop\.png cannot be read: Too many levels of symbolic links"):
        read_header(tmp_path / "loop.png", "loop.png")


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_are_errors_that_name_them(kind: str) -> None:
    """Cut off anywhere, or with a byte changed: it is an image of the right size, or an error of ours."""
    noise = RNG.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    messages = []
    for place in range(0, len(data), max(1, len(data) // 60)):
        changed = data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :]
        for item in (data[:place], changed):
            try:
                found = decoded(item, size=(8, 8))
            except (UsageError, StorageError) as error:
                messages.append(str(error))
            else:
                assert found.shape == (3, 8, 8)
    assert len(messages) >= 20
    assert all(message.startswith("x") for message in messages)
    with strict_pillow, pytest.raises(UsageError, match="x: the image is damaged"):
        check_image(data[: len(data) * 2 // 3], "x")


def test_filters_of_warnings_are_those_of_before() -> None:
    before = list(warnings.filters)
    with strict_pillow, strict_pillow:
        assert warnings.filters != before
    assert warnings.filters == before


def test_decompression_bombs() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    for side in (12_000, 60_000):  # above Pillow's warning, and above its error
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
        for read in (read_header, check_image):
            with strict_pillow, pytest.raises(UsageError, match=r"x: the image has more pixels than are decoded"):
                read(bomb, "x")
