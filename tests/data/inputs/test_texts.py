"""Texts without targets."""

from pathlib import Path

import numpy as np
import pytest

from nas.data import from_texts
from nas.data.intake import Intake
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import FileForm
from nas.errors import UsageError
from tests.data.inputs.collected import Collected, collected


@pytest.fixture(scope="module")
def intake() -> Intake:
    return from_texts(["one two", "two three"] * 10, ["a", "b"] * 10).intake


def _told(found: Collected) -> list[tuple[str, str]]:
    return list(zip(found.names, map(str, np.asarray(found.raw)), strict=True))


def test_lines(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\n  two \r\nNA\n", encoding="utf-8")
    assert _told(collected(intake, tmp_path / "a.txt")) == [("line 1", "one"), ("line 3", "two"), ("line 4", "NA")]
    (tmp_path / "a.txt").write_text("\n \n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"a\.txt has no samples"):
        collected(intake, tmp_path / "a.txt")


def test_a_folder(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, text in (("b/1.txt", "two\nlines"), ("a.txt", "one"), ("c.md", "other")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = collected(intake, tmp_path)
    assert _told(found) == [("a.txt", "one"), ("b/1.txt", "two\nlines")]
    assert found.notes == (f"1 other file is ignored in {tmp_path}: the texts end in .txt",)
    (tmp_path / "d.txt").write_bytes(b"\xff\xff\xff")
    (tmp_path / "e.txt").write_bytes(b" ")
    with pytest.raises(UsageError, match=r"d\.txt"):
        collected(intake, tmp_path)
    found = collected(intake, tmp_path, "skip")
    assert found.names == ["a.txt", "b/1.txt"]
    assert found.notes[1].startswith("2 of 4 samples cannot be read and are left out")


def test_a_table(intake: Intake, tmp_path: Path) -> None:
    """The column is that of the training, or the one with the longest texts."""
    (tmp_path / "a.csv").write_text("n|short|long\n1|a|one two\n2|NA| \n3|b|7\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"a\.csv, line 3: the text in 'long' is empty"):
        collected(intake, tmp_path / "a.csv")
    found = collected(intake, tmp_path / "a.csv", "skip")
    assert _told(found) == [("line 2", "one two"), ("line 4", "7")]
    assert found.notes[0] == "The texts are those of the column 'long', the longest ones of a.csv"
    assert found.notes[1].startswith("1 of 3 samples cannot be read and are left out")
    named = Intake("x", intake.preparation, FileForm(Dialect("|"), "short"))
    assert _told(collected(named, tmp_path / "a.csv")) == [("line 2", "a"), ("line 3", "NA"), ("line 4", "b")]
    with pytest.raises(UsageError, match="lacks the column 'body', which has the texts"):
        collected(Intake("x", intake.preparation, FileForm(text="body")), tmp_path / "a.csv")


def test_strings(intake: Intake) -> None:
    assert _told(collected(intake, ["one", ""])) == [("text 0", "one"), ("text 1", "")]
    with pytest.raises(UsageError, match="text 1: expected a string, got int"):
        collected(intake, ["one", 2])
