"""Samples come in batches, and have the names of their files."""

from pathlib import Path

from nas.plain.scripts.samples import Samples, file_names


def test_batches() -> None:
    samples = Samples(["a", "b", "c"], [1, 2, 3])
    assert [(one.names, one.raw) for one in samples.batches(2)] == [(["a", "b"], [1, 2]), (["c"], [3])]
    assert [*Samples([], []).batches(2)] == []


def test_names_of_files() -> None:
    folder = Path("photos")
    assert file_names([folder / "a.png", folder / "cats" / "b\udcff.png"], folder) == ["a.png", "cats/b�.png"]
    assert file_names([folder / "a.png"], folder / "a.png") == ["a.png"]
