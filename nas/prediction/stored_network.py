"""Networks from the files of an export. Nothing in the files is executed: layers are those of the table of ops."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load

from nas.errors import ArchwrightError, IntegrityError
from nas.model import Network
from nas.ops import MERGES, OPS, Merge, Op, Shape
from nas.ops.op import FREE
from nas.space import Architecture, Layer


def stored_network(architecture: bytes, weights: bytes) -> Network:
    """The network of an `architecture.yaml` with the weights of a `model.safetensors`, on the CPU and in evaluation
    mode.

    Raises:
        IntegrityError: the files do not describe a network of the ops of Archwright.
    """
    try:
        tensors = load(weights)
        arch = stored_architecture(yaml.load(architecture, _Loader))
        if arch.params > sum(tensor.numel() for tensor in tensors.values()):  # before memory is taken up
            raise ValueError(f"the layers have {arch.params:,} parameters, more than there are weights")
        scaling = (tensors["output_mean"], tensors["output_std"]) if "output_mean" in tensors else None
        with torch.random.fork_rng(devices=[]):
            network = Network(arch, mean=tensors["mean"], std=tensors["std"], scaling=scaling)
        network.load_state_dict(tensors)
    except (
        SafetensorError,
        yaml.YAMLError,
        ArchwrightError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise IntegrityError(f"these are not the files of a network: {error}") from error
    return network.eval()


def stored_architecture(described: Mapping[str, Any]) -> Architecture:
    """The architecture that `Architecture.to_dict` described, with its cells as plain layers.

    Raises:
        ArchwrightError, ValueError, LookupError, TypeError, AttributeError: this is no such description.
    """
    places, shapes = {"input": 0}, [_shape(described["input"])]
    layers = []
    for place, layer in enumerate(described["layers"], start=1):
        inputs = tuple(places[name] for name in layer["inputs"])
        given = {key: _frozen(value) for key, value in layer.get("arguments", {}).items()}
        made = _made(layer["op"], given)
        read = [shapes[index] for index in inputs]
        if isinstance(made, Merge):
            output, cost = made.shape(read), FREE
        else:
            (only,) = read
            output, cost = made.shape(only), made.cost(only)
        if output != _shape(layer["output"]):
            raise ValueError(f"{layer['name']} has the output {output}, not {layer['output']}")
        layers.append(Layer(made, inputs, output, cost))
        places[layer["name"]] = place
        shapes.append(output)
    return Architecture(tuple(described["choices"].items()), tuple(layers), shapes[0])


def _made(name: str, arguments: Mapping[str, Any]) -> Op | Merge:
    if name in MERGES:
        return MERGES[name](**arguments)
    if name not in OPS:
        raise ValueError(f"no op is named {name!r}")
    return OPS[name](**arguments)


def _shape(sizes: Sequence[int]) -> Shape:
    return tuple(int(size) for size in sizes)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


class _Loader(yaml.SafeLoader):
    """Plain data without aliases, by which a small file could become a large one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("an alias")
        return super().compose_node(parent, index)
