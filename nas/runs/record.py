"""The record of what a run was started with: `config.yaml`, `space.yaml` and the user's own code."""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nas.data import Dataset
from nas.errors import SpecError, StorageError, UsageError
from nas.evaluate import Evaluator
from nas.evaluate.evaluation import full_epochs_of
from nas.evaluate.evaluator import known_to
from nas.evaluate.space_of import space_of
from nas.files import read_bytes
from nas.manifest import Manifest
from nas.runs.config import CONFIG, RunConfig, read_config
from nas.runs.folder import CODE, SPACE
from nas.runs.prepare import followed
from nas.runs.recorded_data import record_of
from nas.settings import Code, Setting, changes, identity, plain, resolved
from nas.space import Space

PACKAGES = ("archwright", "torch", "numpy", "optuna", "scikit-learn", "safetensors")
"""The packages whose versions are recorded."""


def record(
    manifest: Manifest, config: RunConfig, space: Space, data: Dataset, evaluator: Evaluator, *, device: str
) -> None:
    """Writes `config.yaml`, `space.yaml` and the files with the user's own code. Raises StorageError.

    `device` is the name of the device that networks are trained on.
    """
    from nas.final.export import to_yaml

    recorded = {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "device": device,
        "platform": platform.platform(),
        "data": record_of(data),
        "space": {"sha256": space.fingerprint},
        "full_epochs": full_epochs_of(evaluator),
        "followed": followed(config),
        **_measured_on(config, evaluator),
        "code": {one.name: one.sha256 for one in config.codes},
    }
    manifest.write(SPACE, read_bytes(space_of(config.space, data).file))
    for one in config.codes:
        if one.path is not None:
            manifest.write(copy_of(one), read_bytes(one.path))
    written = {**resolved(config, _name_in_folder), "space": SPACE, "recorded": recorded}
    manifest.write(CONFIG, to_yaml(written).encode())


def _measured_on(config: RunConfig, evaluator: Evaluator) -> dict[str, Any]:
    """What metrics of hardware are measured on, if there are any."""
    if not known_to(evaluator, "measures"):
        return {}
    from nas.hardware.measure import machine

    return {"hardware": machine(config.hardware, config.device)}


def identity_of(config: RunConfig, *, space: str, data: str) -> dict[str, Any]:
    """The identity of a run: what must not change between its start and its resumption.

    Args:
        config: the run file.
        space, data: the fingerprints of the space and of the data set.
    """
    return {"space": space, "data": data, **identity(config)}


def data_changes(folder: Path, config: RunConfig) -> list[str]:
    """The settings of the data that differ from those that the run in a folder recorded, a line for each; none if these
    cannot be read."""
    try:
        begun = read_config(folder / CONFIG)
    except (SpecError, UsageError, StorageError):
        return []
    if "data" in begun.wrong:
        return []
    return changes({"data": plain(begun.config.data)}, {"data": plain(config.data)})


def copy_of(code: Code) -> str:
    """The name of the copy of a file with the user's own code."""
    return f"{CODE}/{code.sha256[:12]}/{code.name.partition(':')[0]}"


def _name_in_folder(setting: Setting[Any]) -> str:
    code = setting.maker
    if isinstance(code, Code) and code.path is not None:
        return f"{copy_of(code)}:{code.name.partition(':')[2]}"
    return setting.name
