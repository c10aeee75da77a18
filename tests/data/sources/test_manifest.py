"""Tables that list files."""

from pathlib import Path

import pytest

from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.manifest import lists_files, read_manifest
from nas.errors import UsageError

SUFFIXES = (".wav", ".flac")


def _written(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_listed_with_what_is_said_of_them(tmp_path: Path) -> None:
    path = _written(tmp_path, "n,file,kind,split\n1,a/1.WAV,x,train\n2,2.flac,y,test\n3,./b/../3.wav,x,train\n")
    found = read_manifest(path, SUFFIXES, roles=Roles("kind", part="split"), skipping=Skipping())
    assert found.files == (tmp_path / "a" / "1.WAV", tmp_path / "2.flac", tmp_path / "3.wav")
    assert found.rows.targets.tolist() == ["x", "y", "x"]
    assert found.rows.parts is not None
    assert found.rows.parts.tolist() == ["train", "test", "train"]
    assert lists_files(path, SUFFIXES)
    assert not lists_files(path, (".png",))
    last = read_manifest(
        _written(tmp_path, "kind,file\nx,1.wav\ny,2.wav\n"), SUFFIXES, roles=Roles(), skipping=Skipping()
    )
    assert last.rows.target_names == ("kind",)
    assert last.rows.notes[-1] == "The target is the last column, 'kind'; `target:` names another"


def test_paths_do_not_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    for cell in ("../1.wav", "a/../../1.wav", "/etc/1.wav", f"{tmp_path}/lists2/1.wav"):
        path = _written(tmp_path / "lists", f"file,kind\n2.wav,x\n{cell},y\n")
        with pytest.raises(
            UsageError, match=r"list\.csv, line 3: the path '.*1\.wav' leads out of the folder .*lists;"
        ):
            read_manifest(path, SUFFIXES, roles=Roles(), skipping=Skipping())
    path = _written(tmp_path / "lists", f"file,kind\n2.wav,x\n{tmp_path}/1.wav,y\n")
    found = read_manifest(path, SUFFIXES, folder=tmp_path, roles=Roles(), skipping=Skipping())
    assert found.files == (tmp_path / "2.wav", tmp_path / "1.wav")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "file,kind\n1.png,x\n",
            "has no column of paths that end in .wav, .flac; `path_column` names it; it has file, kind",
        ),
        ("file,kind\n", "list.csv has no rows"),
    ],
)
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_manifest(_written(tmp_path, text), SUFFIXES, roles=Roles(), skipping=Skipping())
    assert str(caught.value).endswith(message)


def test_other_files_list_none(tmp_path: Path) -> None:
    assert not lists_files(_written(tmp_path, "a,b\n1.wave,2\n"), SUFFIXES)
    assert not lists_files(_written(tmp_path, "file,b\n"), SUFFIXES)
    assert lists_files(_written(tmp_path, 'b;file\n1;"x y.wav"\n2;z.FLAC'), SUFFIXES)
    assert not lists_files(tmp_path / "none.csv", SUFFIXES)
    (tmp_path / "x.wav").write_text("a\n1.wav\n", encoding="utf-8")
    assert not lists_files(tmp_path / "x.wav", SUFFIXES)
