"""Readers of files: tables as columns, from text and from Parquet; the files of CIFAR and of MNIST as arrays."""

from collections.abc import Collection, Mapping
from pathlib import Path

from nas.data.columns import Columns
from nas.data.number_forms import NumberForm
from nas.data.reading.delimited import read_delimited
from nas.data.reading.dialect import Dialect
from nas.data.reading.parquet import read_parquet
from nas.data.reading.text_table import first_rows
from nas.data.skipping import Skipping
from nas.errors import UsageError

TABLE_FILES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.xz", ".tsv.xz", ".parquet")
"""The ends of the names by which files of tables are recognised."""


def read_columns(
    path: Path,
    dialect: Dialect = Dialect(),
    skipping: Skipping = Skipping(),
    *,
    text: Collection[str] = (),
    forms: Mapping[str, NumberForm] | None = None,
) -> Columns:
    """The columns of a file.

    Files whose names end in `.parquet` are read by pyarrow, which the extra `tables` installs; all others are text.

    Args:
        path: the file.
        dialect: how a text file is written.
        skipping: what happens to rows of a text file that have more or fewer cells than its first line.
        text: columns that are text as it stands, even where all of it looks like numbers or missing values.
        forms: how columns of a text file write numbers, if not as `float` reads them; None: their cells show it.

    Raises:
        UsageError: there is no such file, it is not a table, or a column of `text` is missing.
        IntegrityError: a compressed file or a Parquet file is damaged.
        StorageError: the file cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    if path.name.lower().endswith(".parquet"):
        return read_parquet(path, text=text)
    return read_delimited(path, dialect, skipping, text=text, forms=forms)


__all__ = ["TABLE_FILES", "Dialect", "first_rows", "read_columns"]
