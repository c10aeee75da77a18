"""Reads `cell`: the wiring of its nodes, and the layers on its edges or in its nodes."""

from dataclasses import replace
from math import comb

from nas.document import Node, describe
from nas.ops.op import Positive
from nas.space.language.arguments import Values
from nas.space.language.cell import CellPart, Pieces
from nas.space.language.condition import Word
from nas.space.language.edge_cell import EdgeWiring
from nas.space.language.formula import Formula
from nas.space.language.node_cell import NodeWiring
from nas.space.language.tree import Part, join
from nas.space.reading.place import MAX_COPIES, Place, Scope, adapter
from nas.space.reading.reader import LayerReader

CELL_KEYS = ("inputs", "nodes", "reads", "edge", "node", "edges", "project", "width", "stride", "output")


def read_cell(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`cell: {...}`, with layers on its edges or in its nodes."""
    given = value["cell"]
    if place.cell:
        reader.problem(node, place.path, "a cell cannot contain a cell", "layers")
        return None
    if not isinstance(given.value, dict) or ("edge" in given.value) == ("node" in given.value):
        expected = "a mapping with either 'edge' (layers on the edges) or 'node' (layers in the nodes)"
        reader.problem(given, place.path, "not a cell", expected, describe(given))
        return None
    cell, before = given.value, len(reader.problems)
    reader.unknown_keys(given, CELL_KEYS, place.path)
    of_edges = "edge" in cell
    for key in ("edges",) if of_edges else ("inputs", "reads", "output"):
        if key in cell:
            reader.problem(
                cell[key], place.path, f"{key!r} does not apply to cells with {'edge' if of_edges else 'node'!r}"
            )
    if "nodes" not in cell:
        reader.problem(given, place.path, "the number of nodes is missing", "'nodes'", describe(given))
    nodes = _count(reader, cell, "nodes", 1, place)
    inputs = _count(reader, cell, "inputs", 1, place)
    if inputs not in (1, 2):
        reader.problem(cell["inputs"], place.path, "a cell has one or two inputs", "1 or 2", str(inputs))
    width = _size(reader, cell, "width", place)
    stride = _size(reader, cell, "stride", place) or 1
    output = cell["output"].value if "output" in cell else "last"
    if output not in ("last", "concat"):
        reader.problem(cell["output"], place.path, "no such output", "last, concat", describe(cell["output"]))
    words: Scope = {
        "width": reader.possible(width, place) if width is not None else (1,),
        "stride": (1, *reader.possible(stride, place)),
    }
    # The width of an inner node depends on the number of nodes, and the stride of a projection on its input.
    known = width is not None and of_edges and not reader.is_open(width, place)
    depends = {*(() if known else ("width",)), *(("stride",) if reader.is_open(stride, place) else ())}
    inside = replace(place.knowing(words), cell=True, open=(place.open - set(words)) | depends)
    decided = len(reader.decisions)
    projecting = replace(inside, open=inside.open | {"stride"}) / "project"
    project = reader.inner(cell["project"], projecting) if "project" in cell else ()
    if len(reader.decisions) > decided:
        reader.problem(cell["project"], place.path, "a projection cannot contain choices", "layers without choices")
    reader.decides((place / "0-1").pattern)
    body = reader.inner(cell["edge" if of_edges else "node"], inside / "0-1")
    reads = _count(reader, cell, "reads", 0, place) or None
    if reads and sum(comb(node, reads) for node in range(inputs, inputs + nodes)) > MAX_COPIES:
        expected = f"at most {MAX_COPIES:,} sets of nodes, over all that read"
        reader.problem(cell["reads"], join(place.path, "reads"), "too many possibilities", expected)
    edges = _count(reader, cell, "edges", (nodes + 1) * (nodes + 2) // 2, place)
    if len(reader.problems) > before:
        return None
    wiring = (
        EdgeWiring(node.mark, inputs, nodes, reads, Pieces(body), Pieces(project), output == "concat")
        if of_edges
        else NodeWiring(node.mark, nodes, edges, Pieces(body), Pieces(project))
    )
    return CellPart(node.mark, wiring, inputs, width, stride)


def _count(reader: LayerReader, cell: dict[str, Node], key: str, default: int, place: Place) -> int:
    """A count in a cell, 1 or more."""
    if key not in cell:
        return default
    before = len(reader.problems)
    path = join(place.path, key)
    found = reader.amount(cell[key], path)
    if not 1 <= found <= MAX_COPIES and len(reader.problems) == before:
        expected = f"1 to {MAX_COPIES}"
        reader.problem(cell[key], path, "the number is out of range", expected, describe(cell[key]))
    return max(found, 1)


def _size(reader: LayerReader, cell: dict[str, Node], key: str, place: Place) -> int | Word | Formula | None:
    """The width or the stride of a cell: a number, a word or arithmetic."""
    if key not in cell:
        return None
    found = reader.argument(cell[key], adapter(Positive), place / key)
    if isinstance(found, Values):
        expected = "a number, or a parameter of a definition that is given a choice"
        reader.problem(cell[key], place.path, f"a cell does not choose its {key}", expected, describe(cell[key]))
        return None
    return found if isinstance(found, int | Word | Formula) else None
