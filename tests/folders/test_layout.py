"""A layout says which folders are of its kind, and what of a folder is checked how."""

from pathlib import Path

from nas.folders import Check, Layout, Part
from nas.folders.layout import within

LAYOUT = Layout(
    locked="log",
    parts=(
        Part(("log",), "the log", distinctive=True),
        Part(("weights/",), "the weights", "the log"),
        Part(("page.html", "table.csv"), "for people", "the log", Check.NONE),
        Part(("cache/",), "saves time", check=Check.NONE),
        Part(("log.lock",), "the process", check=Check.PROCESS),
    ),
)


def test_a_folder_is_recognised_by_its_distinctive_files(tmp_path: Path) -> None:
    assert not LAYOUT.is_that_of(tmp_path)
    (tmp_path / "page.html").touch()
    assert not LAYOUT.is_that_of(tmp_path)
    (tmp_path / "log").symlink_to(tmp_path / "nowhere")
    assert LAYOUT.is_that_of(tmp_path), "a damaged one too"


def test_names_by_how_they_are_checked(tmp_path: Path) -> None:
    assert LAYOUT.names(Check.PROCESS) == ["log.lock"]
    assert LAYOUT.names(Check.MANIFEST, Check.OWN) == ["log", "weights/"]
    assert LAYOUT.folders == ["weights/", "cache/"]
    assert list(LAYOUT.unchecked(tmp_path)) == ["page.html", "table.csv"]
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "b").touch()
    (tmp_path / "cache" / "a").touch()
    assert list(LAYOUT.unchecked(tmp_path)) == ["page.html", "table.csv", "cache/a", "cache/b"]


def test_what_a_folder_within_contains(tmp_path: Path) -> None:
    assert within(tmp_path, "weights") == []
    (tmp_path / "weights").touch()
    assert within(tmp_path, "weights/") == []
