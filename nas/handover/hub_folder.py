"""A folder for the Hugging Face Hub."""

import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.extras import package
from nas.files import read_bytes
from nas.handover.agreement import Agreement, agreement
from nas.handover.handed import Handed
from nas.handover.hub_readme import readme
from nas.handover.hub_source import SOURCE
from nas.handover.plain_python import PlainPython, executed
from nas.network_files import MODEL

CONFIG, README, CODE = "config.json", "README.md", "hub.py"


class HubFolder:
    """The files of `python` with `hub.py`, whose class `HubModel` is a `PyTorchModelHubMixin`, its configuration and
    the card as README."""

    name: ClassVar[str] = "hub"
    about: ClassVar[str] = "a repository for the Hugging Face Hub, in plain PyTorch (extra `hub`)"
    tolerance: ClassVar[float] = 0.0

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        """The files. Raises UsageError where the format `python` cannot be written, too."""
        package("huggingface_hub", "hub")
        own = {CONFIG: config(handed), README: readme(handed), CODE: SOURCE}
        return {**PlainPython().write(handed), **{name: text.encode() for name, text in own.items()}}

    def requires(self, intake: Intake) -> Sequence[str]:
        return ("huggingface_hub", "safetensors", *PlainPython().requires(intake))

    def check(self, handed: Handed, folder: Path) -> Agreement:
        return agreement(handed, partial(self.compute, folder), self.tolerance)

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the network that `HubModel.from_pretrained` loads."""
        import torch

        with _imported("model", _module(folder / MODEL)):
            code = _module(folder / CODE)
        with redirect_stdout(io.StringIO()), torch.inference_mode():  # it says that it loads
            return np.asarray(code.HubModel.from_pretrained(folder)(torch.from_numpy(inputs)))


def config(handed: Handed) -> str:
    """What the network takes and gives, in JSON as `save_pretrained` writes it."""
    task = handed.predictor.task
    said = {
        "architectures": ["HubModel"],
        "input": list(handed.network.arch.input),
        "outputs": list(task.outputs),
        "task": task.name,
    }
    return json.dumps(said, sort_keys=True, indent=2)


def _module(path: Path) -> Any:
    return executed(read_bytes(path), path)


@contextmanager
def _imported(name: str, module: ModuleType) -> Iterator[None]:
    """Within this block, imports of a name give a module."""
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
