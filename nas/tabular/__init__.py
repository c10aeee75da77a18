"""Published tables as evaluators: the table `TABLES`. docs/tables.md lists the sources of their files."""

from pathlib import Path
from typing import Any

from nas.arguments import checked
from nas.errors import UsageError, nearest
from nas.settings import Registry
from nas.tabular.compact import write_table
from nas.tabular.lookup import Tabular
from nas.tabular.metaqnn import METAQNN_TABLES
from nas.tabular.naap440 import naap440
from nas.tabular.nasbench101 import nasbench101
from nas.tabular.nasbench201 import NASBENCH201_TABLES
from nas.tabular.nasbench_macro import nasbench_macro
from nas.tabular.sniff import names_in, read_own
from nas.tabular.table import Table


def _of_file(file: Path) -> Table:
    """A table from a file."""
    found: Table = load_table(file)
    return found


TABLES: Registry[Table] = Registry(
    Table,
    "table",
    {
        **NASBENCH201_TABLES,
        "nasbench101-cifar10": nasbench101,
        "nasbench_macro-cifar10": nasbench_macro,
        "naap440-cifar10": naap440,
        **METAQNN_TABLES,
    },
    from_file=_of_file,
)
"""The published tables by name, each a function that reads it."""


@checked
def load_table(source: str | Path, *, path: str | Path | None = None, **settings: Any) -> Table:
    """A table of published results.

    Args:
        source: a name in `nas.TABLES`; or a file: a table written by `nas table convert`, a declaration in YAML, or a
            published file that contains a single table.
        path: the published file of a named table, if it is not in the package or folder of published tables.
        settings: further arguments of the table's function, such as `latency` of NAS-Bench-201.

    Raises:
        UsageError: there is no such table or file, or its results are not installed; says what to do.
        SpecError: a declaration has problems; all of them are listed.
        StorageError, IntegrityError: a file cannot be read, or has unexpected content.
    """
    name = str(source)
    if name in TABLES:
        wanted = None if path is None else Path(path)
        if wanted is not None and (table := read_own(wanted)) is not None:
            if table.name != name:
                raise UsageError(f"{wanted} contains the table {table.name}, expected {name}")
            return table
        return TABLES[name](**({} if wanted is None else {"path": wanted}), **settings)
    if path is not None:
        raise _unknown(name)
    file = Path(source)
    if not file.exists():
        raise _unknown(name)
    if (table := read_own(file)) is not None:
        return table
    names = names_in(file)
    if len(names) > 1:
        raise UsageError(
            f"{file} contains several tables: name one of {', '.join(names)}, and give the file as its path"
        )
    return TABLES[names[0]](path=file, **settings)


def _unknown(name: str) -> UsageError:
    close = nearest(name, TABLES)
    return UsageError(
        f"there is neither a table nor a file {name!r}; tables are {', '.join(TABLES)}"
        + (f"; did you mean {close!r}?" if close else "")
    )


__all__ = ["TABLES", "Table", "Tabular", "load_table", "write_table"]
