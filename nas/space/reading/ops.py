"""Reads ops with their arguments."""

from dataclasses import MISSING, fields

from pydantic import ValidationError

from nas.document import Node, describe
from nas.ops import Op
from nas.space.language.arguments import Argument
from nas.space.language.group import GroupPart
from nas.space.language.layer import LayerPart
from nas.space.language.tree import UNKNOWN, Part, Unclear
from nas.space.reading.place import Place, field_types
from nas.space.reading.values import ValueReader


def read_op(
    reader: ValueReader, node: Node, head: Node, op: type[Op], arguments: Node | None, place: Place, *, forgets: bool
) -> Part | None:
    """`op` or `op: {arguments}`."""
    given = arguments.value if arguments is not None and arguments.value is not None else {}
    types = field_types(op)
    if not isinstance(given, dict):
        assert arguments is not None  # noqa: S101  for the type checker
        first = next(iter(types), "")
        expected = f"{{{first}: {describe(arguments)}}}" if first else "no arguments"
        reader.problem(arguments, place.path, "arguments must be a mapping", expected, describe(arguments))
        return None
    if op.first and not place.first:
        message = f"{op.name} is not the first layer"
        reader.problem(head, place.path, message, "at the beginning of the layers, or in a choice there, and only once")
    before = len(reader.problems)
    if arguments is not None and given:
        beside = dict.fromkeys(("name", "when"), f"beside {op.name}, not in it")
        reader.unknown_keys(arguments, tuple(types), place.path, beside)
    for item in fields(op):
        if item.name not in given and item.default is MISSING:
            names = ", ".join(map(repr, given)) or "no arguments"
            reader.problem(arguments or head, place.path, "an argument is missing", repr(item.name), names)
    found: dict[str, Argument] = {}
    for name, child in given.items():
        count = len(reader.problems)
        argument = reader.argument(child, types[name], place / name) if name in types else None
        if name in types and len(reader.problems) == count:
            found[name] = argument
    if len(reader.problems) == before:
        return LayerPart(node.mark, op, tuple(found.items()))
    return _doubtful(node, op, found, forgets=forgets)


def _doubtful(node: Node, op: type[Op], found: dict[str, Argument], *, forgets: bool) -> Part | None:
    """The layer as far as it could be read: the rank of its output is probably right, its sizes may not be."""
    for item in fields(op):
        if item.default is MISSING and item.name not in found:
            try:
                found[item.name] = field_types(op)[item.name].validate_python(UNKNOWN)
            except ValidationError:
                return None
    part = LayerPart(node.mark, op, tuple(found.items()), doubtful=True)
    return GroupPart(node.mark, (("", part), ("", Unclear(node.mark, ranked=True))), None, forgets)
