"""The selected network of a run: written, and copied to another folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.errors import UsageError
from nas.files import read_bytes, sha256
from nas.final import NETWORK_FILES
from nas.final.finalist import Final
from nas.folders import way_out
from nas.manifest import Manifest
from nas.runs.folder import FINAL, check_whole
from nas.settings import plain


def write_final(manifest: Manifest, final: Final, handed_over: Path) -> None:
    """Puts the selected network into the folder, and writes which of the finalists it is.

    Args:
        manifest: the files of the run.
        final: the result of the final stage.
        handed_over: the folder with the files of the network (`nas.final.NETWORK_FILES`), which are moved.

    Raises:
        StorageError: a file cannot be moved or written.
    """
    described = {
        "objectives": plain(final.objectives),
        "finalists": [finalist.architecture.id for finalist in final.finalists],
        "failed": final.failed,
        "chosen": final.chosen.architecture.id,
        "figures": [figure.to_dict() for figure in final.figures],
        "test": final.test,
        **({"tuning": plain(final.task.tuning)} if final.task.tuning else {}),
        "files": {name: sha256(read_bytes(handed_over / name)) for name in NETWORK_FILES},
    }
    for name in NETWORK_FILES:
        manifest.move_in(name, handed_over / name)
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
