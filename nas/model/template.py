"""The text of an exported `model.py`, with places for what differs between networks."""

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
    for shape in SHAPES:
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


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file: the size of a header, the header in JSON, and the values."""
    content = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {{}}
    for name, entry in json.loads(content[8:start]).items():
        if name != "__metadata__":
            dtype = {{"F32": torch.float32, "I64": torch.int64}}[entry["dtype"]]
            first, last = entry["data_offsets"]
            values = torch.frombuffer(content[start + first : start + last], dtype=dtype)
            tensors[name] = values.reshape(entry["shape"])
    return tensors
'''

SCALING = """\
        self.register_buffer("output_mean", torch.zeros{shape})
        self.register_buffer("output_std", torch.ones{shape})
"""
