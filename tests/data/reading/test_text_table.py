"""Rows of cells of text files."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nas.data.reading.dialect import Dialect
from nas.data.reading.opened import Flow, opened_text
from nas.data.reading.text_table import begun, begun_flow, first_rows
from nas.errors import UsageError


def _names(folder: Path, text: str) -> tuple[tuple[str, ...], list[list[str]]]:
    (folder / "some.csv").write_text(text, "utf-8-sig", newline="")
    return first_rows(folder / "some.csv", Dialect(), 2)


def test_the_line_of_the_separator(tmp_path: Path) -> None:
    assert _names(tmp_path, "SEP=|\na|b\n1|2,3\n") == (("a", "b"), [["1", "2,3"]])
    assert _names(tmp_path, "sep=\t\na\tb\n1\t2\n") == (("a", "b"), [["1", "2"]])
    with pytest.raises(UsageError, match=r"some\.csv, line 1: 'sep=:': expected one of ',', ';', '\\t', '\|' as the"):
        _names(tmp_path, "sep=:\na:b\n1:2\n")
    with pytest.raises(UsageError, match=r"some\.csv, line 2: two columns have the same name, 'a'"):
        _names(tmp_path, "sep=;\na;a\n1;2\n")


def test_the_delimiter_is_that_of_most_cells(tmp_path: Path) -> None:
    for delimiter in ",;\t|":
        text = "\n".join(delimiter.join(cells) for cells in ("abc", "123"))
        assert _names(tmp_path, text) == (("a", "b", "c"), [["1", "2", "3"]])
    assert _names(tmp_path, "a;b\n1,5;2,5\n") == (("a", "b"), [["1,5", "2,5"]])


def test_rows_have_the_lines_where_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text('sep=;\na;b\n1;"x\ny"\n\n2;z\n', "utf-8")
    table, notes = begun(path, Dialect())
    with opened_text(path, None) as file:
        assert list(table.rows(file)) == [(3, ["1", "x\ny"]), (6, ["2", "z"])]
    assert notes == ()


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("a;b\n1;2\n", ("a", "b"), [(2, ["1", "2"])]),
        ("sep=;\na;b\n1;2\n", ("a", "b"), [(3, ["1", "2"])]),
        ('a,"b\nc"\n1,2\n', ("a", "b\nc"), [(3, ["1", "2"])]),
    ],
)
def test_lines_that_are_read_once(text: str, names: tuple[str, ...], rows: list[Any]) -> None:
    """Of which the header alone is waited for."""
    read: list[str] = []

    def lines() -> Iterator[str]:
        for line in text.splitlines(keepends=True):
            read.append(line)
            yield line

    flow = Flow(io.BufferedReader(io.BytesIO()), "a pipe")
    table, _, everything = begun_flow(flow, Dialect(), lines())
    assert (table.names, len(read)) == (names, text.count("\n") - 1)
    assert [*table.rows(everything)] == rows


def test_no_lines() -> None:
    with pytest.raises(UsageError, match="a pipe has no rows"):
        begun_flow(Flow(io.BufferedReader(io.BytesIO()), "a pipe"), Dialect(), iter(()))
