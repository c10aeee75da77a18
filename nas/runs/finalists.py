"""Finalists: the networks that a run trained in full, and why others could not be trained.

Each has a record, and a file with the weights of each training.

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
from nas.final.finalist import Finalist, finalist_of, weights_of
from nas.final.on_test import on_test_of
from nas.manifest import Manifest
from nas.pages.run import FinalRow
from nas.reported import CURVE, EACH
from nas.runs.config import RunConfig
from nas.runs.folder import FINALISTS
from nas.runs.network import final_of
from nas.runs.tune import tuned_config
from nas.settings import plain
from nas.space import Architecture
from nas.tasks.metrics import SD
from nas.training.private.plan import SPENT
from nas.trial import Metrics, Objective, Trial

if TYPE_CHECKING:
    from nas.model import Network


def keep_finalist(
    manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, metrics: Metrics, weights: Sequence[Path]
) -> Finalist:
    """Puts a finalist into the folder: its weights, and the settings of its training.

    Args:
        manifest: the files of the run.
        config: the run file.
        data: the data set.
        trial: whose architecture was trained.
        metrics: what `Finishing.train` returned.
        weights: the paths of the files that it left, one for each training.

    Raises:
        StorageError: a file cannot be moved or written.
        Damaged: the manifest is corrupt.
    """
    first, *others = [sha256(read_bytes(path)) for path in weights]
    for training, path in enumerate(weights):
        manifest.move_in(f"{FINALISTS}/{weights_of(trial.architecture, training)}", path)
    described: dict[str, Any] = {
        "settings": finalist_settings(config, data.fingerprint, trial.number),
        "weights": first,
        "curves": {key.removesuffix(CURVE): curve for key, curve in metrics.items() if key.endswith(CURVE)},
        "seconds": metrics["seconds"],
    }
    if spread := {key: value for key, value in metrics.items() if key.endswith(SD)}:
        described["spread"] = spread
    if privacy := {key: metrics[key] for key in SPENT if key in metrics}:
        described["privacy"] = privacy
    if others:
        described["others"] = others
        described["seeds"] = {key.removesuffix(EACH): each for key, each in metrics.items() if key.endswith(EACH)}
    manifest.write_record(_record(trial.architecture.id), described)
    return _finalist(manifest, config, data, trial, described)


def keep_failure(manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, failure: EvaluationFailed) -> None:
    """Writes why a finalist could not be trained. Raises StorageError."""
    settings = finalist_settings(config, data.fingerprint, trial.number)
    described = {"settings": settings, "kind": failure.kind, "failure": failure.message}
    manifest.write_record(_record(trial.architecture.id), described)


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
    record = _record(trial.architecture.id)
    if record not in manifest:
        return None
    stored = manifest.read_record(record)
    if stored["settings"] != finalist_settings(config, data.fingerprint, trial.number):
        return None
    if "failure" in stored:
        raise EvaluationFailed(FailureKind(stored["kind"]), stored["failure"])
    # If the process was killed between the files, the weights belong to other settings than the record.
    for name, expected in hashes_of(record, stored).items():
        if name not in manifest or sha256(manifest.read(name)) != expected:
            return None
    if config.final.ensemble == "seeds" and "others" not in stored:  # an earlier version kept the first network alone
        return None
    if any(f"val_{name}" not in stored["curves"] for name in metrics):
        return None
    return _finalist(manifest, config, data, trial, stored)


def _finalist(
    manifest: Manifest, config: RunConfig, data: Dataset, trial: Trial, stored: Mapping[str, Any]
) -> Finalist:
    """The finalist of a record. Its networks are read when they are asked for."""
    names = hashes_of(_record(trial.architecture.id), stored)
    first, *others = (partial(load_network, manifest, data, trial.architecture, name) for name in names)
    return finalist_of(
        trial,
        first,
        _tuples(stored["curves"]),
        stored["seconds"],
        objectives=config.objectives,
        spread=stored.get("spread"),
        seeds=_tuples(stored.get("seeds", {})),
        others=others,
        privacy=stored.get("privacy"),
    )


def _tuples(lists: Mapping[str, Sequence[float]]) -> Mapping[str, tuple[float, ...]]:
    return {name: tuple(values) for name, values in lists.items()}


def load_network(manifest: Manifest, data: Dataset, arch: Architecture, name: str) -> "Network":
    """The network of an architecture with the weights of a file. Raises the errors of `Manifest.read`."""
    from nas.final.networks import network_with

    return network_with(manifest.read(name), arch, data)


def hashes_of(name: str, record: Mapping[str, Any]) -> Mapping[str, str]:
    """The files with the weights of each training, and their SHA-256, by the record of a finalist; none: it says why
    there are none."""
    if "weights" not in record:
        return {}
    stem = name.removesuffix(".json")
    others = {f"{stem}-{place}.safetensors": sha for place, sha in enumerate(record.get("others", ()), start=2)}
    return {f"{stem}.safetensors": record["weights"], **others}


def failures_of(manifest: Manifest, config: RunConfig) -> Mapping[str, str]:
    """Why finalists could not be trained, by their ids, for a run without a selected network."""
    found, config = {}, tuned_config(manifest, config)
    for name in manifest:
        if name.startswith(f"{FINALISTS}/") and name.endswith(".json"):
            record = manifest.read_record(name)
            trial, data = record["settings"]["trial"], config.recorded["data"]["sha256"]
            if "failure" in record and record["settings"] == finalist_settings(config, data, trial):
                found[Path(name).stem] = f"{record['kind']}: {record['failure']}"
    return found


def final_rows(
    manifest: Manifest, trials: Sequence[Trial], objectives: Sequence[Objective], *, tested: int | None
) -> Sequence[FinalRow]:
    """The finalists of a finished run, for its report; none if the run is not finished.

    Args:
        manifest: the files of the run.
        trials: all of the search.
        objectives: those of the search.
        tested: the number of test samples.

    Raises:
        Damaged: a file is corrupt.
        IntegrityError: the files do not fit together.
        StorageError: a file cannot be read.
    """
    final = final_of(manifest)
    names = {id_: _record(id_) for id_ in final.get("finalists", ())}
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
        curves = _tuples(record["curves"])
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
                tested=on_test_of(final, tested) if chosen else None,
                spread=record.get("spread", {}),
                seeds=_tuples(record.get("seeds", {})),
                privacy=record.get("privacy", {}),
            )
        )
    return rows


def _record(id_: str) -> str:
    """The name of the record of a finalist."""
    return f"{FINALISTS}/{id_}.json"


def finalist_settings(config: RunConfig, data: str, trial: int | None) -> dict[str, Any]:
    """The settings that determine the training of a finalist; `data` is the fingerprint of the data set."""
    settings = {"trial": trial, "seed": config.seed, "recipe": plain(config.final.recipe, hashed=True), "data": data}
    return settings if config.final.seeds == 1 else {**settings, "seeds": config.final.seeds}
