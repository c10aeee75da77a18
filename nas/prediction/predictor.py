"""A stored network with all that predictions take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nas.data.intake import Intake, intake_of
from nas.errors import IntegrityError, UsageError
from nas.final import ARCHITECTURE, PREPARATION, WEIGHTS
from nas.folders import way_out
from nas.manifest import Manifest
from nas.runs.folder import LAYOUT
from nas.runs.network import network_contents
from nas.sealed import parse_record
from nas.tasks import Task
from nas.tasks.stored import task_of

if TYPE_CHECKING:
    from nas.model import Network

NEEDED = (ARCHITECTURE, WEIGHTS, PREPARATION)
"""The files that predictions take."""


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


def load_predictor(folder: Path) -> Predictor:
    """The selected network of a run, or of a folder to which it was exported.

    Raises:
        UsageError: the folder has no such network, or an earlier version wrote it.
        Damaged: a file is corrupt.
        IntegrityError: the files do not describe a network.
        StorageError: a file cannot be read.
    """
    from nas.prediction.stored_network import stored_network

    contents = _contents(folder)
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


def _contents(folder: Path) -> Mapping[str, bytes]:
    """The verified content of the files, by name."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder; expected that of a run, or of an exported network")
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
        raise UsageError(
            f"{folder} has no network: expected the folder of a run, or of an export with the format `python`"
        )
    return {name: manifest.read(name) for name in NEEDED}
