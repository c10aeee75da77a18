"""A program of `torch.export`, which runs without the code of the network."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.handover.handed import Handed
from nas.handover.programs import unwarned

FILE = "model.pt2"


class TorchProgram:
    """`model.pt2`: `torch.export.load(path).module()` gives a module for batches of any size."""

    name: ClassVar[str] = "pt2"
    about: ClassVar[str] = "a program of torch.export, for batches of any size"
    requires: ClassVar[tuple[str, ...]] = ("torch",)
    tolerance: ClassVar[float] = 1e-5

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        import torch

        content = io.BytesIO()
        with unwarned():
            torch.export.save(handed.program, content)
        return {FILE: content.getvalue()}

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        import torch

        with unwarned(), torch.inference_mode():
            module = torch.export.load(folder / FILE).module()
            return np.asarray(module(torch.from_numpy(inputs)))
