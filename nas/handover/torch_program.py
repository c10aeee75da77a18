"""A program of `torch.export`, which runs without the code of the network."""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.handover.agreement import Agreement, agreement
from nas.handover.handed import Handed
from nas.handover.programs import unwarned

FILE = "model.pt2"


class TorchProgram:
    """`model.pt2`: `torch.export.load(path).module()` gives a module for batches of any size."""

    name: ClassVar[str] = "pt2"
    about: ClassVar[str] = "a program of torch.export, for batches of any size"
    tolerance: ClassVar[float] = 1e-5

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        import torch

        content = io.BytesIO()
        with unwarned():
            torch.export.save(handed.program, content)
        return {FILE: content.getvalue()}

    def requires(self, intake: Intake) -> Sequence[str]:
        # Programs are read by the version of torch that wrote them, and by later ones.
        return (f"torch>={version('torch').partition('+')[0]}",)

    def check(self, handed: Handed, folder: Path) -> Agreement:
        return agreement(handed, partial(self.compute, folder), self.tolerance)

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the module that the program gives."""
        import torch

        with unwarned(), torch.inference_mode():
            module = torch.export.load(folder / FILE).module()
            return np.asarray(module(torch.from_numpy(inputs)))
