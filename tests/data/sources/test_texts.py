"""Texts in tables and in folders."""

import gzip
from pathlib import Path

import numpy as np
import pytest

import nas
from nas.data import Dataset, load_data
from nas.data.preparation.texts import Texts
from nas.data.preparation.tokens import Words
from nas.data.sources.texts import recognise_texts, texts
from nas.errors import UsageError

WORDS = ("awful", "dull", "fine", "great")


def sentence(number: int) -> str:
    return f"the film {number} was, all in all, {WORDS[number % 4]}"


def rows(count: int = 40) -> list[tuple[str, str]]:
    return [("good" if number % 4 > 1 else "bad", sentence(number)) for number in range(count)]


def write(path: Path, header: str, lines: list[str]) -> Path:
    content = "\n".join([header, *lines, ""])
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def read(data: Dataset, part: str = "train") -> list[tuple[str, str]]:
    """The label and the last word of the texts of a part."""
    assert isinstance(data.preparation, Texts)
    assert isinstance(data.preparation.tokens, Words)
    known = ("", "?", *data.preparation.tokens.known)
    samples = getattr(data, part)
    return [
        (data.outputs[label], known[int(numbers[numbers > 0][-1])])
        for numbers, label in zip(samples.inputs, samples.targets, strict=True)
    ]


def test_a_table_is_recognised_and_read(tmp_path: Path) -> None:
    path = write(tmp_path / "films.tsv.gz", "label\ttext", [f"{label}\t{text}" for label, text in rows()])
    data = load_data("auto", path=path)
    assert (data.name, data.outputs, data.input.modality, data.shape) == ("films", ("bad", "good"), "text", (10,))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (25, 7, 8)
    for part in ("train", "val", "test"):
        assert all((label == "good") == (word in WORDS[2:]) for label, word in read(data, part))
    assert data.notes == (
        "films.tsv.gz is read as `texts`, because its column 'text' has texts, and the others are labels",
        "The texts are those of the column 'text', the longest ones of films.tsv.gz",
        "The target is the last column, 'label'; `target:` names another",
        data.preparation.note,  # type: ignore[union-attr]
    )


def test_columns_have_roles_and_unused_ones_are_said(tmp_path: Path) -> None:
    parts = ["train", "dev", "test", "train"]
    lines = [f'{parts[n // 2 % 4]},"{text}",{label},x{n % 3},{n // 2}' for n, (label, text) in enumerate(rows(48))]
    path = write(tmp_path / "films.csv", "part,text,label,genre,author", lines)
    data = texts(path=path, roles=nas.data.roles.Roles(target="label", part="part", group="author"))
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test)) == (24, 12, 12)
    assert data.groups is not None
    assert len(np.unique(data.groups)) == 18
    assert "Columns of films.csv that are not used: 'genre'" in data.notes
    assert "the vocabulary has" in data.notes[-1]


def test_a_column_of_parts_is_recognised(tmp_path: Path) -> None:
    lines = [f"{('train', 'test')[n % 2]}\t{label}\t{text}" for n, (label, text) in enumerate(rows())]
    data = load_data("auto", path=write(tmp_path / "films.tsv", "split\tlabel\ttext", lines))
    assert "Column 'split' has the part of each row" in data.notes
    assert data.test is not None
    assert len(data.test) == 20


