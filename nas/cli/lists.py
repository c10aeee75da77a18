"""The command `nas list`: what there is of a kind."""

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

import typer

from nas.cli.app import Json, app

Row = Mapping[str, Any]


def _spaces() -> Sequence[Row]:
    from nas.space.reading.listing import list_spaces

    return [row._asdict() for row in list_spaces()]


def _data() -> Sequence[Row]:
    from nas.data import DATASETS
    from nas.settings.docstrings import summary

    return [{"name": name, "about": summary(factory)} for name, factory in DATASETS.items()]


def _formats() -> Sequence[Row]:
    from nas.handover import FORMATS

    return [{"name": one.name, "about": one.about} for one in FORMATS.values()]


def _distillation() -> Sequence[Row]:
    from nas.distillation.kinds import KINDS, about

    return [{"name": name, "about": about(one)} for name, one in KINDS.items()]


LISTS: Mapping[str, Callable[[], Sequence[Row]]] = MappingProxyType(
    {"spaces": _spaces, "data": _data, "formats": _formats, "distillation": _distillation}
)
"""What can be listed: rows with equal keys, the columns."""


@app.command("list")
def list_kind(
    kind: Annotated[str, typer.Argument(help=f"What to list: {' or '.join(LISTS)}.", metavar="KIND")],
    as_json: Json = False,
) -> None:
    """List the search spaces of Archwright, the sources of data, the formats of exported networks, or the kinds
    of distillation."""
    from nas.errors import UsageError, nearest
    from nas.output import announced

    if kind not in LISTS:
        close = nearest(kind, LISTS)
        hint = f"; did you mean {close!r}?" if close else ""
        raise UsageError(f"there is no list of {kind!r}, but of {', '.join(LISTS)}{hint}")
    with announced("counting the architectures of the spaces takes some seconds"):
        rows = LISTS[kind]()
    if as_json:
        print(json.dumps([dict(row) for row in rows], indent=2))
        return
    for line in show_rows(rows):
        print(line)


def show_rows(rows: Sequence[Row], width: int = 80) -> Sequence[str]:
    """Rows as lines of a table with a header; the last column is wrapped at `width`."""
    from textwrap import wrap

    *columns, last = rows[0]
    cells = [[column, *(_shown(row[column]) for row in rows)] for column in columns]
    widths = [max(map(len, column)) for column in cells]
    indent = sum(widths) + 2 * len(widths)
    lines = []
    for line, text in enumerate([last, *(str(row[last]) for row in rows)]):
        given = [column[line] for column in cells]
        right = [isinstance(rows[0][column], int | None) for column in columns]
        shown = [
            f"{cell:>{size}}" if numeric else f"{cell:<{size}}"
            for cell, size, numeric in zip(given, widths, right, strict=True)
        ]
        first, *rest = wrap(text, width - indent) or [""]
        lines.append("  ".join([*shown, first]).rstrip())
        lines += [" " * indent + one for one in rest]
    return lines


def _shown(value: object) -> str:
    """A cell: a number of seven digits or more as `1.3e13`."""
    if isinstance(value, int):
        return f"{value:,}" if value < 10**7 else f"{value:.1e}".replace("e+", "e")
    return "unknown" if value is None else str(value)
