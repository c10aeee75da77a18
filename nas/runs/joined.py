"""The network that was trained on the training and the validation samples, in the folder of a run.

It has a record and a file with weights, as a finalist has, so that an interrupted run does not train it twice.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind
from nas.files import read_bytes, sha256
from nas.final.finalist import Finalist, joined_weights_of
from nas.final.replacement import Replacement
from nas.manifest import Manifest
from nas.runs.config import RunConfig
from nas.runs.finalists import finalist_settings, load_network
from nas.runs.folder import FINALISTS
from nas.space import Architecture
from nas.trial import Metrics

if TYPE_CHECKING:
    from nas.model import Network


def keep_joined(
    manifest: Manifest,
    config: RunConfig,
    data: Dataset,
    chosen: Finalist,
    result: Metrics | EvaluationFailed,
    weights: Path,
) -> None:
    """Puts the network, or why it could not be trained, into the folder.

    Args:
        manifest: the files of the run.
        config: the run file.
        data: the data set.
        chosen: the selected finalist.
        result: what `Finishing.train_joined` returned, or how it failed.
        weights: the path of the file that it left.

    Raises:
        StorageError: a file cannot be moved or written.
        Damaged: the manifest is corrupt.
    """
    described: dict[str, Any] = {"settings": _settings(config, data, chosen)}
    if isinstance(result, EvaluationFailed):
        described |= {"kind": result.kind, "failure": result.message}
    else:
        described |= {"weights": sha256(read_bytes(weights)), "seconds": result["seconds"]}
        manifest.move_in(_weights(chosen.architecture), weights)
    manifest.write_record(_record(chosen.architecture), described)


def kept_joined(manifest: Manifest, config: RunConfig, data: Dataset, chosen: Finalist) -> Replacement | None:
    """What is known of the network; None if it was not trained with these settings.

    Raises:
        EvaluationFailed: it could not be trained.
        Damaged: a file is corrupt.
        StorageError: a file cannot be read.
    """
    arch = chosen.architecture
    record, weights = _record(arch), _weights(arch)
    if record not in manifest:
        return None
    stored = manifest.read_record(record)
    if stored["settings"] != _settings(config, data, chosen):
        return None
    if "failure" in stored:
        raise EvaluationFailed(FailureKind(stored["kind"]), stored["failure"])
    if weights not in manifest or stored["weights"] != sha256(manifest.read(weights)):
        return None
    return Replacement("joined", 1, arch.params, arch.macs, stored["seconds"], single=chosen.own)


def load_joined(manifest: Manifest, data: Dataset, arch: Architecture) -> Callable[[], "Network"]:
    """Returns what reads the network."""
    return partial(load_network, manifest, data, arch, _weights(arch))


def _settings(config: RunConfig, data: Dataset, chosen: Finalist) -> Mapping[str, Any]:
    return {**finalist_settings(config, data.fingerprint, chosen.trial), "seeds": 1, "join": True}


def _weights(arch: Architecture) -> str:
    return f"{FINALISTS}/{joined_weights_of(arch)}"


def _record(arch: Architecture) -> str:
    """The name of the record, which `hashes_of` reads as that of a finalist."""
    return _weights(arch).replace(".safetensors", ".json")