def test_texts_that_look_like_numbers_or_gaps_are_texts(tmp_path: Path) -> None:
    cells = ["NA", "2024", "null", "1.5", "2024-01-01", "a word"] * 4
    lines = [f"{cell};{n % 2}" for n, cell in enumerate(cells)]
    path = write(tmp_path / "short.csv", "text;y", lines)
    for data in (
        load_data("texts", path=path, min_count=1, lower=False),
        load_data("texts", path=path, min_count=1, lower=False, text="text", target="y"),
    ):
        assert isinstance(data.preparation, Texts)
        assert isinstance(data.preparation.tokens, Words)
        assert {"NA", "2024", "null", "1", "01", "word"} <= {*data.preparation.tokens.known}


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    for part, count in (("train", 12), ("test", 4)):
        for number in range(count):
            label, text = rows()[number]
            file = tmp_path / "films" / part / label / f"{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    data = load_data("auto", path=tmp_path / "films", val_share=0.25)
    assert data.test is not None
    assert (len(data.train), len(data.val), len(data.test), data.outputs) == (9, 3, 4, ("bad", "good"))
    assert data.notes[0] == "films is read as `texts`, because it has a folder of .txt files for each class"
    bad = tmp_path / "films" / "train" / "bad" / "4.txt"
    bad.write_bytes(b"caf\xe9 au lait")
    with pytest.raises(UsageError, match=r"4\.txt, line 1: byte 3 \(0xe9\) is not UTF-8; `encoding:` names the one"):
        texts(path=tmp_path / "films")
    assert len(load_data("texts", path=tmp_path / "films", encoding="latin-1", val_share=0.25).train) == 9
    bad.write_text(" \n")
    with pytest.raises(UsageError, match=r"4\.txt: the text is empty"):
        texts(path=tmp_path / "films")
    data = load_data("texts", path=tmp_path / "films", on_error="skip", skip_share=0.1, val_share=0.25)
    assert len(data.train) + len(data.val) == 11
    assert "1 of 16 texts cannot be read and are left out" in data.notes[0]
    with pytest.raises(UsageError, match="is a folder, and the roles of columns are those of a table"):
        load_data("texts", path=tmp_path / "films", target="label")


def test_empty_texts_and_wrong_bytes_of_a_table_are_named(tmp_path: Path) -> None:
    lines = [f"{label}\t{text}" for label, text in rows()]
    path = write(tmp_path / "films.tsv", "label\ttext", [*lines[:3], "good\t ", *lines[3:]])
    with pytest.raises(UsageError, match=r"films\.tsv, line 5: the text in 'text' is empty"):
        texts(path=path)
    data = load_data("texts", path=path, on_error="skip", skip_share=0.03)
    assert any("1 of 41 texts of films.tsv cannot be read and are left out" in note for note in data.notes)
    path.write_bytes(b"label\ttext\ngood\ta fine film\nbad\tcaf\xe9 au lait is dull\n")
    with pytest.raises(UsageError, match=r"films\.tsv, line 3: byte 35 \(0xe9\) is not UTF-8"):
        texts(path=path)
    with pytest.raises(UsageError, match="there is no such file"):
        texts(path=tmp_path / "none.csv")
    numbers = write(tmp_path / "numbers.csv", "a,b", ["1,2", "3,4"])
    with pytest.raises(UsageError, match=r"numbers\.csv has no column of texts; it has a, b"):
        texts(path=numbers)


LONG = "one of those films that nobody needs"


@pytest.mark.parametrize(
    ("name", "header", "lines", "is_text"),
    [
        ("two.csv", "text,label", [f"{LONG} {n},{n % 2}" for n in range(5)], True),
        ("parts.tsv", "split\tkind\ttext", [f"train\ta{n % 2}\t{LONG} {n}" for n in range(5)], True),
        ("price.csv", "text,price", [f"{LONG} {n},{n}.5" for n in range(5)], True),
        ("prices.csv", "text,price,size", [f"{LONG} {n},{n}.5,1" for n in range(5)], False),
        ("repeated.csv", "text,label", [f"{LONG},{n % 2}" for n in range(5)], False),
        ("two_texts.csv", "text,other,label", [f"{LONG} {n},{n} {LONG},1" for n in range(5)], False),
        ("wide.csv", "text,a,b,c,d", [f"{LONG} {n},1,2,3,4" for n in range(5)], False),
        ("names.csv", "name,label", [f"Ann Other {n},1" for n in range(5)], False),
        ("alone.csv", "text", [f"{LONG} {n}" for n in range(5)], False),
        ("empty.csv", "text,label", [], False),
        ("other.json", "text,label", [f"{LONG} {n},1" for n in range(5)], False),
    ],
)
def test_tables_that_are_texts(tmp_path: Path, name: str, header: str, lines: list[str], is_text: bool) -> None:
    assert (recognise_texts(write(tmp_path / name, header, lines)) is not None) == is_text


def test_what_cannot_be_read_is_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "bad.csv.gz").write_bytes(b"no gzip")
    (tmp_path / "bad.csv").write_bytes(b"a,b\xff\n")
    for name in ("bad.csv.gz", "bad.csv", "none.csv"):
        assert recognise_texts(tmp_path / name) is None
    assert recognise_texts(tmp_path) is None
