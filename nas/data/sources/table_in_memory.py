"""Data sets from tables in Python."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.arguments import Fraction, Positive, Seed, checked
from nas.data.columns import ColumnKind
from nas.data.dataset import Dataset
from nas.data.preparation.tables import MOST_CATEGORIES, Scaling, TableInputs
from nas.data.reading.alike import check_kinds
from nas.data.reading.in_memory import columns_of
from nas.data.roles import Roles
from nas.data.skipping import OnError, Skipping
from nas.data.sources.columns import data_of_columns
from nas.data.split import Share, Split
from nas.tasks import AUTO


@checked
def from_table(
    table: Any,
    *,
    test: Any = None,
    target: str | Sequence[str] | None = None,
    group: str | None = None,
    time: str | None = None,
    part: str | None = None,
    ignore: Sequence[str] = (),
    kinds: Mapping[str, ColumnKind] | None = None,
    scaling: Scaling = "standard",
    max_categories: Positive = MOST_CATEGORIES,
    on_error: OnError = "stop",
    skip_share: Fraction = 0.01,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "table",
    val_share: Share = 0.2,
    test_share: Share | None = 0.2,
    seed: Seed = 0,
) -> Dataset:
    """A data set from a table in memory. The arguments are those of the source `table` in a run file.

    Args:
        table: a data frame of pandas or Polars, a table of pyarrow, or a mapping from names to columns. Columns have
            numbers, truth values, strings, dates or times.
        test: another table, whose rows are the test part; None: there is none.
        target: the column of the target, or several; None: the last column.
        group: a column of groups; samples of a group are on one side of each split.
        time: a column of dates or numbers; the validation and the test part then have the last samples.
        part: a column that says of each row whether it is in `train`, `val` or `test`.
        ignore: columns that are not used.
        kinds: the kinds of columns that are not to be inferred: `number`, `category` or `date`.
        scaling: `standard` leaves numbers to the standardisation of the network; `quantile` makes each normally
            distributed.
        max_categories: the number of values of a column that get a code of their own.
        on_error: `stop`: a row without a target is an error; `skip`: it is left out.
        skip_share: the largest fraction of the rows that may be left out.
        task: the name of the task; `auto`: the target decides.
        classes: their names, in the order of the outputs; None: sorted.
        name: for reports.
        val_share: the fraction of the training samples that becomes the validation part, in (0, 1).
        test_share: the fraction of all samples that becomes the test part; None: there is none.
        seed: of these splits.

    Raises:
        UsageError: this is no table, or its columns do not form a data set; says where and why.
    """
    return data_of_columns(
        name,
        columns_of(table, name),
        Roles(target, group, time, part, tuple(ignore)),
        TableInputs(kinds or {}, scaling, max_categories),
        Split(val_share, test_share, seed),
        Skipping(on_error, skip_share),
        test=None if test is None else lambda kinds, _: check_kinds(columns_of(test, "test"), kinds, f"{name} has"),
        task=task,
        classes=classes,
    )
