"""The rows of a table as labelled samples: what `Roles` say of its columns, applied to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.assemble import RawPart
from nas.data.columns import ColumnKind, Columns, as_texts, is_missing, kind_of
from nas.data.named_roles import name_roles
from nas.data.origin import Origin
from nas.data.raw import RawInputs
from nas.data.roles import Roles
from nas.data.skipping import Fault, Skipping
from nas.data.split import PART_NAMES
from nas.data.targets import read_targets
from nas.errors import UsageError, few
from nas.tasks import AUTO, Classification, Multilabel


@dataclass(frozen=True, eq=False)
class Labelled:
    """The rows of a table as labelled samples.

    Attributes:
        inputs: the columns that have no role.
        targets: the target of each row, as the task reads it: `(N,)`, or `(N, K)` of several columns.
        target_names: the columns that these come from.
        task: the name of the task, as far as the table says it; `auto`: the targets say it.
        groups: the group of each row, `(N,)` objects, strings; None: there are no groups.
        times: the time of each row, `(N,)`; None: the rows have no order.
        parts: the part of each row, `(N,)` objects, strings; None: they have none.
        notes: what a reader should know, a sentence each.
        kinds: the kind of each column of the targets and of `inputs`, by its values.
    """

    inputs: Columns
    targets: NDArray[Any]
    target_names: tuple[str, ...]
    task: str
    groups: NDArray[np.object_] | None
    times: NDArray[Any] | None
    parts: NDArray[np.object_] | None
    notes: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]

    @property
    def train(self) -> NDArray[np.intp] | None:
        """The places of the training rows; None: the rows have no parts."""
        return None if self.parts is None else np.flatnonzero(self.parts == "train")

    def raw_parts(self, inputs: RawInputs) -> Mapping[str, RawPart]:
        """The parts of a data set, as `assemble` takes them.

        Args:
            inputs: what the samples are made of, one for each row.
        """

        unit, rows = self.inputs.unit, self.inputs.rows

        def part(places: NDArray[np.intp]) -> RawPart:
            groups, times = (None if one is None else one[places] for one in (self.groups, self.times))
            origin = Origin(unit, rows[places])
            return RawPart(inputs[places], self.targets[places], groups, times, origin)

        if self.parts is None:
            return {"train": RawPart(inputs, self.targets, self.groups, self.times, Origin(unit, rows))}
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
    roles, named = name_roles(columns, roles, inputs)
    notes = [*columns.notes, *named]
    targets = tuple(roles.target or ())
    table = columns.without(roles.ignore)
    if task == Multilabel.name:
        table = _without_labels(table, targets, notes)
    table, skipped = _with_values(table, targets, inputs, skipping)
    groups = None if roles.group is None else as_texts(_complete(table, roles.group))
    read, task = read_targets(table, targets, Classification.name if classes and task == AUTO else task, notes)
    if classes and read.dtype.kind == "i" and read.ndim == 1 and {*as_texts(table.column(targets[0]))} <= {*classes}:
        read = as_texts(table.column(targets[0])).astype(str)
    parts = None if roles.part is None else _parts(table, roles.part)
    if groups is not None and parts is not None:
        notes += _shared_groups(groups, parts, str(roles.group))
    others = [name for name in (roles.group, roles.time, roles.part) if name is not None]
    return Labelled(
        replace(table.without([*targets, *others]), notes=()),
        read,
        targets,
        task,
        groups,
        None if roles.time is None else _times(table, roles.time),
        parts,
        (*notes, *skipped),
        {name: kind_of(table.column(name)) for name in (*targets, *table.without([*targets, *others]).names)},
    )


def label_alike(
    columns: Columns,
    like: Labelled,
    *,
    skipping: Skipping = Skipping(),
    classes: Sequence[str] | None = None,
    inputs: Sequence[str] = (),
) -> Labelled:
    """The rows of a table with the targets and the task of another one. The arguments are those of `label_rows`."""
    roles = Roles(target=like.target_names)
    return label_rows(columns, roles, task=like.task, skipping=skipping, classes=classes, inputs=inputs)


def _without_labels(table: Columns, targets: tuple[str, ...], notes: list[str]) -> Columns:
    """The table with an empty text where a row has no label: one of several labels may have none."""
    texts = {name: table.column(name) for name in targets if table.column(name).dtype == object}
    for name, column in texts.items():
        gaps = is_missing(column)
        if gaps.any():
            notes.append(f"{gaps.sum():,} of {len(table):,} rows have no label in {name!r}")
            texts[name] = np.where(gaps, "", column)
    return table.replaced(texts)


def _with_values(
    table: Columns, targets: tuple[str, ...], inputs: Sequence[str], skipping: Skipping
) -> tuple[Columns, tuple[str, ...]]:
    """The rows that have all targets and inputs, and a note of the others."""
    notes: tuple[str, ...] = ()
    for role, names in (("target", targets), ("input", inputs)):
        gaps = [table.missing(name) for name in names]
        places = np.flatnonzero(np.any(gaps, axis=0)) if gaps else np.zeros(0, np.intp)
        if not len(places):
            continue
        if skipping.on_error == "stop":
            other = "`target:` names another column, and " if role == "target" else ""
            raise UsageError(
                f"{table.name}: {table.at(places)} of {len(table):,} rows lack{'s' if len(places) == 1 else ''} the "
                f"{role} {few(map(repr, names))}; {other}`on_error: skip` leaves out {skipping.skip_share:.0%} at most"
            )
        faults: list[Fault] = [
            UsageError(f"{table.at(places[at : at + 1])} has no {role}") for at in range(len(places))
        ]
        skipping.check(faults, len(table), f"rows of {table.name}")
        notes = (*notes, *skipping.note(faults, len(table), f"rows of {table.name}"))
        table = table[np.setdiff1d(np.arange(len(table)), places)]
    return table, notes


def _shared_groups(groups: NDArray[np.object_], parts: NDArray[np.object_], name: str) -> Sequence[str]:
    """A sentence about groups that the column of parts divides, if there are some."""
    held = {part: set(groups[parts == part].tolist()) for part in ("train", "val", "test")}
    shared = [one for one in dict.fromkeys(groups.tolist()) if sum(one in some for some in held.values()) > 1]
    if not shared:
        return ()
    return (f"{len(shared):,} of {len({*groups.tolist()}):,} groups of {name!r} are in several parts: {few(shared)}",)


def _complete(table: Columns, name: str) -> NDArray[Any]:
    """A column that must not have missing values."""
    column = table.column(name)
    if len(gaps := np.flatnonzero(table.missing(name))):
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


def _parts(table: Columns, name: str) -> NDArray[np.object_]:
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
    found = np.empty(len(texts), object)
    found[:] = [names[text] for text in texts]
    return found
