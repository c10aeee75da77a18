"""The layers of an architecture up to some place, as an architecture whose output is a vector of features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nas.errors import UsageError, few
from nas.model.features import heads_of, no_such_layer
from nas.ops import Concat, GlobalAvgPool, Linear, Op
from nas.ops.op import FREE
from nas.space import Architecture, Layer


@dataclass(frozen=True)
class Trunk:
    """A part of a network.

    Attributes:
        arch: its layers, and what makes a vector `(D,)` of their output.
        names: the name of each layer in the network, with its name in `arch`.
        layer: what is read as features, by its name in the network; `input` if it is the input.
    """

    arch: Architecture
    names: Mapping[str, str]
    layer: str

    def with_head(self, outputs: int) -> Architecture:
        """The architecture with a linear layer of so many outputs at its end."""
        return Architecture(
            self.arch.choices, _then(self.arch.layers, self.arch.input, Linear(outputs)), self.arch.input
        )


def trunk_of(arch: Architecture, layer: str | None = None) -> Trunk:
    """The layers of an architecture that compute some features; maps `(C, ...)` are pooled by their mean over all
    places.

    Args:
        arch: the architecture.
        layer: the layer whose output is read; None: what the last linear layer reads. If branches are merged behind
            their last linear layers, as the members of an ensemble are, their features stand side by side.

    Raises:
        UsageError: there is no such layer, or no linear layer.
    """
    ends = _ends(arch, layer)
    kept = sorted(_needed(arch, ends))
    places = {0: 0, **{place: number for number, place in enumerate(kept, start=1)}}
    layers = tuple(
        one._replace(inputs=tuple(places[index] for index in one.inputs))
        for one in (arch.layers[place - 1] for place in kept)
    )
    heads = []
    for end in ends:
        place = places[end]
        if len(_shape(layers, arch.input, place)) > 1:
            layers, place = _then(layers, arch.input, GlobalAvgPool(), place), len(layers) + 1
        heads.append(place)
    if len(heads) > 1:
        merge = Concat()
        shape = merge.shape([_shape(layers, arch.input, place) for place in heads])
        layers = (*layers, Layer(merge, tuple(heads), shape, FREE))
    found = Architecture(arch.choices, layers, arch.input)
    names = {arch.names[place - 1]: found.names[places[place] - 1] for place in kept}
    return Trunk(found, names, " + ".join(_name(arch, end) for end in ends))


def _then(layers: Sequence[Layer], input: tuple[int, ...], op: Op, place: int | None = None) -> tuple[Layer, ...]:
    """Layers, and one more that reads a value of theirs; None: the last one."""
    place = len(layers) if place is None else place
    shape = _shape(layers, input, place)
    return (*layers, Layer(op, (place,), op.shape(shape), op.cost(shape)))


def _shape(layers: Sequence[Layer], input: tuple[int, ...], place: int) -> tuple[int, ...]:
    return layers[place - 1].output if place else input


def _needed(arch: Architecture, ends: Sequence[int]) -> set[int]:
    """The layers that some values follow from, by their numbers from 1."""
    found: set[int] = set()
    remaining = [*ends]
    while remaining:
        place = remaining.pop()
        if place and place not in found:
            found.add(place)
            remaining.extend(arch.layers[place - 1].inputs)
    return found


def _ends(arch: Architecture, layer: str | None) -> list[int]:
    """The values that are read as features, by the numbers of their layers; 0 is the input."""
    if layer is not None and layer not in arch.names:
        raise no_such_layer(layer, arch.names)
    if layer is not None:
        return [arch.names.index(layer) + 1]
    found = [arch.layers[arch.names.index(name)].inputs[0] for name in heads_of(arch)]
    if not found:
        raise UsageError(f"the network has no linear layer; expected the name of a layer: {few(arch.names, 50)}")
    return list(dict.fromkeys(found))


def _name(arch: Architecture, place: int) -> str:
    return arch.names[place - 1] if place else "input"
