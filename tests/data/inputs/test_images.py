"""Images without targets."""

import io
from pathlib import Path

import numpy as np

from nas.data.intake import Intake
from nas.data.preparation.images import Images
from nas.data.reading.form import PLAIN
from tests.data.inputs.collected import collected

INTAKE = Intake("photos", Images((2, 2), 1, False, "resize", (2, 2), (2, 2)), PLAIN)


def test_a_file_a_folder_a_list_and_lines_are_prepared_alike(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    paths = [tmp_path / "a.png", tmp_path / "b" / "c.png"]
    paths[1].parent.mkdir()
    for path, one in zip(paths, pixels, strict=True):
        Image.fromarray(one).save(path)
    lines = io.BytesIO(f"{paths[0]}\n\n  {paths[1]}\r\n".encode())
    for given in (tmp_path, [str(paths[0]), pixels[1]], paths, lines, [paths[0], paths[1].parent]):
        found = collected(INTAKE, given)
        assert np.array_equal(INTAKE.preparation(found.raw)[:, 0], pixels)
    assert found.names == [str(paths[0]), str(paths[1])]
    file = collected(INTAKE, paths[1])
    assert (file.names, INTAKE.preparation(file.raw)[0, 0].tolist()) == (["c.png"], pixels[1].tolist())
