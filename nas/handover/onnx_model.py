"""A model in ONNX, which other runtimes execute."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.extras import package
from nas.files import read_bytes
from nas.handover.agreement import Agreement, agreement
from nas.handover.handed import Handed
from nas.handover.translated import INPUT, OPSET, OUTPUT

FILE = "model.onnx"


class OnnxModel:
    """`model.onnx`: float32 `inputs` to `outputs`, for batches of any size."""

    name: ClassVar[str] = "onnx"
    about: ClassVar[str] = f"ONNX with opset {OPSET}, for batches of any size (extra `onnx`)"
    tolerance: ClassVar[float] = 1e-4

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        runtime()
        return {FILE: handed.onnx}

    def requires(self, intake: Intake) -> Sequence[str]:
        return ("onnxruntime",)

    def check(self, handed: Handed, folder: Path) -> Agreement:
        compute = partial(computed, session(read_bytes(folder / FILE)))
        return agreement(handed, compute, self.tolerance)


def session(content: bytes) -> Any:
    """A session of onnxruntime on one thread of the CPU."""
    library = runtime()
    options = library.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return library.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def computed(opened: Any, inputs: NDArray[Any]) -> NDArray[np.float32]:
    """The outputs `(N, K)` of a session for prepared inputs `(N, *shape)`."""
    (outputs,) = opened.run([OUTPUT], {INPUT: np.asarray(inputs, np.float32)})
    return np.asarray(outputs)


def runtime() -> Any:
    """The package onnxruntime. Raises UsageError if it is not installed."""
    return package("onnxruntime", "ONNX")
