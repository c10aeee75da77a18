"""The command `nas`: its name, its groups, and the options that several commands have."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

if TYPE_CHECKING:
    from nas.training.device import Device

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
DeviceName = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="A file with the passphrase, in place of a prompt.", metavar="FILE"),
]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, such as runs/digits.", metavar="RUN")]


def device_of(name: str) -> "Device":
    """The device of the option `--device`. Raises UsageError."""
    from nas.errors import UsageError
    from nas.training.device import Device

    if name not in get_args(Device):
        raise UsageError(f"--device is {name!r}, expected {', '.join(get_args(Device))}")
    return cast("Device", name)


def print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2))
