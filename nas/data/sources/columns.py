"""Data sets from the columns of a table."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from nas.data.assemble import assemble
from nas.data.columns import Columns, is_missing
from nas.data.dataset import Dataset
from nas.data.labelled import label_rows
from nas.data.preparation.column_kinds import infer_kinds
from nas.data.preparation.tables import TableInputs, fit_tables
from nas.data.roles import Roles
from nas.data.skipping import Skipping
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
    task: str = AUTO,
    classes: Sequence[str] | None = None,
) -> Dataset:
    """A data set from the columns of a table.

    Args:
        name: for reports.
        columns: the table.
        roles: what the columns are for that are no inputs.
        inputs: how the others become inputs.
        split: how rows are divided that have no part.
        skipping: what happens to rows without a target.
        task: the name of the task; `auto`: the target decides.
        classes: declared names of classes.

    Raises:
        UsageError: the columns do not form a data set; says where and why.
    """
    labelled = label_rows(columns, roles, task=task, skipping=skipping, classes=classes)
    kinds = infer_kinds(labelled.inputs, inputs.kinds)
    used = labelled.inputs.only(list(kinds.of))
    gaps = {name: int(np.sum(is_missing(column))) for name, column in used.arrays.items()}
    lacking = [name for name, count in gaps.items() if count]
    notes = [*labelled.notes, *kinds.notes]
    if lacking:
        count = sum(gaps.values())
        counted = f"{count:,} values are" if count > 1 else "1 value is"
        notes.append(
            f"{counted} missing, in {few(lacking)}: of numbers and dates, they are replaced by "
            "the median of the training samples, and marked by an input; of categories, they have the code 0"
        )
    return assemble(
        name,
        labelled.raw_parts(used),
        partial(fit_tables, inputs=inputs, kinds=kinds.of, complete=not lacking),
        split,
        task=labelled.task,
        classes=classes,
        target_names=labelled.target_names,
        notes=notes,
    )
