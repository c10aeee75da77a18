"""Reads `residual` and `parallel`: branches and their merge."""

from nas.document import Node, describe
from nas.errors import Diagnostic
from nas.ops import MERGES, Merge
from nas.space.language.branches import BranchesPart
from nas.space.language.group import GroupPart
from nas.space.language.tree import Block, Part, Unclear, join
from nas.space.reading.aliases import nearest
from nas.space.reading.place import Place
from nas.space.reading.reader import LayerReader


def read_residual(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`residual: [...]`: the layers, in parallel with their input."""
    merge, project = _merge(reader, value, place)
    body = reader.block(value["residual"], place)
    return _branches(reader, node, (("", ()), ("", body)), merge, project=project)


def read_parallel(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`parallel: [...]` or `parallel: {label: ...}`, lists of layers."""
    merge, project = _merge(reader, value, place)
    branches = value["parallel"]
    if not isinstance(branches.value, list | dict) or len(branches.value) < 2:
        expected = "two or more lists of layers"
        reader.problem(branches, place.path, "there are no branches", expected, describe(branches))
        return None
    reader.labels(branches, place)
    labelled = branches.value if isinstance(branches.value, dict) else dict(enumerate(branches.value))
    found = tuple((str(label), reader.inner(child, place / str(label))) for label, child in labelled.items())
    return _branches(reader, node, found, merge, project=project)


def _branches(
    reader: LayerReader, node: Node, branches: tuple[tuple[str, Block], ...], merge: Merge | None, *, project: bool
) -> Part:
    if merge is not None:
        return BranchesPart(node.mark, branches, merge, project, reader.forgets)
    last = GroupPart(node.mark, branches[-1][1], None, reader.forgets)
    return GroupPart(node.mark, ((branches[-1][0], last), ("", Unclear(node.mark, ranked=True))), None, reader.forgets)


def _merge(reader: LayerReader, value: dict[str, Node], place: Place) -> tuple[Merge | None, bool]:
    """`merge: add` and `project: true`; no merge if there is a problem."""
    before = len(reader.problems)
    project = reader.flag(value, "project", place.path)
    if len(reader.problems) > before:
        return None, project
    if "merge" not in value:
        return MERGES["add"](), project
    name = str(value["merge"].value)
    if name in MERGES:
        return MERGES[name](), project
    suggestion = nearest(name, list(MERGES))
    message, known = "no such merge", ", ".join(MERGES)
    mark, got = value["merge"].mark, describe(value["merge"])
    reader.problems.append(Diagnostic(mark, join(place.path, "merge"), message, known, got, suggestion))
    return None, project
