"""The command `nas`: its name, its groups, and the options that several commands have."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="nas",
    help="Neural architecture search for PyTorch: from a search space in YAML to a trained network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

table_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(table_app, name="table", help="List, show and convert tables of published results.")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
AllowCode = Annotated[bool, typer.Option("--allow-code", help="Import the code that a stored run names.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, such as runs/digits.", metavar="RUN")]


def print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2))
