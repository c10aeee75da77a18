"""Finalists: the networks that a run trained in full, and why others could not be trained, each in two files.

They are kept so that an interrupted run does not train them twice.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.data import Dataset
from nas.errors import EvaluationFailed, FailureKind, IntegrityError
from nas.files import read_bytes, sha256
from nas.final.figures import final_metrics, searched_metrics
from nas.final.finalist import Finalist, finalist_of
from nas.manifest import Manifest
from nas.pages.run import FinalRow
from nas.reported import CURVE
from nas.runs.config import RunConfig
from nas.runs.folder import FINALISTS
from nas.runs.network import final_of
from nas.settings import plain
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.trial import Metrics, Objective, Trial

if TYPE_CHECKING:
    from nas.model import Network


def keep_finalist(
    manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, metrics: Metrics, weights: Path
) -> Finalist:
    """Puts a finalist into the folder: its weights, and the settings of its training.

    Args:
        manifest: the files of the run.
        config: the run file.
        data: the data set.
        trial: whose architecture was trained.
        metrics: what `Finishing.train` returned.
        weights: the path of the file that it left.

    Raises:
        StorageError: a file cannot be moved or written.
        Damaged: the manifest is corrupt.
    """
    name, record = _finalist_files(trial.architecture.id)
    content = read_bytes(weights)
    manifest.move_in(name, weights)
    described: dict[str, Any] = {
        "settings": _finalist_settings(config, data.fingerprint, trial.number),
        "weights": sha256(content),
        "curves": {key.removesuffix(CURVE): curve for key, curve in metrics.items() if key.endswith(CURVE)},
        "seconds": metrics["seconds"],
    }
    if spread := {key: value for key, value in metrics.items() if key.endswith(SD)}:
        described["spread"] = spread
    manifest.write_record(record, described)
    return _finalist(manifest, config, data, trial, described)


def keep_failure(manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, failure: EvaluationFailed) -> None:
    """Writes why a finalist could not be trained. Raises StorageError."""
    _, record = _finalist_files(trial.architecture.id)
    settings = _finalist_settings(config, data.fingerprint, trial.number)
    manifest.write_record(record, {"settings": settings, "kind": failure.kind, "failure": failure.message})


def kept_finalist(
    manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, *, metrics: Collection[str]
) -> Finalist | None:
    """The finalist of a trial, as `keep_finalist` wrote it; None if it was not trained with these settings.

    Args:
        manifest: the files of the run.
        config: the run file.
        data: the data set.
        trial: whose architecture was trained.
        metrics: those that must have been measured in the training.

    Raises:
        EvaluationFailed: it could not be trained, as `keep_failure` wrote.
        Damaged: a file is corrupt.
        StorageError: a file cannot be read.
    """
    weights, record = _finalist_files(trial.architecture.id)
    if record not in manifest:
        return None
    stored = manifest.read_record(record)
    if stored["settings"] != _finalist_settings(config, data.fingerprint, trial.number):
        return None
    if "failure" in stored:
        raise EvaluationFailed(FailureKind(stored["kind"]), stored["failure"])
    # If the process was killed between the two files, the weights belong to other settings than the record.
    if weights not in manifest or stored["weights"] != sha256(manifest.read(weights)):
        return None
    if any(f"val_{name}" not in stored["curves"] for name in metrics):
        return None
    return _finalist(manifest, config, data, trial, stored)


def _finalist(
    manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, stored: Mapping[str, Any]
) -> Finalist:
    """The finalist of a record. Its network is read when it is asked for."""
    curves = {name: tuple(curve) for name, curve in stored["curves"].items()}
    load = partial(_load, manifest, data, trial.architecture)
    return finalist_of(
        trial, load, curves, stored["seconds"], objectives=config.objectives, spread=stored.get("spread")
    )


def _load(manifest: Manifest, data: Dataset, arch: Architecture) -> "Network":
    from nas.final.networks import network_with

    weights, _ = _finalist_files(arch.id)
    return network_with(manifest.read(weights), arch, data)


def failures_of(manifest: Manifest, config: RunConfig) -> Mapping[str, str]:
    """Why finalists could not be trained, by their ids, for a run without a selected network."""
    found = {}
    for name in manifest:
        if name.startswith(f"{FINALISTS}/") and name.endswith(".json"):
            record = manifest.read_record(name)
            trial, data = record["settings"]["trial"], config.recorded["data"]["sha256"]
            if "failure" in record and record["settings"] == _finalist_settings(config, data, trial):
                found[Path(name).stem] = f"{record['kind']}: {record['failure']}"
    return found


def final_rows(manifest: Manifest, trials: Sequence[Trial], objectives: Sequence[Objective]) -> Sequence[FinalRow]:
    """The finalists of a finished run, for its report; none if the run is not finished."""
    final = final_of(manifest)
    names = {id_: _finalist_files(id_)[1] for id_ in final.get("finalists", ())}
    if any(name not in manifest for name in names.values()):
        return ()  # a damaged one was moved aside
    numbered = {trial.number: trial for trial in trials}
    rows = []
    for id_, name in names.items():
        record = manifest.read_record(name)
        number = record["settings"]["trial"]
        if "failure" in record or number not in numbered:
            return ()  # it is being trained with other settings, or the log was damaged and the search continues
        trial = numbered[number]
        if trial.architecture.id != id_ or trial.score is None:
            raise IntegrityError(f"{manifest.folder}: finalist {id_} is not trial {trial.number} of the log")
        curves = {name: tuple(curve) for name, curve in record["curves"].items()}
        chosen = id_ == final["chosen"]
        rows.append(
            FinalRow(
                architecture=trial.architecture,
                trial=trial.number,
                searched=searched_metrics(trial, objectives),
                metrics=final_metrics(trial, curves, objectives),
                curves=curves,
                seconds=record["seconds"],
                chosen=chosen,
                test=final["test"] if chosen else None,
                spread=record.get("spread", {}),
            )
        )
    return rows


def _finalist_files(id_: str) -> tuple[str, str]:
    return f"{FINALISTS}/{id_}.safetensors", f"{FINALISTS}/{id_}.json"


def _finalist_settings(config: RunConfig, data: str, trial: int | None) -> dict[str, Any]:
    """The settings that determine the training of a finalist; `data` is the fingerprint of the data set."""
    settings = {"trial": trial, "seed": config.seed, "recipe": plain(config.final.recipe, hashed=True), "data": data}
    return settings if config.final.seeds == 1 else {**settings, "seeds": config.final.seeds}
