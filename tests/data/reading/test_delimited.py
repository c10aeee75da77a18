"""Tables in text files, well written and badly."""

import gzip
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.columns import is_missing
from nas.data.reading import Dialect, delimited, read_columns
from nas.data.skipping import Skipping
from nas.errors import IntegrityError, StorageError, UsageError

PLAIN = 'name,age,since\n"Ann, B.",3,2024-01-31\nBob,?,2024-02-01 12:30\n"say ""hi""",4.5,\n'


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(content: str | bytes, name: str = "some.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def test_columns_are_numbers_texts_or_times(write: Any) -> None:
    found = read_columns(write(PLAIN))
    assert found.names == ("name", "age", "since")
    assert found.arrays["name"].tolist() == ["Ann, B.", "Bob", 'say "hi"']
    assert np.array_equal(found.arrays["age"], [3, np.nan, 4.5], equal_nan=True)
    since = np.array(["2024-01-31", "2024-02-01T12:30", "NaT"], "datetime64[us]")
    assert np.array_equal(found.arrays["since"], since, equal_nan=True)
    assert (found.rows.tolist(), found.unit, found.notes) == ([2, 3, 4], "line", ())


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "some.csv.gz"), (lzma.compress, "some.csv.xz")])
def test_compressed_files(write: Any, pack: Any, name: str) -> None:
    assert read_columns(write(pack(PLAIN.encode()), name)).arrays["name"][1] == "Bob"
    with pytest.raises(IntegrityError, match=f"{name}: the compressed file is damaged"):
        read_columns(write(pack(PLAIN.encode())[:-9], name))
    with pytest.raises(IntegrityError, match=f"{name}: the compressed file is damaged"):
        read_columns(write(PLAIN, name))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_recognised(write: Any, delimiter: Any, end: str) -> None:
    rows = [["a", "b", "c"], ["1,5 to 2", "x y", "3"], ["a|b,c", "", "4"]]
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in rows]
    text = end.join(delimiter.join(row) for row in quoted) + end
    found = read_columns(write(text), Dialect(quotes=True))
    assert found.names == ("a", "b", "c")
    assert found.arrays["a"].tolist() == ["1,5 to 2", "a|b,c"]
    assert found.arrays["c"].tolist() == [3, 4]


def test_quotes_are_characters_where_tabs_separate_cells(write: Any) -> None:
    path = write('text\tlabel\n"unpaired\t1\n5" wide\t0\n', "some.tsv")
    assert read_columns(path).arrays["text"].tolist() == ['"unpaired', '5" wide']
    quoted = write('text\tlabel\n"two\nlines"\t1\nx\t0\n', "some.tsv")
    found = read_columns(quoted, Dialect(quotes=True))
    assert found.arrays["text"].tolist() == ["two\nlines", "x"]
    assert found.rows.tolist() == [2, 4]


def test_a_quote_that_is_not_closed(write: Any) -> None:
    with pytest.raises(UsageError, match=r"some\.csv, line 3: a quoted cell is not closed, .*`quotes: false`"):
        read_columns(write('a,b\n1,2\n"3,4\n5,6\n'))
    with pytest.raises(UsageError, match=r"some\.csv, line 2: a quoted cell is not closed, or goes on after"):
        read_columns(write('a,b\n"3"x,4\n'))


@pytest.mark.parametrize("late", [False, True])
def test_a_column_of_numbers_with_a_text_is_of_texts(write: Any, monkeypatch: pytest.MonkeyPatch, late: bool) -> None:
    monkeypatch.setattr(delimited, "CHUNK", 2 if late else 100)
    path = write("a,b\n1.50,1\n02,2\n3,3\n4,x\n?,1_000\n")
    found = read_columns(path)
    assert found.arrays["a"].tolist() == ["1.50", "02", "3", "4", None]
    assert found.arrays["b"].tolist() == ["1", "2", "3", "x", "1_000"]


def test_text_that_looks_like_numbers_or_missing_values(write: Any) -> None:
    path = write("text,label\n 12 ,1\nNA,0\n,1\n")
    assert read_columns(path, text=("text",)).arrays["text"].tolist() == [" 12 ", "NA", ""]
    assert is_missing(read_columns(path).arrays["text"]).tolist() == [False, True, True]
    with pytest.raises(UsageError, match=r"has no column 'tex'; it has text, label"):
        read_columns(path, text=("tex",))


