"""Images and sounds without targets: files, folders, and lists."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nas.data import from_images, from_sounds
from nas.data.inputs.files import files_of, within
from nas.errors import StorageError, UsageError
from tests.data.inputs.collected import collected
from tests.data.sounds import write_tone

LABELS = ["a", "b"] * 5


def test_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b" / ".hidden").mkdir(parents=True)
    for name in ("b/1.png", "b/0.PNG", "a.png", "b/.hidden/x.png", "notes.txt", "more.md"):
        (tmp_path / name).touch()
    notes: list[str] = []
    files, names = files_of(tmp_path, (".png",), "images", notes.append)
    assert names == ["a.png", "b/0.PNG", "b/1.png"]
    assert [file.name for file in files] == ["a.png", "0.PNG", "1.png"]
    assert notes == [f"2 other files are ignored in {tmp_path}: the images end in .png"]
    assert files_of(tmp_path, (".png",), "images") == (files, names)
    assert files_of(tmp_path / "a.png", (".jpg",), "images", notes.append) == ([tmp_path / "a.png"], ["a.png"])
    odd = tmp_path / "b" / "\udcff.png"
    odd.touch()
    assert files_of(tmp_path, (".png",), "images", notes.append)[1][-1] == "b/\ufffd.png"
    odd.unlink()
    with pytest.raises(UsageError, match=r"has no sounds \(\.wav\)"):
        files_of(tmp_path, (".wav",), "sounds", notes.append)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="loop is a link to a folder that contains it"):
        files_of(tmp_path, (".png",), "images", notes.append)


def test_names_of_several_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert within(tmp_path, "b/c.png") == f"{tmp_path}/b/c.png"
    assert within(tmp_path / "a.png", "a.png") == f"{tmp_path}/a.png"
    assert within(tmp_path / "a.png", "line 1") == f"{tmp_path}/a.png, line 1"
    assert within(Path("\udcff.csv"), "line 1") == "\ufffd.csv, line 1"


def test_images(tmp_path: Path) -> None:
    intake = from_images([np.zeros((3, 3), np.uint8)] * 10, LABELS).intake
    Image.fromarray(np.full((3, 3), 7, np.uint8)).save(tmp_path / "a.png")
    for given, names in (
        (tmp_path / "a.png", ["a.png"]),
        (tmp_path, ["a.png"]),
        ([str(tmp_path / "a.png"), np.zeros((3, 3), np.uint8)], [str(tmp_path / "a.png"), "image 1"]),
    ):
        found = collected(intake, given)
        assert found.names == names
        assert intake.preparation(found.raw)[0].max() == 7


def test_sounds(tmp_path: Path) -> None:
    clips = [np.linspace(0, 1, 800)] * 10
    intake = from_sounds(clips, LABELS, rate=8000).intake
    write_tone(tmp_path / "a" / "b.wav", 300)
    assert collected(intake, tmp_path).names == ["a/b.wav"]
    found = collected(intake, clips[:2])
    assert found.names == ["sound 0", "sound 1"]
    assert intake.preparation(found.raw).shape == (2, 1, 800)
    with pytest.raises(UsageError, match="expected paths of sounds, or samples of sounds, got both"):
        collected(intake, [tmp_path / "a" / "b.wav", clips[0]])
    with pytest.raises(StorageError, match=r"none\.wav cannot be read"):
        intake.preparation(collected(intake, ["none.wav"]).raw)
