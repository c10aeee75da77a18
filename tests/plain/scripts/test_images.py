"""Images are decoded as Archwright decodes them."""

from itertools import product
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest
from PIL import Image

from nas.data.preparation.decoding import Fit
from nas.data.preparation.images import Images
from tests.plain.executed import check_alike, check_refused, intake_with, script_of

FITS: tuple[Fit, ...] = ("resize", "crop", "pad")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of all modes, sizes and orientations."""
    folder = tmp_path_factory.mktemp("images")
    (folder / "deeper").mkdir()
    rng = np.random.default_rng(0)
    colour = Image.fromarray(rng.integers(0, 256, (11, 6, 4)).astype(np.uint8), "RGBA")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        colour.convert(mode).save(folder / f"{mode}.png")
    colour.convert("P").save(folder / "clear.png", transparency=3)
    Image.fromarray(rng.integers(0, 2**16, (5, 8)).astype(np.uint16)).save(folder / "deep.png")
    Image.fromarray(rng.integers(0, 2**16, (9, 7)).astype(np.uint16)).save(folder / "deeper" / "deep.tif")
    rough = Image.fromarray(rng.integers(0, 256, (90, 121, 3)).astype(np.uint8))
    rough.save(folder / "photo.JPG")
    exif = Image.Exif()
    exif[0x0112] = 6
    rough.save(folder / "deeper" / "turned.jpeg", exif=exif)
    rough.convert("CMYK").save(folder / "print.jpg")
    colour.convert("RGB").save(folder / "lossless.webp", lossless=True)
    (folder / "notes.txt").touch()
    return folder


@pytest.mark.parametrize("fit", FITS)
def test_all_images(fit: Fit, folder: Path) -> None:
    channels: Literal[1, 3]
    for channels, deep in product(get_args(Literal[1, 3]), (False, True)):
        preparation = Images((9, 7), channels, deep, fit, (5, 90), (6, 121))
        found = check_alike(intake_with(preparation), folder)
        assert len(np.unique(found.reshape(len(found), -1), axis=0)) > 8


def test_one_file_and_images_in_memory(folder: Path) -> None:
    intake = intake_with(Images((9, 7), 3, False, "resize", (9, 9), (7, 7)))
    check_alike(intake, folder / "photo.JPG")
    script, record, path = script_of(intake), intake.to_dict(), folder / "RGB.png"
    given = [path, str(path), path.read_bytes(), Image.open(path), np.asarray(Image.open(path))]
    found = script.prepared(script.take(given, record), record)
    assert np.array_equal(found, np.broadcast_to(check_alike(intake, path), found.shape))


def test_others_are_refused(folder: Path, tmp_path: Path) -> None:
    intake = intake_with(Images((9, 7), 3, False, "resize", (9, 9), (7, 7)))
    (tmp_path / "cut.png").write_bytes((folder / "RGB.png").read_bytes()[:-30])
    (tmp_path / "empty.png").touch()
    (tmp_path / "words.jpg").write_text("words")
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "floats.tif")
    for path in sorted(tmp_path.iterdir()):
        assert path.name in check_refused(intake, path)
    (tmp_path / "none").mkdir()
    assert "has no images" in check_refused(intake, tmp_path / "none")