def test_declared_missing_values_and_decimal_commas(write: Any) -> None:
    path = write("a;b;c\n1,5;-;NA\n2;3;x\n")
    found = read_columns(path, Dialect(decimal=",", missing=("-",)))
    assert found.arrays["a"].tolist() == [1.5, 2]
    assert is_missing(found.arrays["b"]).tolist() == [True, False]
    assert found.arrays["c"].tolist() == ["NA", "x"]
    assert read_columns(path, Dialect(decimal=".")).arrays["a"].tolist() == ["1,5", "2"]
    points = write("a;b\n1.234;x\n2,5;y\n")
    assert read_columns(points, Dialect(decimal=",")).arrays["a"].tolist() == [1234, 2.5]


def test_dates_that_are_none(write: Any) -> None:
    found = read_columns(write("a,b,c\n2024-02-31,2024-02-01,2024-02-01T00:00+02:00\n2024-02-01,Monday,2024-02-01\n"))
    assert found.arrays["a"].dtype == found.arrays["b"].dtype == object
    assert found.arrays["c"].tolist() == np.array(["2024-01-31T22:00", "2024-02-01"], "datetime64[us]").tolist()


def test_names_of_columns(write: Any) -> None:
    assert read_columns(write(",a\n0,1\n1,2\n")).names == ("column 1", "a")
    found = read_columns(write("1,2\n3,4\n"), Dialect(header=False))
    assert (found.names, len(found)) == (("column 1", "column 2"), 2)
    note = "The first line of some.csv is read as names of columns, one of them '5.1'; for a file without names of "
    assert read_columns(write("5.1,setosa\n4.9,setosa\n")).notes == (f"{note}columns: `header: false`",)
    with pytest.raises(UsageError, match=r"line 1: two columns have the same name, 'a'; .*`header: false`"):
        read_columns(write("a,b,a\n1,2,3\n"))


def test_rows_of_another_length(write: Any) -> None:
    path = write("a,b\n" + "1,2\n" * 50 + "3\n" + "1,2\n" * 50)
    with pytest.raises(UsageError, match=r"some\.csv, line 52: expected 2 cells, got 1"):
        read_columns(path)
    found = read_columns(path, skipping=Skipping("skip", 0.01))
    assert len(found) == 100
    assert found.rows[50] == 53
    assert found.notes[0].startswith("1 of 101 rows of some.csv cannot be read and are left out: ")
    with pytest.raises(UsageError, match=r"1 of 101 rows .*skip_share is 0\.001"):
        read_columns(path, skipping=Skipping("skip", 0.001))


def test_encodings(write: Any) -> None:
    text = "city,n\nKöln,1\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        found = read_columns(write(text.encode(encoding)))
        assert (found.names, found.arrays["city"].tolist()) == (("city", "n"), ["Köln"])
    path = write(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"some\.csv, line 2: byte 8 \(0xf6\) is not UTF-8; `encoding:` names the one"):
        read_columns(path)
    assert read_columns(path, Dialect(encoding="latin-1")).arrays["city"].tolist() == ["Köln"]
    with pytest.raises(UsageError, match="encoding: expected one that Python knows, such as 'latin-1', got 'latn'"):
        read_columns(path, Dialect(encoding="latn"))


def test_files_that_are_no_tables(write: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read_columns(tmp_path / "none.csv")
    for content in ("", "\n\n", "a,b\n"):
        with pytest.raises(UsageError, match=r"some\.csv has no rows"):
            read_columns(write(content))
    with pytest.raises(UsageError, match="NUL characters"):
        read_columns(write("a,b\n1,\0\n"))
    link = tmp_path / "loop.csv"
    link.mkdir()
    with pytest.raises(UsageError, match="there is no such file"):
        read_columns(link)


def test_a_file_that_cannot_be_read(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(PLAIN)

    def refused(self: Path, *args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StorageError, match=r"some\.csv: Permission denied"):
        read_columns(path)


def test_a_table_that_does_not_fit_into_memory(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "available_bytes", lambda: 1 << 20)
    path = write("a,b,c,d,e,f,g,h\n" + "i,j,k,l,m,n,o,p\n" * 34_000)
    with pytest.raises(UsageError, match=r"does not fit into memory: 33,792 of its rows take 1 MiB, and 1 MiB are"):
        read_columns(path)


def test_long_cells_change_no_setting_of_csv(write: Any) -> None:
    import csv

    before = csv.field_size_limit()
    text = "x" * 200_000
    assert read_columns(write(f"text,n\n{text},1\n")).arrays["text"][0] == text
    assert csv.field_size_limit() == before
