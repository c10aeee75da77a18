"""Images without targets."""

from pathlib import Path

import numpy as np

from nas.data.inputs.images import read_images, take_images
from nas.data.intake import Intake
from nas.data.preparation.images import Images
from nas.data.reading.form import PLAIN
from nas.data.skipping import Skipping

INTAKE = Intake("photos", Images((2, 2), 1, False, "resize", (2, 2), (2, 2)), PLAIN)


def test_a_file_a_folder_and_a_list_are_prepared_alike(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    paths = [tmp_path / "a.png", tmp_path / "b" / "c.png"]
    paths[1].parent.mkdir()
    for path, one in zip(paths, pixels, strict=True):
        Image.fromarray(one).save(path)
    folder = read_images(INTAKE, tmp_path, Skipping())
    file = read_images(INTAKE, paths[1], Skipping())
    given = take_images(INTAKE, [str(paths[0]), pixels[1]])
    assert len(folder) == len(given) == 2
    assert len(file) == 1
    for named in (folder, given):
        assert np.array_equal(INTAKE.preparation(named.raw)[:, 0], pixels)
    assert np.array_equal(INTAKE.preparation(file.raw)[0, 0], pixels[1])
