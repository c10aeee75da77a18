"""The summary as lines."""

from dataclasses import replace

import numpy as np

import nas
from nas.data_summary import DataSummary, summarize_data
from nas.data_summary.records import Sample, Suspect, Suspects
from nas.data_summary.terminal import WIDTH, lines_of
from tests.data_summary.tiny_data import two_blobs


def test_lines() -> None:
    text = "\n".join(lines_of(summarize_data(two_blobs(), suspects=False)))
    assert text.startswith("arrays: classification, 2 classes\n")
    assert "Classes  train  val\na           20   10  ████████████████████\n" in text
    assert "  All are equally frequent.\n" in text
    assert "  None within a part.\n  None between parts." in text
    assert "constant  1 of 3 entries have one value in the training part" in text


def test_duplicates_and_values() -> None:
    inputs = np.ones((4, 1), np.float32)
    data = nas.from_arrays(inputs, [1.0, 2.0, 3.0, 4.5], val=(inputs[:1], [1.0]), task="regression")
    text = "\n".join(lines_of(summarize_data(data, suspects=False)))
    assert "3 samples of train equal an earlier one of the same part." in text
    assert "1 sample of val also in train." in text
    assert "5 equal samples have different targets." in text
    assert "train row 0 (1) = train row 1 (2) = train row 2 (3)" in text


def doubted(summary: DataSummary) -> DataSummary:
    sample = Sample("train", 3, "photos/of/a/very/long/path/to/a/folder/in/a/folder/of/cats/0001.png", "cat")
    first = (Suspect(sample, "dog (98 %)", 0.001, "many words " * 40),)
    return replace(
        summary, notes=("a long note " * 20,), suspects=Suspects("a model", "rule " * 30, 40, 90, 0.5, True, 12, first)
    )


def test_no_line_is_longer_than_the_terminal() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 60)).astype(np.float32)
    names = [f"a class with a long name {place}" for place in range(30)]
    wide = nas.from_arrays(rows, list(range(30)), val=(rows, list(range(30))), classes=names)
    for data in (two_blobs(), wide):
        lines = list(lines_of(doubted(summarize_data(data, suspects=False))))
        assert max(map(len, lines)) <= WIDTH
        assert any("most of these are hard to predict" in line for line in lines)
        assert any("and 4 more" in line for line in lines)
        assert any("…" in line and line.endswith("0001.png: cat, given") for line in lines) or any(
            "0001.png: cat" in line for line in lines
        )
