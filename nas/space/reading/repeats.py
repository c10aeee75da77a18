"""Reads `repeat`: the number of copies, and the layers."""

from nas.document import Node
from nas.space.language.group import GroupPart
from nas.space.language.repeat import RepeatPart
from nas.space.language.tree import Part, Unclear
from nas.space.reading.place import Copies, Place, adapter
from nas.space.reading.reader import LayerReader


def read_repeat(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`repeat: N` with `of: [...]`, and optionally `share: true`."""
    before = len(reader.problems)
    times = reader.argument(value["repeat"], adapter(Copies), place / "repeat")
    share = reader.flag(value, "share", place.path)
    if "of" not in value:
        reader.problem(node, place.path, "the repeated layers are missing", "'of: [...]' beside 'repeat'")
        return None
    doubtful = len(reader.problems) > before
    inside = place if share else place / "*"
    with reader.conditions.copies(None if share else inside.pattern):
        body = reader.block(value["of"], inside)
    if doubtful:  # one copy, or an unknown number of copies
        return GroupPart(
            node.mark,
            (("*", GroupPart(node.mark, body, None, reader.forgets)), ("", Unclear(node.mark))),
            None,
            reader.forgets,
        )
    return RepeatPart(node.mark, times, body, share, reader.forgets)
