"""Texts are read and cut into tokens as Archwright does it."""

import gzip
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from nas.data.intake import Intake
from nas.data.preparation.texts import Tokenizing, fit_texts
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import PLAIN, FileForm
from tests.plain.executed import check_alike, check_refused, intake_with, script_of

TEXTS = [
    "Plain words, and 12 more words.",
    "It’s “naïve”: ÜBERGRÖSSE İstanbul ½ \N{GRINNING FACE}\N{ZERO WIDTH JOINER} don't",
    "日本語のテキスト\u3000and\u00a0spaces\ttab",
    "e\N{COMBINING ACUTE ACCENT} \N{ARABIC-INDIC DIGIT THREE} x_1 __ --",
    "long " * 200,
    "?",
]


def texts(
    tokens: Literal["words", "bytes", "bpe"],
    pad: Literal["right", "left"] = "right",
    *,
    plain: bool = True,
    files: FileForm = PLAIN,
) -> Intake:
    how = Tokenizing(tokens, 300, 1, lower=plain, digits=plain, length=12, pad=pad)
    return intake_with(fit_texts([*TEXTS[:2], "words"], how), files)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for place, text in enumerate(TEXTS):
        (folder / f"{place}.txt").write_text(f"\n {text}\n", encoding="utf-8-sig" if place % 2 else "utf-8")
    return folder


@pytest.mark.parametrize("tokens", ["words", "bytes", "bpe"])
def test_all_tokens(tokens: Literal["words", "bytes", "bpe"], folder: Path) -> None:
    pytest.importorskip("tokenizers")
    check_alike(texts(tokens), folder)
    found = check_alike(texts(tokens, "left", plain=False), folder)
    intake = texts(tokens, "left", plain=False)
    script, record = script_of(intake), intake.to_dict()
    given = ["", *TEXTS]
    assert np.array_equal(script.prepared(script.take(given, record), record)[1:], found)
    assert np.array_equal(script.prepared(script.take(given, record), record), intake.preparation(given))


def test_lines_and_tables(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("\n\n".join(TEXTS), encoding="utf-16")
    check_alike(texts("words"), tmp_path / "lines")
    cells = ['"a ""quoted"" text, and\nmore"', " 12 ", "NA", "ü"]
    table = "\n".join(["number,body", *(f"{place},{cell}" for place, cell in enumerate(cells))])
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(table.encode("latin-1")))
    named = FileForm(Dialect(encoding="latin-1"), "body")
    check_alike(texts("bytes", files=named), tmp_path / "table.csv.gz")
    (tmp_path / "only.tsv").write_text("body\n" + "\n".join(TEXTS[:2]), encoding="utf-8")
    check_alike(texts("words"), tmp_path / "only.tsv")


def test_others_are_refused(tmp_path: Path) -> None:
    named = texts("words", files=FileForm(text="body"))
    (tmp_path / "empty.csv").write_text("number,body\n1,words\n2,  \n")
    assert "line 3: the text in 'body' is empty" in check_refused(named, tmp_path / "empty.csv")
    (tmp_path / "short.csv").write_text("number,body\n1\n")
    assert "expected 2 cells, got 1" in check_refused(named, tmp_path / "short.csv")
    (tmp_path / "latin.txt").write_bytes("ü".encode("latin-1"))
    assert "is not UTF-8" in check_refused(named, tmp_path / "latin.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "empty.txt").write_text(" \n")
    assert "the text is empty" in check_refused(named, tmp_path / "folder")
    script = script_of(named)
    for intake, name, why in (
        (named, "other.csv", r"expected the column 'body' with the texts, got 'a', 'b'"),
        (texts("words"), "other.csv", r"expected a single column with the texts, got 'a', 'b'"),
        (named, "other.parquet", r"got Parquet, which `nas predict` reads"),
    ):
        (tmp_path / name).write_text("a,b\n1,words\n")
        with pytest.raises(script.UsageError, match=why):
            script.read(tmp_path / name, intake.to_dict())
