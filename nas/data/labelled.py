"""The rows of a table as labelled samples: what `Roles` say of its columns, applied to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.assemble import RawPart
from nas.data.columns import Columns, as_texts, is_missing
from nas.data.origin import Origin
from nas.data.raw import RawInputs
from nas.data.reading.cells import is_number
from nas.data.roles import Roles
from nas.data.skipping import Fault, Skipping
from nas.data.split import PART_NAMES
from nas.errors import UsageError, few
from nas.tasks import AUTO, Classification, Multilabel, Regression

MOST_CLASSES = 20
"""A target of whole numbers is a class if it has at most so many different values."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """The rows of a table as labelled samples.

    Attributes:
        inputs: the columns that have no role.
        targets: the target of each row, as the task reads it: `(N,)`, or `(N, K)` of several columns.
        target_names: the columns that these come from.
        task: the name of the task, as far as the table says it; `auto`: the targets say it.
        groups: the group of each row, `(N,)` strings; None: there are no groups.
        times: the time of each row, `(N,)`; None: the rows have no order.
        parts: the part of each row, `(N,)` strings; None: they have none.
        notes: what a reader should know, a sentence each.
    """

    inputs: Columns
    targets: NDArray[Any]
    target_names: tuple[str, ...]
    task: str
    groups: NDArray[np.str_] | None
    times: NDArray[Any] | None
    parts: NDArray[np.str_] | None
    notes: tuple[str, ...]

    def raw_parts(self, inputs: RawInputs) -> Mapping[str, RawPart]:
        """The parts of a data set, as `assemble` takes them.

        Args:
            inputs: what the samples are made of, one for each row.
        """

        def part(places: NDArray[np.intp]) -> RawPart:
            groups, times = (None if one is None else one[places] for one in (self.groups, self.times))
            origin = Origin(self.inputs.unit, self.inputs.rows[places])
            return RawPart(inputs[places], self.targets[places], groups, times, origin)

        if self.parts is None:
            return {"train": part(np.arange(len(self.targets)))}
        found = {name: np.flatnonzero(self.parts == name) for name in ("train", "val", "test")}
        return {name: part(places) for name, places in found.items() if len(places)}


def label_rows(
    columns: Columns,
    roles: Roles,
    *,
    task: str = AUTO,
    skipping: Skipping = Skipping(),
    classes: Sequence[str] | None = None,
    inputs: Sequence[str] = (),
) -> Labelled:
    """The rows of a table as labelled samples.

    The target is the last column, unless `roles` name another. It is a class if it is a text, or a whole number with at
    most `MOST_CLASSES` different values, else a value. An empty text has no label, if the task is several labels. A
    column without a role whose values are all names of parts, `train` among them, is taken as the column of parts. The
    notes say what was inferred.

    Args:
        columns: the table.
        roles: what its columns are for.
        task: the name of the task; `auto`: the target decides.
        skipping: what happens to rows without a target, or without a value of `inputs`.
        classes: declared names of classes: a target is then a class. Numbers all of which are among the names, such as
            1 to 5 stars, are these classes; others are the places of their classes among the names, from 0.
        inputs: columns that are the inputs, such as paths of files: none of them is a target, and each row has them
            all. None: all columns without a role are inputs.

    Raises:
        UsageError: a column does not exist or has two roles, or a row lacks its target, group, time or part.
    """
    notes = list(columns.notes)
    for name in roles.ignore:
        columns.column(name)
    table = columns.without(roles.ignore)
    roles = _with_part(table, roles, notes, inputs)
    targets = _target_columns(table, roles, notes, inputs)
    taken = [*targets, *(name for name in (roles.group, roles.time, roles.part) if name is not None)]
    for name in [*taken, *inputs]:
        if name in roles.ignore:
            raise UsageError(f"column {name!r} is ignored, and has another role as well")
        if [*taken, *inputs].count(name) > 1:
            raise UsageError(f"column {name!r} has two roles, of {', '.join(_ROLES)}")
        columns.column(name)
    if task == Multilabel.name:
        table = _without_labels(table, targets, notes)
    table, skipped = _with_values(table, targets, inputs, skipping)
    groups = None if roles.group is None else as_texts(_complete(table, roles.group))
    read, task = _targets(table, targets, Classification.name if classes and task == AUTO else task, notes)
    if classes and read.dtype.kind == "i" and read.ndim == 1 and {*as_texts(table.column(targets[0]))} <= {*classes}:
        read = as_texts(table.column(targets[0])).astype(str)
    parts = None if roles.part is None else _parts(table, roles.part)
    if groups is not None and parts is not None:
        notes += _shared_groups(groups, parts, str(roles.group))
    return Labelled(
        replace(table.without(taken), notes=()),
        read,
        targets,
        task,
        None if groups is None else groups.astype(str),
        None if roles.time is None else _times(table, roles.time),
        parts,
        (*notes, *skipped),
    )


_ROLES = ("input", "target", "group", "time", "part")


def _with_part(table: Columns, roles: Roles, notes: list[str], inputs: Sequence[str]) -> Roles:
    """The roles with a column of parts, if one of the table can only be that."""
    if roles.part is not None:
        return roles
    targets = (roles.target,) if isinstance(roles.target, str) else roles.target or ()
    named = {*targets, roles.group, roles.time, *inputs}
    for name, column in table.arrays.items():
        if name in named or column.dtype != object:
            continue
        values = {PART_NAMES.get(value.strip().lower()) if value else None for value in set(column)}
        if "train" in values and len(values) > 1 and None not in values:
            notes.append(f"Column {name!r} has the part of each row")
            return replace(roles, part=name)
    return roles


def _target_columns(table: Columns, roles: Roles, notes: list[str], inputs: Sequence[str]) -> tuple[str, ...]:
    if roles.target is not None:
        given = (roles.target,) if isinstance(roles.target, str) else tuple(roles.target)
        if not given:
            raise UsageError("target: expected one or more columns, got none")
        return given
    others = [name for name in table.names if name not in (roles.group, roles.time, roles.part, *inputs)]
    if not others:
        raise UsageError(f"{table.name} has no column for the target; it has {few(table.names)}")
    notes.append(f"The target is the last column, {others[-1]!r}; `target:` names another")
    return (others[-1],)


def _without_labels(table: Columns, targets: tuple[str, ...], notes: list[str]) -> Columns:
    """The table with an empty text where a row has no label: one of several labels may have none."""
    texts = {name: table.column(name) for name in targets if table.column(name).dtype == object}
    for name, column in texts.items():
        gaps = is_missing(column)
        if gaps.any():
            notes.append(f"{gaps.sum():,} of {len(table):,} rows have no label in {name!r}")
            texts[name] = np.where(gaps, "", column)
    return replace(table, arrays={**table.arrays, **texts})


def _with_values(
    table: Columns, targets: tuple[str, ...], inputs: Sequence[str], skipping: Skipping
) -> tuple[Columns, tuple[str, ...]]:
    """The rows that have all targets and inputs, and a note of the others."""
    notes: tuple[str, ...] = ()
    for role, names in (("target", targets), ("input", inputs)):
        gaps = [is_missing(table.column(name)) for name in names]
        places = np.flatnonzero(np.any(gaps, axis=0)) if gaps else np.zeros(0, np.intp)
        if not len(places):
            continue
        if skipping.on_error == "stop":
            raise UsageError(
                f"{table.name}: {table.at(places)} of {len(table):,} rows lack{'s' if len(places) == 1 else ''} the "
                f"{role} {few(map(repr, names))}; `on_error: skip` leaves out {skipping.skip_share:.0%} at most"
            )
        faults: list[Fault] = [
            UsageError(f"{table.at(places[at : at + 1])} has no {role}") for at in range(len(places))
        ]
        skipping.check(faults, len(table), f"rows of {table.name}")
        notes = (*notes, *skipping.note(faults, len(table), f"rows of {table.name}"))
        table = table[np.setdiff1d(np.arange(len(table)), places)]
    return table, notes


def _targets(table: Columns, names: tuple[str, ...], task: str, notes: list[str]) -> tuple[NDArray[Any], str]:
    """The targets as the task reads them, and the name of the task as far as it is known."""
    columns = [table.column(name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if column.dtype.kind == "M":
            raise UsageError(f"{table.name}: the target {name!r} is a date; expected classes or numbers")
        if column.dtype == object and len(names) > 1:
            raise UsageError(f"{table.name}: several targets are numbers; {name!r} has {column[0]!r}")
        if column.dtype != object and len(bad := np.flatnonzero(~np.isfinite(column))):
            raise UsageError(f"{table.name}: {table.at(bad)}: the target {name!r} is not finite")
    if len(columns) > 1:
        values = np.stack(columns, axis=1)
        marks = bool(np.isin(values, (0, 1)).all())
        if task == AUTO and not marks:
            task = Regression.name
        return values.astype(np.int64) if marks else values, task
    (column,), (name,) = columns, names
    if column.dtype == object:
        if task in (AUTO, Regression.name):
            _check_texts(table, name, column, task)
        return column, task
    whole = bool((column == np.trunc(column)).all())
    if task == AUTO:
        distinct = len(np.unique(column))
        task = Classification.name if whole and distinct <= MOST_CLASSES else Regression.name
        kind = f"{'whole ' if whole else ''}numbers, {distinct:,} different ones"
        notes.append(f"The target {name!r} has {kind}, so the task is {task}; `task:` names another")
    if task == Regression.name:
        if len(column) > 1 and (column == column[0]).all():
            raise UsageError(f"{table.name}: the target {name!r} is {as_texts(column[:1])[0]} in all rows")
        return column, task
    return column.astype(np.int64) if whole else as_texts(column).astype(str), task


def _shared_groups(groups: NDArray[np.object_], parts: NDArray[np.str_], name: str) -> Sequence[str]:
    """A sentence about groups that the column of parts divides, if there are some."""
    held = {part: set(groups[parts == part].tolist()) for part in ("train", "val", "test")}
    shared = [one for one in dict.fromkeys(groups.tolist()) if sum(one in some for some in held.values()) > 1]
    if not shared:
        return ()
    return (f"{len(shared):,} of {len({*groups.tolist()}):,} groups of {name!r} are in several parts: {few(shared)}",)


def _check_texts(table: Columns, name: str, column: NDArray[Any], task: str) -> None:
    """Raises UsageError if a target of texts should be numbers: it is mostly, or the task has values."""
    texts = [text for text in dict.fromkeys(column) if not is_number(text)]
    if texts and (task == Regression.name or len(texts) < 0.1 * len(set(column))):
        where = table.at(np.flatnonzero(column == texts[0]))
        raise UsageError(
            f"{table.name}: the target {name!r} is {texts[0]!r} in {where}, expected a number; "
            f"`missing:` lists what stands for a missing value, and with `task: classification` the texts are classes"
        )


def _complete(table: Columns, name: str) -> NDArray[Any]:
    """A column that must not have missing values."""
    column = table.column(name)
    if len(gaps := np.flatnonzero(is_missing(column))):
        raise UsageError(f"{table.name}: column {name!r} has no value in {table.at(gaps)}")
    return column


def _times(table: Columns, name: str) -> NDArray[Any]:
    column = _complete(table, name)
    if column.dtype == object:
        raise UsageError(
            f"{table.name}: column {name!r} is the time; expected numbers or dates such as 2024-12-31, "
            f"got {column[0]!r}"
        )
    return column


def _parts(table: Columns, name: str) -> NDArray[np.str_]:
    texts = as_texts(_complete(table, name))
    names = {text: PART_NAMES.get(text.strip().lower()) for text in dict.fromkeys(texts)}
    if unknown := [text for text, part in names.items() if part is None]:
        where = table.at(np.flatnonzero(texts == unknown[0]))
        raise UsageError(
            f"{table.name}: column {name!r} has the part of each row; expected train, val or test, "
            f"got {unknown[0]!r} in {where}"
        )
    if "train" not in names.values():
        raise UsageError(f"{table.name}: column {name!r} has no row of the training part")
    return np.array([names[text] for text in texts])
