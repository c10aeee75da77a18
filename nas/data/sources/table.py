"""Data sets from files of tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from nas.arguments import checked
from nas.data.columns import ColumnKind, Columns
from nas.data.dataset import Dataset
from nas.data.number_forms import NumberForm
from nas.data.preparation.tables import TableInputs
from nas.data.reading import read_columns
from nas.data.reading.alike import WHOSE, read_alike
from nas.data.reading.dialect import Dialect
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.columns import data_of_columns
from nas.data.split import Split
from nas.settings import INLINE
from nas.tasks import AUTO


@checked
def table(
    *,
    path: Path,
    test: Path | None = None,
    roles: Annotated[Roles, INLINE] = Roles(),
    inputs: Annotated[TableInputs, INLINE] = TableInputs(),
    dialect: Annotated[Dialect, INLINE] = Dialect(),
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    classes: list[str] | None = None,
    task: str = AUTO,
) -> Dataset:
    """The rows of a table: a text file such as CSV or TSV, or a Parquet file.

    What columns are and what they are for is inferred where it is not said, and the data set's notes say what was
    inferred: see `nas.data.labelled` and `nas.data.preparation.column_kinds`.

    Args:
        path: the file; `.csv` and `.tsv`, also compressed (`.gz`, `.xz`), or `.parquet`.
        test: another file, whose rows are the test part; `null`: there is none.
        roles: what the columns are for.
        inputs: how columns become inputs.
        dialect: how a text file is written.
        split: how rows are divided that have no part.
        skipping: what happens to rows that have more or fewer cells than the first line, or no target, or a cell that
            is not of the kind of its column.
        classes: the classes, in the order of the outputs; `null`: sorted.
        task: the task of the networks.

    Raises:
        UsageError: the file is no table, or its columns do not form a data set; says where and why.
        IntegrityError: a compressed file or a Parquet file is damaged.
        StorageError: the file cannot be read.
    """

    def read_test(kinds: Mapping[str, ColumnKind], forms: Mapping[str, NumberForm]) -> Columns:
        return read_alike(Path(str(test)), kinds, dialect, skipping, whose=WHOSE.format(path.name), forms=forms)

    return data_of_columns(
        _stem(path),
        read_columns(path, dialect, skipping),
        roles,
        inputs,
        split,
        skipping,
        test=None if test is None else read_test,
        dialect=None if path.suffix.lower() == ".parquet" else dialect,
        task=task,
        classes=classes,
    )


def _stem(path: Path) -> str:
    """`adult` of `adult.csv.gz`."""
    return path.name.partition(".")[0] or path.name
