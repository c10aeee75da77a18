"""Architectures from their description as plain data."""

from collections.abc import Mapping, Sequence
from typing import Any

from nas.ops import MEANS, MERGES, OPS, Merge, Op, Shape
from nas.ops.op import FREE
from nas.space.architecture import Architecture
from nas.space.network.layer import Layer


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
    if (merge := MERGES.get(name) or MEANS.get(name)) is not None:
        return merge(**arguments)
    if name not in OPS:
        raise ValueError(f"no op is named {name!r}")
    return OPS[name](**arguments)


def _shape(sizes: Sequence[int]) -> Shape:
    return tuple(int(size) for size in sizes)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
