"""A model in ONNX, which other runtimes execute."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.errors import UsageError
from nas.handover.handed import Handed
from nas.handover.programs import first_line, unwarned

if TYPE_CHECKING:
    from torch import Tensor

FILE = "model.onnx"

OPSET = 20
"""The version of ONNX's operators."""

INPUT, OUTPUT = "inputs", "outputs"
"""The names of the model's input, `(batch, *shape)` float32, and of its output, `(batch, K)` float32."""


class OnnxModel:
    """`model.onnx`: float32 `inputs` to `outputs`, for batches of any size."""

    name: ClassVar[str] = "onnx"
    about: ClassVar[str] = f"ONNX with opset {OPSET}, for batches of any size (extra `onnx`)"
    requires: ClassVar[tuple[str, ...]] = ("onnxruntime",)
    tolerance: ClassVar[float] = 1e-4

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        runtime()
        return {FILE: onnx_bytes(handed)}

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        (outputs,) = session((folder / FILE).read_bytes()).run([OUTPUT], {INPUT: np.asarray(inputs, np.float32)})
        return np.asarray(outputs)


def onnx_bytes(handed: Handed) -> bytes:
    """The network as a model in ONNX.

    Raises:
        UsageError: PyTorch cannot trace or translate a layer, or the extra is not installed.
    """
    import torch

    package("onnxscript")
    package("onnx")
    program = handed.program
    with unwarned():
        try:
            program = program.run_decompositions(_decompositions())
            model = torch.onnx.export(
                program,
                (),
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
            )
        except torch.onnx.errors.OnnxExporterError as error:
            cause = error.__cause__ or error
            raise UsageError(f"the network cannot be written in ONNX: {first_line(cause)}") from error
        if model is None:
            raise UsageError("the network cannot be written in ONNX: PyTorch returned no model")
        return bytes(model.model_proto.SerializeToString())


def _decompositions() -> Mapping[Any, Callable[..., Any]]:
    """How operators that PyTorch's exporter to ONNX does not know are written by others."""
    import torch

    adaptive = torch.ops.aten.adaptive_max_pool1d.default, torch.ops.aten.adaptive_max_pool2d.default
    return dict.fromkeys(adaptive, _adaptive_max_pool)


def _adaptive_max_pool(x: "Tensor", size: Sequence[int]) -> "tuple[Tensor, Tensor]":
    """The maxima of the windows of an adaptive pooling, `(N, C, *size)`. The places of maxima are not computed, for the
    layers of `torch.nn` drop them: values stand in their place."""
    import torch

    for axis, count in enumerate(size, start=x.dim() - len(size)):
        length = x.shape[axis]
        windows = [(place * length // count, -(-(place + 1) * length // count)) for place in range(count)]
        x = torch.cat([x.narrow(axis, start, end - start).amax(axis, keepdim=True) for start, end in windows], axis)
    return x, x.long()


def session(content: bytes) -> Any:
    """A session of onnxruntime on one thread of the CPU."""
    library = runtime()
    options = library.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return library.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def runtime() -> Any:
    """The package onnxruntime. Raises UsageError if it is not installed."""
    return package("onnxruntime")


def package(name: str) -> Any:
    """A package of the extra `onnx`. Raises UsageError if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(f"ONNX needs {name}: pip install 'archwright[onnx]'") from None
