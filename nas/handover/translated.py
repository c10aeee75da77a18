"""Programs of torch.export translated to ONNX, by PyTorch's own exporter."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nas.errors import UsageError
from nas.extras import package
from nas.handover.programs import first_line, unwarned

if TYPE_CHECKING:
    from torch import Tensor
    from torch.export import ExportedProgram

OPSET = 20
"""The version of ONNX's operators."""

INPUT, OUTPUT = "inputs", "outputs"
"""The names of the model's input, `(batch, *shape)` float32, and of its output, `(batch, K)` float32."""


def translated(program: "ExportedProgram") -> bytes:
    """A program as a model in ONNX.

    Raises:
        UsageError: PyTorch cannot translate a layer, or the extra is not installed.
    """
    import torch

    for name in ("onnxscript", "onnx"):
        package(name, "ONNX")
    with unwarned():
        try:
            table = _decompositions()
            if any(node.target in table for node in program.graph.nodes):  # it takes a quarter of the whole time
                program = program.run_decompositions(table)
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
