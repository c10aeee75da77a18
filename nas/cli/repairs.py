"""The command `nas repair`, for the folders of runs and comparisons."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import Json, app, print_json


@app.command()
def repair(
    folder: Annotated[Path, typer.Argument(help="Folder of a run or of a comparison.", metavar="FOLDER")],
    as_json: Json = False,
) -> None:
    """Move damaged files of a folder aside, so that they can be recreated.

    Nothing is trained, and nothing is deleted.
    """
    from nas.repairs import repair

    found = repair(folder)
    if as_json:
        print_json(found.to_dict())
        return
    if not found.damaged:
        print(f"{folder}: no damaged files")
        return
    width = max(map(len, found.damaged))
    print(f"{folder}: damaged files")
    for name, reason in found.damaged.items():
        print(f"  {name:<{width}}  {reason}")
    if found.aside is not None:
        print(f"Those that exist were moved to {found.aside}.")
    if found.log:
        print(f"{found.log}.")
    print(f"To recreate the rest:\n  {found.command}")
    if found.needs:
        print(f"where {found.needs} is the original file.")
