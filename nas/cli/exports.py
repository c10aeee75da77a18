"""The command `nas export`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import AllowCode, RunFolder, app
from nas.output import announced, tell


@app.command()
def export(
    folder: RunFolder,
    to: Annotated[Path, typer.Option(help="Folder to write: a new or an empty one, or an earlier export.")] = Path(
        "network"
    ),
    formats: Annotated[
        str, typer.Option(help="Formats with commas between them; `nas list formats` shows them.", metavar="NAMES")
    ] = "python",
    allow_code: AllowCode = False,
) -> None:
    """Write the selected network of a run to a folder, as files that need no Archwright.

    What the files compute is compared with the network before the folder appears.
    """
    from nas.handover import export_run

    with announced("exporting"):
        done = export_run(folder, to, formats=formats.split(","), allow_code=allow_code)
    for name, found in done.written.items():
        tell(f"{name}: {found.text}")
    print(done.folder)
    for name, why in done.refused.items():
        tell(f"nas: {name} was not written: {why}")
    if done.refused:
        raise typer.Exit(2)
