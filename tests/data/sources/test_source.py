"""Recognition of files by their names."""

from pathlib import Path

from nas.data.sources.source import by_suffix


def test_files_are_recognised_by_the_ends_of_their_names(tmp_path: Path) -> None:
    recognise = by_suffix(".csv", ".csv.gz")
    for name, expected in (("a.csv", "its name ends in .csv"), ("A.CSV.GZ", "its name ends in .csv.gz"), ("csv", None)):
        (tmp_path / name).touch()
        assert recognise(tmp_path / name) == expected
    (tmp_path / "b.csv").mkdir()
    assert recognise(tmp_path / "b.csv") is None
