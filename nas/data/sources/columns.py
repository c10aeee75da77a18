"""Data sets from the columns of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from nas.data.assemble import Divided, divide_parts, prepare_parts
from nas.data.columns import ColumnKind, Columns, as_texts
from nas.data.dataset import Dataset
from nas.data.labelled import Labelled, label_alike, label_rows
from nas.data.named_roles import name_roles, part_of
from nas.data.number_forms import NumberForm
from nas.data.preparation.column_kinds import ColumnKinds, infer_kinds
from nas.data.preparation.tables import TableInputs, Tables, fit_tables
from nas.data.reading.alike import as_in, typed
from nas.data.reading.dialect import Dialect
from nas.data.reading.form import FileForm
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.test_part import with_test
from nas.data.split import Split
from nas.errors import few
from nas.tasks import AUTO


def data_of_columns(
    name: str,
    columns: Columns,
    roles: Roles = Roles(),
    inputs: TableInputs = TableInputs(),
    split: Split = Split(),
    skipping: Skipping = Skipping(),
    *,
    test: Callable[[Mapping[str, ColumnKind], Mapping[str, NumberForm]], Columns] | None = None,
    dialect: Dialect | None = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
) -> Dataset:
    """A data set from the columns of a table.

    Where it is known which rows are trained on, because a column says it or the test rows are in a table of their own,
    the kinds of columns follow from these rows alone.

    Args:
        name: for reports.
        columns: the table.
        roles: what the columns are for that are no inputs.
        inputs: how the others become inputs.
        split: how rows are divided that have no part.
        skipping: what happens to rows without a target, or with a cell that is not of the kind of its column.
        test: the table of the test rows, given the columns that it must have, their kinds and how they write numbers;
            None: there is none.
        dialect: how the cells are written that `columns` have as texts; None: they are no cells of a text file.
        task: the name of the task; `auto`: the target decides.
        classes: declared names of classes.

    Raises:
        UsageError: the columns do not form a data set; says where and why.
    """
    ready = _divided(columns, roles, inputs, split, skipping, test, dialect, task, classes)
    del columns  # whatever samples are made of is in `ready`
    data = prepare_parts(name, ready.divided, ready.fit, notes=ready.notes)
    return data if dialect is None else replace(data, files=FileForm(dialect, numbers=ready.forms))


class _Ready(NamedTuple):
    """What `prepare_parts` takes, and how columns write numbers."""

    divided: Divided
    fit: Callable[[Columns], Tables]
    notes: Sequence[str]
    forms: Mapping[str, NumberForm]


def _divided(
    columns: Columns,
    roles: Roles,
    inputs: TableInputs,
    split: Split,
    skipping: Skipping,
    test: Callable[[Mapping[str, ColumnKind], Mapping[str, NumberForm]], Columns] | None,
    dialect: Dialect | None,
    task: str,
    classes: Sequence[str] | None,
) -> _Ready:
    """The samples of `data_of_columns`. All else that they were found by is let go before they are prepared."""
    if dialect is not None:
        columns = _as_trained(columns, roles, inputs, dialect, skipping)
    labelled = label_rows(columns, roles, task=task, skipping=skipping, classes=classes)
    kinds = infer_kinds(labelled.inputs, inputs.kinds, labelled.train)
    used = labelled.inputs.only(list(kinds.of))
    parts, tables, notes = labelled.raw_parts(used), [used], [*labelled.notes, *kinds.notes]
    if test is not None:
        tested = label_alike(
            test({one: labelled.kinds[one] for one in (*labelled.target_names, *kinds.of)}, labelled.inputs.forms),
            labelled,
            skipping=skipping,
            classes=classes,
        )
        tables.append(tested.inputs)
        parts = with_test(parts, tested.raw_parts(tested.inputs), tested.inputs.name)
        notes += [*tested.notes, *_unknown(labelled, tested, kinds)]
    gaps = {one: sum(int(np.sum(table.missing(one))) for table in tables) for one in kinds.of}
    lacking = [one for one, count in gaps.items() if count]
    if lacking:
        count = sum(gaps.values())
        counted = f"{count:,} values are" if count > 1 else "1 value is"
        notes.append(
            f"{counted} missing, in {few(lacking)}: of numbers and dates, they are replaced by "
            "the median of the training samples, and marked by an input; of categories, they have the code 0"
        )
    return _Ready(
        divide_parts(parts, split, task=labelled.task, classes=classes, target_names=labelled.target_names),
        partial(_fitted, inputs=inputs, kinds=kinds.of, complete=not lacking),
        notes,
        labelled.inputs.forms,
    )


def _fitted(train: Columns, inputs: TableInputs, kinds: Mapping[str, ColumnKind], *, complete: bool) -> Tables:
    """The preparation; unless it is fitted anew to other rows later, all that is left to do is to round numbers."""
    tables = fit_tables(train, inputs, kinds, complete=complete)
    if not tables.fits:
        train.single()
    return tables


def _as_trained(columns: Columns, roles: Roles, inputs: TableInputs, dialect: Dialect, skipping: Skipping) -> Columns:
    """The table with texts as numbers or dates where `kinds` say so, or the rows of a training part are all such."""
    named, _ = name_roles(columns, roles)
    taken = {*(named.target or ()), named.group, named.time, named.part, *named.ignore}
    texts = [name for name in columns.names if name not in taken]
    kinds = {name: kind for name, kind in inputs.kinds.items() if name in texts}
    if named.part is not None:
        train = np.flatnonzero([part_of(cell) == "train" for cell in as_texts(columns.column(named.part))])
        found, forms = as_in(columns, train, [name for name in texts if name not in kinds], dialect)
        kinds |= found
        columns = replace(columns, forms={**columns.forms, **forms})
    return typed(columns, kinds, dialect, skipping)


def _unknown(labelled: Labelled, tested: Labelled, kinds: ColumnKinds) -> Sequence[str]:
    """Sentences about categories of the test rows that no other row has."""
    found = []
    for name in (name for name, kind in kinds.of.items() if kind == "category"):
        known = {*as_texts(labelled.inputs.column(name))}
        if new := [text for text in dict.fromkeys(as_texts(tested.inputs.column(name))) if text and text not in known]:
            values = f"{len(new):,} values" if len(new) > 1 else "a value"
            found.append(
                f"{name!r} has {values} in {tested.inputs.name} that {labelled.inputs.name} does not have, with the "
                f"code 0: {few(map(repr, new))}"
            )
    return found
