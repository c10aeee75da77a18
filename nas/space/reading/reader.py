"""Turns the nodes of a space file into parts. Problems are collected; parts that cannot be read are `Unclear`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from nas.document import MAX_NAME, Node, describe
from nas.errors import Diagnostic, Mark
from nas.ops import Op
from nas.space.language.choice import ChoicePart, Option
from nas.space.language.condition import Condition
from nas.space.language.definition import SharedPart, UsePart
from nas.space.language.group import GroupPart
from nas.space.language.tree import Block, Part, Unclear
from nas.space.reading.aliases import nearest
from nas.space.reading.conditions import ConditionReader
from nas.space.reading.definitions import DefinitionReader
from nas.space.reading.ops import read_op
from nas.space.reading.place import WORD, Given, Place, field_types
from nas.space.reading.values import ValueReader

_EXPECTED = "an op, a definition or a keyword"

MAX_PARTS = 20_000
"""The maximum number of layers and keywords in a file, with definitions counted for each use."""


class Keyword(NamedTuple):
    """A key that defines a part.

    Attributes:
        read: reads the part, given its node, its mapping and its place; None, with a problem, if it is invalid.
        keys: keys that may stand beside it, besides `name` and `when`.
        once: whether its layers are in a network at most once, with nothing added before them.
    """

    read: "Callable[[LayerReader, Node, dict[str, Node], Place], Part | None]"
    keys: tuple[str, ...] = ()
    once: bool = False


class LayerReader(ValueReader):
    """Reads layers.

    Args:
        ops: the table of ops.
        keywords: the table of keywords.
        never: see `ConditionReader`.

    Attributes:
        conditions: reads conditions, and records the decisions that they refer to.
        uses: reads definitions and their uses.
        forgets: whether the file has conditions.
    """

    def __init__(
        self, ops: Mapping[str, type[Op]], keywords: Mapping[str, Keyword], never: Collection[int] = ()
    ) -> None:
        super().__init__()
        self.ops = ops
        self.keywords = keywords
        self.conditions = ConditionReader(self, never)
        self.uses = DefinitionReader(self, ops, keywords)
        self.forgets = False
        self._shared: dict[str, Block] = {}
        self._parts = 0

    def space(self, define: Node | None, layers: Node | None, data: Given) -> Block:
        """Reads the layers of a file; `data` are the words that the data give."""
        self.forgets = any(node is not None and _has_condition(node) for node in (define, layers))
        if define is not None:
            self.uses.read(define)
        known = {word: value for word, value in data.items() if word not in self.definitions}
        here = Place("", {}, data=known, first=True)
        block = self.block(layers, here, list(self.definitions)) if layers is not None else ()
        if not self.problems:
            for name, node in self.definitions.items():
                if name not in self.used:
                    self.problem(node, f"define.{name}", "this definition is never used")
        self.conditions.check()
        # A mistake in a definition is found once per use. Mappings in Python have no positions to identify it by.
        once: dict[tuple[Mark, str, str, str], Diagnostic] = {}
        for problem in self.problems:
            path = "" if problem.mark.line else problem.path
            once.setdefault((problem.mark, path, problem.message, problem.expected), problem)
        self.problems = list(once.values())
        return block

    @property
    def too_many(self) -> bool:
        """Whether the file has more than MAX_PARTS parts."""
        return self._parts > MAX_PARTS

    # Lists of layers.

    def block(self, node: Node, place: Place, taken: list[str] | None = None) -> Block:
        """A list of layers; the segment of each in the path is its `name` or its index."""
        if not isinstance(node.value, list):
            self.problem(node, place.path or "layers", "layers must be a list", "a list of layers", describe(node))
            return (("", Unclear(node.mark)),)
        found: list[tuple[str, Part]] = []
        names = {*(taken or ()), *place.taken}
        for index, child in enumerate(node.value):
            segment = self._segment(child, str(index), names, place)
            found.append((segment, self.part(child, replace(place / segment, first=place.first and not index))))
        return tuple(found)

    def _segment(self, node: Node, index: str, names: set[str], place: Place) -> str:
        if not isinstance(node.value, dict) or "name" not in node.value:
            return index
        given = node.value["name"]
        path = (place / index).path
        if not isinstance(given.value, str) or not WORD.fullmatch(given.value) or len(given.value) > MAX_NAME:
            expected = f"a word of letters, digits and underscores, of at most {MAX_NAME}"
            self.problem(given, path, "not a valid name", expected, describe(given))
        elif given.value in self.keywords:
            self.problem(given, path, "a part cannot be named like a keyword", got=given.value)
        elif given.value in names:
            self.problem(given, path, f"two parts are named {given.value!r}")
        else:
            names.add(given.value)
            return given.value
        return index

    def inner(self, node: Node, place: Place) -> Block:
        """A list of layers, or one layer."""
        if isinstance(node.value, list):
            return self.block(node, place)
        if isinstance(node.value, dict) and "name" in node.value:
            self.problem(node.value["name"], place.path, "a single layer cannot have a name", "a label, or a list")
        return (("", self.part(node, place)),)

    # One layer.

    def part(self, node: Node, place: Place) -> Part:
        """The part that a node describes; `Unclear`, with a problem, if it cannot be read."""
        before = len(self.problems)
        part = self._part(node, place)
        if len(self.problems) > before:
            self.broken.add(place.pattern)
        return Unclear(node.mark) if part is None else part

    def _part(self, node: Node, place: Place) -> Part | None:
        self._parts += 1
        if self.too_many:
            if self._parts == MAX_PARTS + 1:
                self.problem(node, place.path, "definitions expand to too many layers", f"at most {MAX_PARTS:,}")
            return None
        if isinstance(node.value, str):
            return self._named(node, Node(node.value, node.mark), None, place)
        if not isinstance(node.value, dict):
            several = ", or {layers: [...]} for several" if isinstance(node.value, list) else ""
            self.problem(node, place.path, "not a layer", _EXPECTED + several, describe(node))
            return None
        head = self._head(node, place)
        if head is None:
            return None
        value, before = node.value, len(self.problems)
        inside = field_types(self.ops[head]) if head in self.ops and head not in self.definitions else {}
        known = (head, "name", "when", *self._beside(head))
        self.unknown_keys(node, known, place.path, dict.fromkeys(inside, f"in {head}: {{...}}, or indented further"))
        when = self.condition(node, place)
        doubtful = len(self.problems) > before or (when is None and "when" in value)
        part: Part | None
        if head in self.keywords:
            keyword = self.keywords[head]
            part = keyword.read(self, node, value, replace(place, first=place.first and keyword.once))
        else:
            part = self._named(node, Node(head, node.keys.get(head, node.mark)), value[head], place)
        if part is None:
            return None
        if not doubtful:
            return part if when is None else GroupPart(node.mark, (("", part),), when, self.forgets)
        # It is unknown what is meant, even whether the layer exists.
        options = (Option("there", "", (("", part),), None), Option("not there", "", (), None))
        choice = ChoicePart(node.mark, options, self.forgets)
        return GroupPart(node.mark, (("", choice), ("", Unclear(node.mark))), None, self.forgets)

    def _head(self, node: Node, place: Place) -> str | None:
        """The key that defines a layer."""
        assert isinstance(node.value, dict)  # noqa: S101  the caller has looked
        known = [*self.keywords, *self.definitions, *self.ops]
        beside = {further for key in node.value for further in self._beside(key)}
        heads = [key for key in node.value if key in known and key not in beside]
        if len(heads) == 1:
            return heads[0]
        if heads:
            expected = "'of: [...]' beside 'repeat'" if set(heads) == {"repeat", "layers"} else _EXPECTED
            self.problem(node, place.path, "a mapping with more than one layer", expected, " and ".join(heads))
            return None
        others = [key for key in node.value if key not in ("name", "when")]
        for key in others:
            mark = node.keys.get(key, node.mark)
            message = f"no op, definition or keyword is named {key!r}"
            self.problems.append(Diagnostic(mark, place.path, message, suggestion=nearest(key, known)))
        if not others:
            self.problem(node, place.path, "not a layer", _EXPECTED, describe(node))
        return None

    def _beside(self, key: str) -> tuple[str, ...]:
        """The keys that may stand beside this keyword."""
        return self.keywords[key].keys if key in self.keywords else ()

    def _named(self, node: Node, head: Node, arguments: Node | None, place: Place) -> Part | None:
        """An op or a definition, with its arguments."""
        name = str(head.value)
        if name in self.definitions:
            return self._use(node, name, arguments, place)
        op = self.ops.get(name)
        if op is not None:
            return read_op(self, node, head, op, arguments, place / op.name, forgets=self.forgets)
        if name in self.keywords:
            self.problem(head, place.path, f"{name} is a keyword", f"'{name}: ...'", "the word alone")
        else:
            known = nearest(name, [*self.keywords, *self.definitions, *self.ops])
            self.problems.append(Diagnostic(head.mark, place.path, f"no op is named {name!r}", suggestion=known))
        return None

    def _use(self, node: Node, name: str, arguments: Node | None, place: Place) -> Part | None:
        """A use of a definition in place of a layer."""
        before = len(self.problems)
        use = self.uses.use(node, name, arguments, place)
        if use is None:
            return None
        body = self.inner(use.body, use.inside)
        if not use.shared:
            return UsePart(node.mark, name, use.parameters, body, self.forgets)
        # One body for all uses: copies of a cell are identified by their part.
        body = self._shared.setdefault(name, body)
        self.uses.check_shared(node, name, use.parameters)
        if len(self.problems) > before:
            return None  # what is valid in the first use may be invalid here
        return SharedPart(node.mark, UsePart(node.mark, name, use.parameters, body, self.forgets))

    def condition(self, node: Node, place: Place) -> Condition | None:
        """The condition under `when`, if any."""
        when = node.value.get("when") if isinstance(node.value, dict) else None
        return None if when is None else self.conditions.condition(when, place)


def _has_condition(node: Node) -> bool:
    """Whether the node contains a condition."""
    if isinstance(node.value, dict):
        return "when" in node.value or any(map(_has_condition, node.value.values()))
    return isinstance(node.value, list) and any(map(_has_condition, node.value))
