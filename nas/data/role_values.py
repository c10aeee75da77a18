"""What the rows of a table say of samples by the roles of its columns: targets, groups, times and parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns, is_missing
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.errors import UsageError, few

PART_NAMES: Mapping[str, str] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
"""What the cells of a column of parts may say, in lower case, and the part that each means."""


@dataclass(frozen=True, eq=False)
class RoleValues:
    """What the columns with roles say of each row.

    Attributes:
        columns: the other columns.
        targets: `(N,)`, or `(N, K)` of several columns: strings, integers or numbers.
        target_names: the names of the columns of targets.
        groups: the group of each row, integers or strings; None: there is no such column.
        times: the time of each row, `datetime64` or numbers; None: there is no such column.
        parts: the part of each row, `train`, `val` or `test`; None: there is no such column.
        notes: what a reader should know, a sentence each.
    """

    columns: Columns
    targets: NDArray[Any]
    target_names: tuple[str, ...]
    groups: NDArray[Any] | None = None
    times: NDArray[Any] | None = None
    parts: NDArray[np.str_] | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, rows: NDArray[Any]) -> Self:
        taken = {name: getattr(self, name) for name in ("columns", "targets", "groups", "times", "parts")}
        return replace(self, **{name: value[rows] for name, value in taken.items() if value is not None})

    def by_part(self) -> Mapping[str, Self]:
        """The rows of each part: those of `train`, and of `val` and `test` if there are any."""
        if self.parts is None:
            return {"train": self}
        rows = {part: np.flatnonzero(self.parts == part) for part in ("train", "val", "test")}
        return {part: self[places] for part, places in rows.items() if len(places)}


def role_values(columns: Columns, roles: Roles, skipping: Skipping, *, inputs: Sequence[str] = ()) -> RoleValues:
    """Reads the columns that have roles.

    Numbers that are all whole are read as integers, so that they can be classes or groups.

    Args:
        columns: of the table.
        roles: of its columns.
        skipping: what happens to rows with a gap in one of these columns or in `inputs`.
        inputs: columns that are inputs: none of them is the target by default, and they must have no gaps.

    Raises:
        UsageError: a column is missing or has two roles, no column is left for inputs, a cell is missing, or a part is
            unknown; names the rows.
    """
    columns = columns.without(_existing(columns, roles.ignore))
    target_names = _targets(columns, roles, inputs)
    notes: tuple[str, ...] = ()
    if roles.target is None:
        notes = (f"the target is {target_names[0]!r}, the last column of {columns.name}",)
    named = {"group": roles.group, "time": roles.time, "part": roles.part}
    held = {**dict.fromkeys(target_names, "target")}
    for role, name in named.items():
        if name is not None and held.setdefault(name, role) != role:
            raise UsageError(f"{columns.name}: the column {name!r} is the {held[name]} and the {role}")
    needed = {**held, **dict.fromkeys(inputs, "column")}
    gaps = np.any([is_missing(columns.column(name)) for name in needed], axis=0)
    if gaps.any():
        faults = [_gap(columns, int(place), needed) for place in np.flatnonzero(gaps)]
        what = f"rows of {columns.name}"
        skipping.check(faults, len(columns), what)
        notes, columns = (*notes, *skipping.note(faults, len(columns), what)), columns[np.flatnonzero(~gaps)]
    taken = {name: _whole(columns.column(name)) for name in held}
    others = columns.without(held)
    if not others.names:
        raise UsageError(f"{columns.name}: no column is left for inputs beside {few(held)}")
    several = [taken[name] for name in target_names]
    group, time = (taken[name] if name is not None else None for name in (roles.group, roles.time))
    if time is not None and time.dtype == object:
        raise UsageError(f"{columns.name}: the time {roles.time!r} is a column of texts; expected dates or numbers")
    return RoleValues(
        others,
        several[0] if len(several) == 1 else np.stack(several, axis=1),
        target_names,
        group,
        time,
        None if roles.part is None else _parts(columns, taken[roles.part], roles.part),
        notes,
    )


def _targets(columns: Columns, roles: Roles, inputs: Sequence[str]) -> tuple[str, ...]:
    """The columns of the targets; by default, the last one that has no other role and is no input."""
    if roles.target is not None:
        return (roles.target,) if isinstance(roles.target, str) else tuple(roles.target)
    free = [name for name in columns.names if name not in (roles.group, roles.time, roles.part, *inputs)]
    if not free:
        raise UsageError(f"{columns.name} has no column for the target")
    return (free[-1],)


def _existing(columns: Columns, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        columns.column(name)
    return names


def _gap(columns: Columns, place: int, held: Mapping[str, str]) -> UsageError:
    missing = [f"{role} {name!r}" for name, role in held.items() if is_missing(columns.column(name)[place : place + 1])]
    where = columns.at(np.array([place]))
    return UsageError(f"{columns.name}, {where}: the {' and the '.join(missing)} is missing")


def _whole(column: NDArray[Any]) -> NDArray[Any]:
    """Numbers as integers, if all are whole."""
    if column.dtype.kind == "f" and len(column) and (column == np.floor(column)).all() and abs(column).max() < 2**53:
        return column.astype(np.int64)
    return column


def _parts(columns: Columns, cells: NDArray[Any], name: str) -> NDArray[np.str_]:
    found = [PART_NAMES.get(str(cell).strip().lower()) for cell in cells]
    unknown = np.array([place for place, part in enumerate(found) if part is None], np.intp)
    if len(unknown):
        where = columns.at(unknown)
        raise UsageError(
            f"{columns.name}, {where}: the part {name!r} is {str(cells[unknown[0]])!r}; expected train, val or test"
        )
    if "train" not in found:
        raise UsageError(f"{columns.name}: no row has the part train in {name!r}")
    return np.array(found, str)
