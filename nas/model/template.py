"""The text of an exported `model.py`, with places for what differs between networks."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from string import Formatter

from nas.tasks import TASKS

TEMPLATE = '''"""{title}

{about}Input: (N, {input}), values as they are in the data set: the network normalises them itself.
Output: (N, {output}), {meaning}.
{params:,} parameters, {macs:,} multiply-accumulates a sample.

    model = load("model.safetensors")
    {usage} = model.predict(samples)
"""

import json
from pathlib import Path
from typing import Any

import torch
{functional}from torch import Tensor, nn

{names} = {outputs}{constants}
SHAPES = {shapes}  # of a sample: channels first, or as it may be stored


{copied}class Model(nn.Module):
    mean: Tensor
    std: Tensor
{scaling_types}
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros{moments})
        self.register_buffer("std", torch.ones{moments})
{scaling}{layers}

    def forward(self, x: Tensor) -> Tensor:
        x = (x.to(self.mean.dtype) - self.mean) / self.std  # (N, {input})
{steps}

    @torch.inference_mode()
    def predict(self, samples: Any) -> {returns}:
        """{prediction}.

        Samples are an array or a tensor, or a list of these, as `batch` takes them.
        """
        outputs: Tensor = self(batch(samples).to(self.mean.device))
{predicting}


def batch(samples: Any) -> Tensor:
    """Samples of one of SHAPES, or a single one, as (N, {input})."""
    x = tensor(samples)
{tokens}    for shape in SHAPES:
        if x.ndim - len(shape) in (0, 1) and x.shape[-len(shape) :] == shape:
            x = x.reshape(-1, *shape)
            if len(shape) < len(SHAPES[0]):  # without the axis of a single channel
                return x.unsqueeze(1)
            return x if shape == SHAPES[0] else x.movedim(-1, 1)
    raise ValueError(f"expected samples of {{SHAPES}}, got {{tuple(x.shape)}}")


def tensor(samples: Any) -> Tensor:
    """A tensor, an array of any byte order and strides, or nested lists of these or of numbers."""
    if isinstance(samples, Tensor):
        return samples
    if hasattr(samples, "__array__"):
        array = samples.__array__()
        return torch.from_numpy(array.astype(array.dtype.newbyteorder("="), order="C"))
    if isinstance(samples, list | tuple) and any(hasattr(one, "__array__") for one in samples):
        return torch.stack([tensor(one) for one in samples])
    return torch.tensor(samples)


def load(path: str | Path = "model.safetensors", device: str = "cpu") -> Model:
    """The network with the weights of a safetensors file, ready to predict."""
    model = Model()
    model.load_state_dict(read_weights(path))
    return model.to(device).eval()


DTYPES = {{
    **{{"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}},
    **{{"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8}},
    **{{"U8": torch.uint8, "BOOL": torch.bool, "C64": torch.complex64}},
}}


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file: the size of a header, the header in JSON, and the values."""
    content = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {{}}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            if entry["dtype"] not in DTYPES:
                raise ValueError(f"{{path}}: {{name}} is of {{entry['dtype']}}, expected one of {{', '.join(DTYPES)}}")
            first, last = (start + offset for offset in entry["data_offsets"])
            dtype = DTYPES[entry["dtype"]]
            values = torch.frombuffer(content[first:last], dtype=dtype) if first < last else torch.empty(0, dtype=dtype)
            tensors[name] = values.reshape(entry["shape"])
    return tensors
'''

SCALING = """\
        self.register_buffer("output_mean", torch.zeros{shape})
        self.register_buffer("output_std", torch.ones{shape})
"""

TOKENS = """\
    if wrong := x[(x < 0) | (x >= {tokens}) | (x.double() % 1 != 0)].tolist():
        raise ValueError(f"expected token indices, integers from 0 to {last}, got {{wrong[0]}}")
"""


def _names() -> Iterator[str]:
    """The names that the file defines, whatever the network and the task."""
    empty = {name: 0 if spec else "" for _, name, spec, _ in Formatter().parse(TEMPLATE) if name is not None}
    values = {"names": "NAMES", "outputs": "()", "shapes": "()", "returns": "None"}
    for part in ast.parse(TEMPLATE.format(**empty | values)).body:
        if isinstance(part, ast.Import | ast.ImportFrom):
            yield from (one.asname or one.name for one in part.names)
        elif isinstance(part, ast.ClassDef | ast.FunctionDef):
            yield part.name
        elif isinstance(part, ast.Assign):
            yield from map(ast.unparse, part.targets)
    for task in TASKS.values():
        yield task.word[1].upper()
        yield from (field.name.upper() for field in fields(task))  # type: ignore[arg-type]


NAMES = frozenset(_names())
"""The names that the file takes, of which no class that is copied into it may have one."""
