"""The columns with roles: those that are named, and those that the table itself shows."""

from collections.abc import Sequence
from dataclasses import replace

from nas.data.columns import Columns
from nas.data.roles import Roles
from nas.data.split import PART_NAMES
from nas.errors import UsageError, few

_ROLES = ("input", "target", "group", "time", "part")


def name_roles(columns: Columns, roles: Roles, inputs: Sequence[str] = ()) -> tuple[Roles, tuple[str, ...]]:
    """The roles with all their columns named, and what was inferred, a sentence each.

    Without a named target, it is the last column that has no other role. Without a named part, a column that has
    nothing but names of parts, `train` among them, is taken as the column of parts.

    Args:
        columns: the table.
        roles: what its columns are for.
        inputs: columns that are the inputs; none of them is a target.

    Raises:
        UsageError: a column does not exist or has two roles, or there is no target.
    """
    notes: list[str] = []
    for name in roles.ignore:
        columns.column(name)
    table = columns.without(roles.ignore)
    roles = _with_part(table, roles, notes, inputs)
    targets = _targets(table, roles, notes, inputs)
    taken = [*targets, *(name for name in (roles.group, roles.time, roles.part) if name is not None), *inputs]
    for name in taken:
        if name in roles.ignore:
            raise UsageError(f"column {name!r} is ignored, and has another role as well")
        if taken.count(name) > 1:
            raise UsageError(f"column {name!r} has two roles, of {', '.join(_ROLES)}")
        columns.column(name)
    return replace(roles, target=targets), tuple(notes)


def _with_part(table: Columns, roles: Roles, notes: list[str], inputs: Sequence[str]) -> Roles:
    """The roles with a column of parts, if one of the table can only be that."""
    if roles.part is not None:
        return roles
    targets = (roles.target,) if isinstance(roles.target, str) else roles.target or ()
    named = {*targets, roles.group, roles.time, *inputs}
    for name, column in table.arrays.items():
        if name in named or column.dtype != object or not all(map(part_of, column[:1])):
            continue
        values = {*map(part_of, set(column))}
        if "train" in values and len(values) > 1 and None not in values:
            notes.append(f"Column {name!r} has the part of each row")
            return replace(roles, part=name)
    return roles


def part_of(cell: str | None) -> str | None:
    """The part that a cell names; None: none."""
    return PART_NAMES.get(cell.strip().lower()) if cell else None


def _targets(table: Columns, roles: Roles, notes: list[str], inputs: Sequence[str]) -> tuple[str, ...]:
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
