"""A stored network with all that predictions take."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nas.data.intake import Intake, intake_of
from nas.encrypted import decrypted, is_encrypted
from nas.errors import IntegrityError, UsageError
from nas.folders import way_out
from nas.manifest import MANIFEST, Manifest
from nas.network_files import ARCHITECTURE, PREPARATION, WEIGHTS
from nas.runs.folder import LAYOUT
from nas.runs.network import network_contents
from nas.sealed import parse_record
from nas.tasks import Task
from nas.tasks.stored import task_of

if TYPE_CHECKING:
    from nas.model import Network

NEEDED = (ARCHITECTURE, WEIGHTS, PREPARATION)
"""The files that predictions take."""

_NO_NETWORK = "has no network: expected the folder of a run, or of an export with the format `python`"


@dataclass(frozen=True)
class Predictor:
    """A network that predicts.

    Attributes:
        network: on the CPU, in evaluation mode.
        intake: how its inputs are prepared.
        task: what its outputs mean.
    """

    network: "Network"
    intake: Intake
    task: Task


def load_predictor(folder: Path, passphrase: str | None = None) -> Predictor:
    """The selected network of a run, of a folder to which it was exported, or of an encrypted export.

    Args:
        folder: that folder, or the file.
        passphrase: of an encrypted export.

    Raises:
        UsageError: the folder has no such network, or an earlier version wrote it.
        Damaged: a file is corrupt.
        IntegrityError: the files do not describe a network, or the passphrase is another one.
        StorageError: a file cannot be read.
    """
    from nas.model.stored import stored_network

    contents = _contents(folder, passphrase)
    path = folder / PREPARATION
    record = parse_record(contents[PREPARATION], path)
    with way_out(folder):
        try:
            network = stored_network(contents[ARCHITECTURE], contents[WEIGHTS])
            task, intake = task_of(record["task"]), intake_of(record)
        except (IntegrityError, LookupError) as error:
            raise IntegrityError(f"{folder}: {error}") from error
    if network.arch.input != intake.preparation.input.shape or network.arch.output != (len(task.outputs),):
        raise IntegrityError(
            f"{path} is not that of the network: expected inputs of {network.arch.input} and outputs of "
            f"{network.arch.output}, got {intake.preparation.input.shape} and {(len(task.outputs),)}"
        )
    return Predictor(network, intake, task)


def _contents(folder: Path, passphrase: str | None) -> Mapping[str, bytes]:
    """The verified content of the files, by name."""
    if folder.is_file():
        if passphrase is None:
            said = "is an encrypted export: its passphrase is needed" if is_encrypted(folder) else _NO_NETWORK
            raise UsageError(f"{folder} {said}")
        return _needed(folder, decrypted(folder, passphrase))
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; expected that of a run, or of an exported network")
    if passphrase is not None:
        raise UsageError(f"{folder} is a folder, which has no passphrase")
    if LAYOUT.is_that_of(folder):
        contents = network_contents(folder)
        if PREPARATION not in contents:
            raise UsageError(
                f"{folder} has no {PREPARATION}: an earlier version wrote the network; `nas search` with --resume "
                f"writes it anew"
            )
        return contents
    manifest = Manifest(folder)
    if not any(name in manifest or (folder / name).exists() for name in NEEDED):
        raise UsageError(f"{folder} {_NO_NETWORK}")
    if not os.path.lexists(manifest.path):
        run = folder.resolve().parent
        hint = f"; {run} is that of a run" if LAYOUT.is_that_of(run) else ", which has one"
        raise UsageError(f"{folder} has no {MANIFEST}: expected the folder of a run, or of an export{hint}")
    return {name: manifest.read(name) for name in NEEDED}


def _needed(file: Path, contents: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The content of the files in an encrypted export that predictions take."""
    if any(name not in contents for name in NEEDED):
        raise UsageError(f"{file} {_NO_NETWORK}")
    return contents
