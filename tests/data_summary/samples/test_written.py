"""Samples of texts and tables as lines."""

from pathlib import Path

import nas
from nas.data import Augment
from nas.data_summary.samples import choose_samples, write_samples


def test_a_text_before_and_after() -> None:
    data = nas.from_texts(["good film", "bad film"] * 5, ["yes", "no"] * 5)
    chosen = choose_samples(data, 2, Augment(token_dropout=1.0))
    lines = list(write_samples(data, chosen))
    assert [line.split(": ")[1] for line in lines[::4]] == ["no", "yes"]
    assert [line.split() for line in lines[1::4]] == [["as", "read", "bad", "film"], ["as", "read", "good", "film"]]
    assert lines[2].split()[0] == "prepared"
    assert len(set(lines[3].split()[1:])) == 1, "all tokens are unknown"


def test_a_row_before_and_after(tmp_path: Path) -> None:
    rows = "".join(f"{place},{'ab'[place % 2]},{'yn'[place // 2 % 2]}\n" for place in range(3, 43))
    (tmp_path / "t.csv").write_text(f"size,kind,y\n{rows}", encoding="utf-8")
    data = nas.load_data("table", path=tmp_path / "t.csv")
    first, read, prepared, *_ = write_samples(data, choose_samples(data, 1))
    line = int(first.partition(":")[0].removeprefix("line "))
    assert read == f"  as read    size {line + 1}, kind {'ab'[(line + 1) % 2]}"
    assert prepared.split()[:2] == ["prepared", str(line + 1)]


def test_long_texts_are_cut() -> None:
    data = nas.from_texts(["word " * 300, "other " * 300] * 5, ["x", "y"] * 5)
    assert max(map(len, write_samples(data, choose_samples(data, 2)))) <= 80
