"""Reads `choice`: the options, which are layers, and their labels."""

from collections import Counter
from collections.abc import Collection

from nas.document import Node
from nas.space.language.choice import ChoicePart, Option
from nas.space.language.tree import Part
from nas.space.reading.nodes import without
from nas.space.reading.place import Place
from nas.space.reading.reader import LayerReader


def read_choice(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`choice: [...]` or `choice: {label: ...}` between layers or lists of layers."""
    given = value["choice"]
    if not isinstance(given.value, list | dict) or not given.value:
        reader.problem(given, place.path, "a choice has no options", "a list of layers, or labels with layers")
        return None
    labelled = _labelled(reader, given, given.value, place)
    conditions = [reader.condition(child, place) for _, _, child in labelled]
    reader.decides(place.pattern, tuple(label for label, _, _ in labelled))
    found = [
        Option(label, segment, reader.inner(without(child, "when"), place / segment), when)
        for (label, segment, child), when in zip(labelled, conditions, strict=True)
    ]
    return ChoicePart(node.mark, tuple(found), reader.forgets)


def _labelled(
    reader: LayerReader, node: Node, options: dict[str, Node] | list[Node], place: Place
) -> list[tuple[str, str, Node]]:
    """The options of a choice, each with its label and its segment of the path."""
    if isinstance(options, dict):
        reader.labels(node, place)
        return [(label, label, child) for label, child in options.items()]
    heads = Counter(label_of(option, reader.keywords) for option in options)
    found: dict[str, tuple[str, str, Node]] = {}
    for index, child in enumerate(options):
        head = label_of(child, reader.keywords)
        alone = heads[head] == 1 and head != ""
        label = head if alone else _text(child, reader.keywords)
        if label in found:
            reader.problem(child, place.path, f"two options are {label!r}", "a label each, as in {label: layers}")
        # An op adds its name to the path. A keyword must be a segment of the path, or a choice within a choice would
        # have the same name.
        segment = str(index) if not alone else head if head in reader.keywords else ""
        found.setdefault(label, (label, segment, child))
    return list(found.values())


def label_of(node: Node, keywords: Collection[str]) -> str:
    """The op, definition or keyword of an option, which is its shortest label; empty if it has none."""
    if isinstance(node.value, dict):
        heads = [key for key in node.value if key not in ("name", "when")]
        keyword = next((key for key in heads if key in keywords), "")
        head = keyword or next(iter(heads), "")
        return "" if head == "layers" else head
    return "" if isinstance(node.value, list) else str(node.value)


def _text(node: Node, keywords: Collection[str]) -> str:
    """An option in one line: `max_pool(kernel=2)`, `conv(width=…)`, `conv + relu`."""
    if isinstance(node.value, dict) and "layers" in node.value:
        node = node.value["layers"]
    if isinstance(node.value, list):
        return " + ".join(_text(one, keywords) for one in node.value) or "nothing"
    head = label_of(node, keywords)
    arguments = node.value.get(head) if isinstance(node.value, dict) else None
    if arguments is None or not isinstance(arguments.value, dict) or not arguments.value:
        return head
    inner = ", ".join(
        f"{key}={'…' if isinstance(child.value, dict | list) else child.value}"
        for key, child in arguments.value.items()
    )
    return f"{head}({inner})"
