"""The selected network as files.

They do not need Archwright; with `preparation.json`, `nas.predict` and `predict.py` prepare inputs as they were in
training.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from nas.arguments import checked
from nas.data.intake import Intake
from nas.final.finalist import Final
from nas.final.untold import untold_intake, untold_task
from nas.formatting import show_metric
from nas.manifest import Manifest
from nas.network_files import ARCHITECTURE, MODEL, PREDICT, PREPARATION, WEIGHTS
from nas.sealed import record_bytes
from nas.tasks import Task
from nas.tasks.stored import plain_task

if TYPE_CHECKING:
    from nas.model import Network


@checked
def export(final: Final, folder: str | Path, *, name: str = "network") -> Path:
    """Writes the selected network to a folder, which is created if it does not exist.

    Args:
        final: the result of `fine_tune`.
        folder: where to write. Existing files of these names are replaced atomically.
        name: of the space or the run, for the first line of `model.py`.

    Returns:
        The folder. It contains `architecture.yaml` (decisions and layers), `model.safetensors` (weights), `model.py`
        (`load()` returns the trained network), `preparation.json` (how inputs are prepared), `predict.py` (which
        predicts for raw inputs) and `manifest.json` (checksums).

    Raises:
        StorageError: a file cannot be written.
    """
    manifest = Manifest(Path(folder))
    for file, content in export_files(final, name=name).items():
        manifest.write(file, content)
    return Path(folder)


def export_files(final: Final, *, name: str) -> Mapping[str, bytes]:
    """The content of the files of an export."""
    private = bool(final.chosen.privacy)
    return network_files(
        final.network, task=final.task, intake=final.intake, name=name, test=final.test, private=private
    )


def network_files(
    network: "Network",
    *,
    task: Task,
    intake: Intake,
    name: str,
    test: Mapping[str, float] | None = None,
    private: bool = False,
) -> Mapping[str, bytes]:
    """The content of the files of a network's export.

    Args:
        network: the network.
        task: its task.
        intake: how inputs are prepared.
        name: as for `export`.
        test: its metrics on the test data; None: there are none.
        private: whether its training was; nothing that only the training samples say is then in the files.
    """
    from safetensors.torch import save

    from nas.model import model_source
    from nas.plain import predict_source

    if private:
        task, intake = untold_task(task), untold_intake(intake, network.mean.cpu().numpy())
    arch = network.arch
    weights = {key: tensor.contiguous() for key, tensor in network.state_dict().items()}
    return {
        ARCHITECTURE: to_yaml(arch.to_dict()).encode(),
        # A single entry: safetensors writes several in varying order, and equal runs must produce equal bytes.
        WEIGHTS: save(weights, metadata={"format": "pt"}),
        MODEL: model_source(
            network, task=task, title=f"{name} {arch.id}, found by Archwright.", about=_about(intake, test)
        ).encode(),
        PREPARATION: record_bytes({**intake.to_dict(), "task": plain_task(task)}),
        PREDICT: predict_source(intake).encode(),
    }


def _about(intake: Intake, test: Mapping[str, float] | None) -> Sequence[str]:
    """What the network was trained on, how its inputs were prepared, and what it reaches, a sentence each."""
    reached = ", ".join(f"{name} {show_metric(name, value)}" for name, value in (test or {}).items())
    said = [f"Trained on {intake.name}.", f"{intake.preparation.note}." if intake.preparation.note else ""]
    return [*filter(None, said), *([f"On the test data: {reached}."] if reached else [])]


def to_yaml(value: object) -> str:
    """YAML in the order of the data, with lists of plain values on one line."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, and quotes only strings that YAML 1.1 or 1.2 would read as another type."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_list(dumper: _Dumper, data: list[object]) -> yaml.Node:
    flow = not any(isinstance(item, dict | list) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


# PyYAML quotes what YAML 1.1 reads as a number. In YAML 1.2, which `nas.document` reads, `1e3` and `0o17` are numbers.
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|0o[0-7]+$"),
    list("-+.0123456789"),
)
_Dumper.add_representer(list, _represent_list)
