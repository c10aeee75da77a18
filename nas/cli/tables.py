"""Commands on tables of published results: `nas table list`, `show` and `convert`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import Json, print_json, table_app

TablePath = Annotated[Path | None, typer.Option(help="The published file to read the table from.")]


@table_app.command("list")
def list_tables(as_json: Json = False) -> None:
    """List the tables, and where their results come from."""
    from nas.tabular import TABLES
    from nas.tabular.show import list_tables

    found = list_tables(TABLES)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    width = max(map(len, TABLES))
    for one in found:
        text = one.get("error") or f"{one['rows']:,} rows, best {100 * one['best']:.2f} %; {one['source']}"
        print(f"{one['name']:<{width}}  {text}")


@table_app.command("show")
def show_table(
    source: Annotated[str, typer.Argument(help="A name from `nas table list`, or a file.", metavar="NAME|FILE")],
    path: TablePath = None,
    check: Annotated[bool, typer.Option("--check", help="Build the architecture of every row.")] = False,
    as_json: Json = False,
) -> None:
    """Show the contents of a table."""
    from nas.tabular import load_table
    from nas.tabular.show import facts, show_table

    table = load_table(source, path=path)
    if check:
        table.check_members()
    if as_json:
        print_json(facts(table))
    else:
        print(show_table(facts(table)))


@table_app.command("convert")
def convert_table(
    source: Annotated[
        str, typer.Argument(help="A published file, a name from `nas table list`, or a declaration.", metavar="SOURCE")
    ],
    to: Annotated[Path, typer.Argument(help="File to write, NAME.npz.", metavar="OUT")],
    name: Annotated[str | None, typer.Option(help="Name of the table, if the file contains several.")] = None,
) -> None:
    """Write a table in the compact form."""
    from nas.tabular import load_table, write_table

    table = load_table(source) if name is None else load_table(name, path=source)
    print(f"{write_table(table, to)}: {table.name}, {len(table):,} rows")
