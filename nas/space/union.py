"""Several architectures as one: they read the same input, and a merge joins their outputs."""

from collections.abc import Sequence

from nas.ops import Merge
from nas.ops.op import FREE
from nas.space.architecture import Architecture
from nas.space.network.layer import Layer


def union_of(members: Sequence[Architecture], merge: Merge) -> Architecture:
    """The union of architectures, with their cells as plain layers.

    Its layers are those of the members, one member after the other, and the merge. Decisions have the number of the
    member in front, `2.body.width`.

    Args:
        members: one or more, of equal input.
        merge: joins their outputs.

    Raises:
        ShapeError: their outputs do not fit the merge.
    """
    layers: list[Layer] = []
    ends: list[int] = []
    for member in members:
        before = len(layers)
        moved = [tuple(index and index + before for index in layer.inputs) for layer in member.layers]
        layers += [layer._replace(inputs=inputs) for layer, inputs in zip(member.layers, moved, strict=True)]
        ends.append(len(layers) if member.layers else 0)
    output = merge.shape([member.output for member in members])
    choices = [
        (f"{number}.{name}", value) for number, member in enumerate(members, start=1) for name, value in member.choices
    ]
    return Architecture(tuple(choices), (*layers, Layer(merge, tuple(ends), output, FREE)), members[0].input)
