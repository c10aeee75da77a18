"""The selected network of a run: written, and copied to another folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.errors import UsageError
from nas.files import sha256
from nas.final import NETWORK_FILES
from nas.folders import way_out
from nas.manifest import Manifest
from nas.runs.folder import FINAL, check_whole
from nas.settings import plain

if TYPE_CHECKING:
    from nas.final.fine_tune import Final


def write_final(manifest: Manifest, final: "Final", *, name: str) -> None:
    """Writes the selected network, and which of the finalists it is. Raises StorageError."""
    from nas.final.export import export_files

    contents = export_files(final, name=name)
    described = {
        "objectives": plain(final.objectives),
        "finalists": [finalist.architecture.id for finalist in final.finalists],
        "failed": final.failed,
        "chosen": final.chosen.architecture.id,
        "figures": [figure.to_dict() for figure in final.figures],
        "test": final.test,
        "files": {name: sha256(content) for name, content in contents.items()},
    }
    for file, content in contents.items():
        manifest.write(file, content)
    manifest.write_record(FINAL, described)


def final_of(manifest: Manifest) -> Mapping[str, Any]:
    """The record that `write_final` wrote; empty before that."""
    return manifest.read_record(FINAL) if FINAL in manifest else {}


def copy_network(folder: str | Path, target: str | Path) -> Path:
    """Verifies the selected network of a run (`nas.final.NETWORK_FILES`), and copies it to another folder.

    Raises:
        UsageError: the run has no selected network yet.
        Damaged: a file is corrupt; nothing is copied.
        StorageError: a file cannot be read or written.
    """
    with way_out(folder):
        check_whole(Path(folder))
        source = Manifest(folder)
        if any(name not in source for name in (*NETWORK_FILES, FINAL)):
            raise UsageError(f"{folder} has no final network; `nas search` with --resume finishes a run")
        contents = {name: source.read(name) for name in NETWORK_FILES}
        described = source.read_record(FINAL)["files"]
    if described != {name: sha256(content) for name, content in contents.items()}:
        # A finished run was resumed with other settings, and stopped between two of the files.
        raise UsageError(f"{folder}: the final network is being replaced; `nas search` with --resume finishes it")
    for name, content in contents.items():
        Manifest(target).write(name, content)
    return Path(target)
