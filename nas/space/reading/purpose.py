"""What a space file says of itself: `about`, a line on the space, and `for`, the data that it is meant for.

about: plain convolutional networks for small images
for: {modality: image, size: {min: 16}}
"""

from dataclasses import dataclass
from typing import NamedTuple

from nas.document import Node, describe
from nas.modality import MODALITIES
from nas.ops import Shape
from nas.space.reading.nodes import NodeReader

PURPOSE_KEYS = ("modality", "size", "samples")


class Range(NamedTuple):
    """A range of numbers, with both ends; None: it has no upper end."""

    least: int = 0
    most: int | None = None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.least <= number and (self.most is None or number <= self.most)


ANY_NUMBER = Range()


@dataclass(frozen=True)
class Purpose:
    """What a space is meant for.

    Attributes:
        modality: the kinds of inputs; empty: the file does not say.
        size: the lengths of the longest side of an image, or of a sound, a text or a series. Other sizes are not
            refused.
        samples: the numbers of training samples, likewise.
        about: a line on the space; empty: the file does not say.
    """

    modality: tuple[str, ...] = ()
    size: Range = ANY_NUMBER
    samples: Range = ANY_NUMBER
    about: str = ""

    def suits(self, modality: str, shape: Shape, samples: int) -> bool:
        """Whether it is meant for inputs of this kind and shape, and this number of training samples."""
        return modality in self.modality and size_of(shape) in self.size and samples in self.samples


def size_of(shape: Shape) -> int:
    """The longest side of an image, the length of a sound, a text or a series; the number of columns of a table."""
    return max(shape[1:], default=shape[0])


def read_purpose(node: Node, reader: NodeReader | None = None) -> Purpose:
    """What a space file says of itself; `reader` notes problems."""
    reader = NodeReader() if reader is None else reader
    value = node.value if isinstance(node.value, dict) else {}
    about = reader.typed(value["about"], "about", str, "a line of text") if "about" in value else None
    if "for" not in value:
        return Purpose(about=about or "")
    given = value["for"]
    if not isinstance(given.value, dict):
        reader.problem(given, "for", "not a purpose", "a mapping such as {modality: image}", describe(given))
        return Purpose(about=about or "")
    reader.unknown_keys(given, PURPOSE_KEYS, "for")
    found = {key: _range(reader, given.value[key], f"for.{key}") for key in ("size", "samples") if key in given.value}
    modality = _modalities(reader, given.value["modality"]) if "modality" in given.value else ()
    return Purpose(modality, **found, about=about or "")


def _modalities(reader: NodeReader, node: Node) -> tuple[str, ...]:
    """One kind of inputs, or a list of them."""
    found = []
    for one in node.value if isinstance(node.value, list) else [node]:
        if isinstance(one.value, str) and one.value in MODALITIES:
            found.append(one.value)
        else:
            reader.problem(one, "for.modality", "no such kind of inputs", ", ".join(MODALITIES), describe(one))
    return tuple(found)


def _range(reader: NodeReader, node: Node, path: str) -> Range:
    """`{min: ..., max: ...}`, both of them optional."""
    if not isinstance(node.value, dict):
        reader.problem(node, path, "not a range", "a mapping such as {min: 16, max: 64}", describe(node))
        return ANY_NUMBER
    reader.unknown_keys(node, ("min", "max"), path)
    ends = {key: reader.amount(end, f"{path}.{key}") for key, end in node.value.items() if key in ("min", "max")}
    found = Range(ends.get("min", 0), ends.get("max"))
    if found.most is not None and found.least > found.most:
        reader.problem(node, path, "the minimum is above the maximum", f"at most {found.most:,}", f"{found.least:,}")
    return found
