"""The selected network of a run: written, and read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.errors import UsageError
from nas.files import read_bytes, sha256
from nas.final import DIAGNOSIS, PREDICTIONS
from nas.final.diagnosed import Diagnosed, diagnosed_of
from nas.final.finalist import Final
from nas.final.order import plain_order
from nas.folders import way_out
from nas.manifest import Manifest
from nas.network_files import NETWORK, NETWORK_FILES
from nas.runs.folder import FINAL, check_whole
from nas.settings import plain

JUDGED = (PREDICTIONS, DIAGNOSIS)
"""What is known of the selected network beside its own files."""


def write_final(manifest: Manifest, final: Final, handed_over: Path) -> None:
    """Puts the selected network into the folder, and writes which of the finalists it is.

    Args:
        manifest: the files of the run.
        final: the result of the final stage.
        handed_over: the folder with the files of the network (`NETWORK_FILES`), its predictions and their
            diagnosis, which are moved.

    Raises:
        StorageError: a file cannot be moved or written.
    """
    described = {
        "objectives": plain(final.objectives),
        "finalists": [finalist.architecture.id for finalist in final.finalists],
        "failed": final.failed,
        "chosen": final.chosen.architecture.id,
        "probabilities": final.probabilities,
        "order": plain_order(final.order),
        "replacement": None if final.replacement is None else final.replacement.to_dict(),
        **({"privacy": final.chosen.privacy} if final.chosen.privacy else {}),
        "figures": [figure.to_dict() for figure in final.figures],
        **({"test": None} if final.tested is None else final.tested.to_dict()),
        **({"tuning": plain(final.task.tuning)} if final.task.tuning else {}),
        "files": _hashes(handed_over, NETWORK_FILES),
        "judged": _hashes(handed_over, JUDGED),
    }
    for name in NETWORK_FILES:
        manifest.move_in(f"{NETWORK}/{name}", handed_over / name)
        manifest.remove(name)  # where an earlier version wrote it
    for name in JUDGED:
        manifest.move_in(name, handed_over / name)
    manifest.write_record(FINAL, described)


def _hashes(folder: Path, names: Sequence[str]) -> Mapping[str, str]:
    return {name: sha256(read_bytes(folder / name)) for name in names}


def final_of(manifest: Manifest) -> Mapping[str, Any]:
    """The record that `write_final` wrote; empty before that."""
    return manifest.read_record(FINAL) if FINAL in manifest else {}


def diagnosed(manifest: Manifest) -> Diagnosed | None:
    """Where the selected network is right and wrong; None if there is none yet, if it is being replaced, or if an
    earlier version selected it.

    Raises:
        Damaged: a file is corrupt.
        IntegrityError: the diagnosis has another form.
        StorageError: a file cannot be read.
    """
    known = final_of(manifest).get("judged", {})
    if DIAGNOSIS not in known or DIAGNOSIS not in manifest or known[DIAGNOSIS] != sha256(manifest.read(DIAGNOSIS)):
        return None
    return diagnosed_of(manifest.read_record(DIAGNOSIS))


def network_contents(folder: str | Path) -> Mapping[str, bytes]:
    """The verified content of the files of the selected network of a run, by name (`NETWORK_FILES`; those
    that an earlier version wrote).

    Raises:
        UsageError: the run has no selected network yet.
        Damaged: a file is corrupt.
        StorageError: a file cannot be read.
    """
    with way_out(folder):
        check_whole(Path(folder))
        source = Manifest(folder)
        described: Mapping[str, str] = final_of(source).get("files", {})
        places = {name: place_of(source, name) for name in described}
        if not described or any(place not in source for place in places.values()):
            raise UsageError(f"{folder} has no final network; `nas search` with --resume finishes a run")
        contents = {name: source.read(place) for name, place in places.items()}
    if described != {name: sha256(content) for name, content in contents.items()}:
        # A finished run was resumed with other settings, and stopped between two of the files.
        raise UsageError(f"{folder}: the final network is being replaced; `nas search` with --resume finishes it")
    return contents


def place_of(manifest: Manifest, name: str) -> str:
    """Where a run has a file of its selected network: in the folder `final`, or where an earlier version wrote it."""
    return name if name in manifest else f"{NETWORK}/{name}"
