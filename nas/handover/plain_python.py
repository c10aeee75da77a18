"""Plain PyTorch: the files of a run's `final/`."""

from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.files import read_bytes
from nas.final import NETWORK_FILES, WEIGHTS
from nas.handover.format import Written
from nas.handover.handed import Handed


class PlainPython:
    """`model.py` and its weights, which need torch alone, and the files that `nas predict` reads."""

    name: ClassVar[str] = "python"
    about: ClassVar[str] = "plain PyTorch"
    requires: ClassVar[tuple[str, ...]] = ("torch",)
    tolerance: ClassVar[float | None] = 0.0

    def write(self, handed: Handed) -> Written:
        """The files as the run wrote them."""
        if missing := [name for name in NETWORK_FILES if name not in handed.contents]:
            raise UsageError(f"{handed.folder} has no {', '.join(missing)}")
        return Written({name: handed.contents[name] for name in NETWORK_FILES})

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the network that `model.py` builds."""
        import torch

        module = ModuleType("model")
        module.__file__ = str(folder / "model.py")
        exec(compile(read_bytes(folder / "model.py"), module.__file__, "exec"), module.__dict__)
        model = module.load(folder / WEIGHTS)
        with torch.inference_mode():
            return np.asarray(model(torch.from_numpy(inputs)))
