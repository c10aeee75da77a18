"""The keywords of the language, with their readers.

A `LayerReader` is given this table. The readers of keywords are called by it, and call it for the layers within.
"""

from collections.abc import Mapping
from types import MappingProxyType

from nas.document import Node
from nas.space.language.group import GroupPart
from nas.space.language.tree import Part
from nas.space.reading.branches import read_parallel, read_residual
from nas.space.reading.cells import read_cell
from nas.space.reading.choices import read_choice
from nas.space.reading.place import Place
from nas.space.reading.reader import Keyword, LayerReader
from nas.space.reading.repeats import read_repeat
from nas.space.reading.sequences import read_sequence


def read_layers(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`layers: [...]`, as one part."""
    return GroupPart(node.mark, reader.block(value["layers"], place), None, reader.forgets)


KEYWORDS: Mapping[str, Keyword] = MappingProxyType(
    {
        "choice": Keyword(read_choice, once=True),
        "repeat": Keyword(read_repeat, ("of", "share")),
        "residual": Keyword(read_residual, ("merge", "project")),
        "parallel": Keyword(read_parallel, ("merge", "project")),
        "sequence": Keyword(read_sequence, ("depth", "dropout")),
        "cell": Keyword(read_cell),
        "layers": Keyword(read_layers, once=True),
    }
)
