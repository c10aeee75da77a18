"""Images of every kind that Pillow writes, decoded one by one."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nas.data.preparation.decoding import Fit, Header, Target, decode, read_header
from nas.data.preparation.opened_images import FORMATS, SUFFIXES, strict_pillow
from nas.errors import UsageError

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (5, 4, 3), dtype=np.uint8)
GREY = RGB[:, :, 0]


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(
    item: Any, channels: int = 3, *, deep: bool = False, size: tuple[int, int] = (5, 4), fit: Fit = "resize"
) -> np.ndarray:
    with strict_pillow:
        return decode(item, "x", Target(*size, channels, deep, fit))


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format(kind: str, tmp_path: Path) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    for pixels, channels in ((RGB, 3), (GREY, 1)):
        data = encoded(Image.fromarray(pixels), kind, **options)
        path = tmp_path / "image"
        path.write_bytes(data)
        expected = pixels.transpose(2, 0, 1) if channels == 3 else pixels[None]
        for item in (data, path):
            found = decoded(item, channels)
            assert (found.dtype.name, found.shape) == ("uint8", expected.shape)
            assert np.abs(found.astype(int) - expected).max() <= (12 if kind == "JPEG" else 0)
            header = read_header(item, "x")
            assert (header.height, header.width, header.deep) == (5, 4, False)
            assert header.grey == (channels == 1) or kind == "WEBP"  # which has no grey images


def test_every_suffix_is_that_of_a_format() -> None:
    Image.init()
    assert {Image.EXTENSION[suffix] for suffix in SUFFIXES} <= set(FORMATS)


def test_modes_of_8_bits_and_fewer() -> None:
    image = Image.fromarray(RGB)
    palette = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    assert np.array_equal(decoded(encoded(palette)), RGB.transpose(2, 0, 1))
    assert not read_header(encoded(palette), "x").grey
    bits = Image.fromarray(GREY > 128)
    assert bits.mode == "1"
    assert np.array_equal(decoded(encoded(bits), 1), (GREY > 128)[None] * 255)
    assert read_header(encoded(bits), "x").grey
    cmyk = encoded(Image.fromarray(np.full((5, 4, 3), 200, np.uint8)).convert("CMYK"), "TIFF")
    assert np.array_equal(decoded(cmyk), np.full((3, 5, 4), 200))
    luma = decoded(encoded(image), 1)
    assert np.abs(luma[0] - RGB @ [0.299, 0.587, 0.114]).max() <= 1
    assert np.array_equal(decoded(encoded(Image.fromarray(GREY))), np.stack([GREY] * 3))


def test_transparent_pixels_are_shown_on_white() -> None:
    alpha = np.where(np.arange(20).reshape(5, 4) % 2, 255, 0).astype(np.uint8)
    seen = np.where(alpha[:, :, None], RGB, 255).transpose(2, 0, 1)
    rgba = np.dstack([RGB, alpha])
    assert np.array_equal(decoded(encoded(Image.fromarray(rgba))), seen)
    assert np.array_equal(decoded(rgba), seen)
    grey = Image.merge("LA", (Image.fromarray(GREY), Image.fromarray(alpha)))
    assert np.array_equal(decoded(encoded(grey), 1), np.where(alpha, GREY, 255)[None])
    assert read_header(encoded(grey), "x").grey
    palette = Image.fromarray(np.zeros((5, 4), np.uint8), "L").convert("P")
    assert (decoded(encoded(palette, transparency=0)) == 255).all()


def test_16_bits_keep_their_precision_in_the_scale_of_8() -> None:
    values = (np.arange(20, dtype=np.uint16) * 3449).reshape(5, 4)
    for data in (encoded(Image.fromarray(values)), encoded(Image.fromarray(values), "TIFF"), _pgm(values)):
        assert read_header(data, "x") == Header(5, 4, grey=True, deep=True)
        assert np.allclose(decoded(data, 1, deep=True), values[None] / 257)
        assert np.array_equal(decoded(data, 1), np.rint(values[None] / 257))  # beside training images of 8 bits
        assert decoded(data, 3, deep=True).shape == (3, 5, 4)
    assert np.array_equal(decoded(encoded(Image.fromarray(GREY)), 1, deep=True), GREY[None].astype(np.float32))


def _pgm(values: np.ndarray) -> bytes:
    height, width = values.shape
    return f"P5 {width} {height} 65535\n".encode() + values.astype(">u2").tobytes()


def test_values_of_32_bits_stay_as_they_are() -> None:
    values = RNG.normal(size=(5, 4)).astype(np.float32) * 1e4
    data = encoded(Image.fromarray(values), "TIFF")
    assert read_header(data, "x").deep
    assert np.array_equal(decoded(data, 1, deep=True), values[None])
    with pytest.raises(UsageError, match="x: the image has values of 32 bits, but the training images have 8 bits"):
        decoded(data, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(orientation: int) -> None:
    turns: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda a: a,
        np.fliplr,
        lambda a: np.rot90(a, 2),
        np.flipud,
        lambda a: a.T,
        lambda a: np.rot90(a, -1),
        lambda a: np.rot90(a, 2).T,
        np.rot90,
    ]
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = turns[orientation - 1](GREY)
    height, width = upright.shape
    for kind in ("PNG", "TIFF"):
        data = encoded(Image.fromarray(GREY), kind, exif=exif)
        assert np.array_equal(decoded(data, 1, size=(height, width))[0], upright)
        assert read_header(data, "x") == Header(height, width, grey=True, deep=False)


def test_sizes_are_fitted_as_asked() -> None:
    bars = np.zeros((10, 40), np.uint8)
    bars[:, 10:30] = 200
    stretched = decoded(bars, 1, size=(10, 10))[0]
    assert (stretched[:, 4:6] == 200).all()
    assert (stretched[:, [0, -1]] == 0).all()
    assert (decoded(bars, 1, size=(10, 10), fit="crop") == 200).all()  # the middle quarter
    padded = decoded(bars + 50, 1, size=(10, 10), fit="pad")[0]
    assert (padded[[0, 1, 2, -3, -2, -1]] == 0).all()
    assert (padded[4:6] >= 50).all()
    deep = decoded(bars.astype(np.float32), 1, deep=True, size=(5, 20), fit="crop")
    assert (deep.dtype.name, deep.shape) == ("float32", (1, 5, 20))
    assert (deep[0, :, 7:13] == 200).all()


def test_large_photographs_are_decoded_at_a_fraction_of_their_size() -> None:
    smooth = np.asarray(Image.fromarray(RGB).resize((640, 480), Image.Resampling.BICUBIC))
    data = encoded(Image.fromarray(smooth), "JPEG", quality=95)
    whole = np.asarray(Image.open(io.BytesIO(data)).resize((32, 24), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    assert np.abs(decoded(data, size=(24, 32)).astype(int) - whole).max() <= 4
    fits: tuple[Fit, ...] = ("crop", "pad")
    for fit in fits:
        assert decoded(data, size=(30, 20), fit=fit).shape == (3, 30, 20)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (GREY, GREY[None]),
        (GREY[:, :, None], GREY[None]),
        (RGB, RGB.transpose(2, 0, 1)),
        (GREY > 9, (GREY > 9)[None] * 255),
        (GREY.astype(np.uint16) * 257, GREY[None]),
        (np.asfortranarray(RGB), RGB.transpose(2, 0, 1)),
    ],
)
def test_arrays(array: np.ndarray, expected: np.ndarray) -> None:
    assert np.array_equal(decoded(array, len(expected)), expected)
    assert np.array_equal(decoded(Image.fromarray(RGB)), RGB.transpose(2, 0, 1))
