"""The command `nas export`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import AllowCode, PassphraseFile, app
from nas.output import announced, tell


@app.command()
def export(
    folder: Annotated[
        Path, typer.Argument(help="Folder of a run, such as runs/digits; or an encrypted export.", metavar="RUN")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write (network): a new or an empty one, or an earlier export. With --encrypt, the file "
            "(network.nasx)."
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            help="Formats with commas between them, by default python; `nas list formats` shows them.", metavar="NAMES"
        ),
    ] = None,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Write one file, encrypted with a passphrase that is asked for.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    allow_code: AllowCode = False,
) -> None:
    """Write the selected network of a run to a folder, as files that need no Archwright.

    What the files compute is compared with the network before the folder appears. An encrypted export is made a folder
    again.
    """
    from nas.cli.passphrases import new_passphrase, passphrase_of
    from nas.encrypted import is_encrypted
    from nas.errors import UsageError
    from nas.handover import decrypt_export, export_run

    if is_encrypted(folder):
        if encrypt or formats is not None:
            raise UsageError(f"{folder} is an encrypted export: its files are written as they are, as a folder")
        passphrase = passphrase_of(folder, passphrase_file)
        print(decrypt_export(folder, to or Path("network"), passphrase or ""))
        return
    passphrase = new_passphrase(passphrase_file) if encrypt else passphrase_of(folder, passphrase_file)
    with announced("exporting"):
        done = export_run(
            folder,
            to or Path("network.nasx" if encrypt else "network"),
            formats=[name.strip() for name in ("python" if formats is None else formats).split(",")],
            allow_code=allow_code,
            passphrase=passphrase,
        )
    for name, found in done.written.items():
        tell(f"{name}: {found.text}")
    print(done.folder)
    for name, why in done.refused.items():
        tell(f"nas: {name} was not written: {why}")
    if done.refused:
        raise typer.Exit(2)
