"""Reads the nodes of a space file, and collects their problems, so that all are reported at once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from nas.document import MAX_INTEGER, Node, describe
from nas.errors import Diagnostic, Mark
from nas.space.language.tree import join
from nas.space.reading.aliases import nearest
from nas.space.reading.place import adapter


class NodeReader:
    """Reads plain values.

    Attributes:
        problems: the problems so far.
        definitions: the definitions of the file, by name.
        used: the names of used definitions.
    """

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []
        self.definitions: Mapping[str, Node] = {}
        self.used: set[str] = set()

    def amount(self, node: Node, path: str) -> int:
        """A non-negative integer; `1e6` is allowed."""
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
            large = isinstance(value, int) and value > MAX_INTEGER
            expected = f"at most {MAX_INTEGER:,}" if large else "a whole number, 0 or more"
            self.problem(node, path, "not a count", expected, describe(node))
            return 0
        return value

    def flag(self, value: Mapping[str, Node], name: str, path: str) -> bool:
        return bool(self.typed(value[name], join(path, name), bool, "true or false")) if name in value else False

    def typed(self, node: Node, path: str, type_: Any, expected: str) -> Any:
        try:
            return adapter(type_).validate_python(node.plain())
        except ValidationError:
            self.problem(node, path, "a value does not fit", expected, describe(node))
            return None

    def unknown_keys(
        self, node: Node, known: tuple[str, ...], path: str, elsewhere: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Reports unknown keys; `elsewhere` says where some of them belong."""
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark: Mark = node.keys.get(key, node.mark)
                if key in elsewhere:
                    self.problems.append(Diagnostic(mark, path, f"{key!r} does not belong here", elsewhere[key]))
                    continue
                expected = ", ".join(known) or "no keys"
                self.problems.append(Diagnostic(mark, path, f"no such key: {key!r}", expected, "", nearest(key, known)))

    def problem(self, node: Node, path: str, message: str, expected: str = "", got: str = "") -> None:
        self.problems.append(Diagnostic(node.mark, path, message, expected, got))


def without(node: Node, *left_out: str) -> Node:
    """A mapping without these keys; other nodes as they are."""
    if not isinstance(node.value, dict):
        return node
    return Node({key: child for key, child in node.value.items() if key not in left_out}, node.mark, node.keys)
