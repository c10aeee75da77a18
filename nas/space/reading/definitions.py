"""Reads `define`, and the arguments of uses."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from nas.document import MAX_DEPTH, Node, describe
from nas.errors import Diagnostic
from nas.space.choice import Value
from nas.space.language.arguments import Argument, Values
from nas.space.language.condition import MEASURES
from nas.space.reading.aliases import nearest
from nas.space.reading.nodes import without
from nas.space.reading.place import OUTPUTS, WORD, Place, Scope, adapter
from nas.space.reading.values import ValueReader


class Use(NamedTuple):
    """A use of a definition: its parameters, the layers of the definition, and the place at which they are read."""

    parameters: tuple[tuple[str, Argument], ...]
    body: Node
    inside: Place
    shared: bool


class DefinitionReader:
    """Reads definitions.

    Args:
        reader: reads the values of parameters.
        ops, keywords: reserved names.
    """

    def __init__(self, reader: ValueReader, ops: Collection[str], keywords: Collection[str]) -> None:
        self.reader = reader
        self._keywords = keywords
        self._taken = {*ops, *keywords, *MEASURES, OUTPUTS, "name", "when"}
        self._shared: dict[tuple[str, str], Values] = {}

    def read(self, node: Node) -> None:
        """`define: {name: ...}`."""
        if not isinstance(node.value, dict):
            self.reader.problem(
                node, "define", "definitions must be a mapping", "a mapping of names to layers", describe(node)
            )
            return
        for name, child in node.value.items():
            taken = name in self._taken
            if taken or not WORD.fullmatch(name):
                message = f"{name!r} is reserved" if taken else f"{name!r} is not a valid name"
                mark = node.keys.get(name, child.mark)
                self.reader.problems.append(
                    Diagnostic(mark, "define", message, "another word of letters, digits and underscores")
                )
        self.reader.definitions = node.value

    def use(self, node: Node, name: str, arguments: Node | None, place: Place) -> Use | None:
        """Reads a use of a definition; None, with a problem, if it is invalid."""
        reader = self.reader
        reader.used.add(name)
        definition = reader.definitions[name]
        if name in place.definitions:
            got = " → ".join([*place.definitions, name])
            reader.problem(node, place.path, f"{name!r} refers to itself", got=got)
            return None
        if len(place.definitions) >= MAX_DEPTH:
            expected = f"at most {MAX_DEPTH} levels"
            reader.problem(node, place.path, "definitions are nested too deeply", expected)
            return None
        value = definition.value if isinstance(definition.value, dict) else {}
        share = reader.flag(value, "share", f"define.{name}")
        if share and place.cell:
            message, expected = "a shared definition cannot be used in a cell", "a definition without 'share'"
            reader.problem(node, place.path, message, expected, repr(name))
            return None
        place = replace(place, pattern=name, first=False) if share else place / name
        before = len(reader.problems)
        parameters = self._parameters(node, name, value.get("parameters"), arguments, place)
        words: Scope = {word: reader.possible(argument, place) for word, argument in parameters}
        inside = replace(
            place,
            scope=words,
            definitions=(*place.definitions, name),
            taken=tuple(word for word, _ in parameters),
            open=frozenset(word for word, argument in parameters if reader.is_open(argument, place)),
        )
        if len(reader.problems) > before:
            self._misspelled(name, definition)
            return None
        return Use(parameters, without(definition, "parameters", "share"), inside, share)

    def check_shared(self, node: Node, name: str, parameters: tuple[tuple[str, Argument], ...]) -> None:
        """Reports different choices for a parameter of a shared definition, which is decided once."""
        for word, argument in parameters:
            if isinstance(argument, Values):
                first = self._shared.setdefault((name, word), argument)
                if first != argument:
                    expected, got = str(list(first.options)), str(list(argument.options))
                    self.reader.problem(
                        node, name, f"uses of a shared definition give {word!r} different choices", expected, got
                    )

    def _misspelled(self, name: str, definition: Node) -> None:
        """Reports a misspelled `parameters` of a definition whose use gives unknown arguments."""
        for key in definition.value if isinstance(definition.value, dict) else ():
            if key not in ("parameters", "share") and nearest(key, ("parameters",)):
                mark = definition.keys.get(key, definition.mark)
                self.reader.problems.append(
                    Diagnostic(mark, f"define.{name}", f"no such key: {key!r}", suggestion="parameters")
                )

    def _parameters(
        self, node: Node, name: str, declared: Node | None, arguments: Node | None, place: Place
    ) -> tuple[tuple[str, Argument], ...]:
        """The arguments of a use or their defaults, in the order of the parameters."""
        known = declared.value if declared is not None else {}
        if not isinstance(known, dict):
            assert declared is not None  # noqa: S101  for the type checker
            expected = "a mapping of names to defaults"
            message = "parameters must be a mapping"
            self.reader.problem(declared, f"define.{name}", message, expected, describe(declared))
            return ()
        given = arguments.value if arguments is not None and arguments.value is not None else {}
        if not isinstance(given, dict):
            assert arguments is not None  # noqa: S101  for the type checker
            expected = f"{{{next(iter(known))}: {describe(arguments)}}}" if known else "no arguments"
            self.reader.problem(arguments, place.path, "arguments must be a mapping", expected, describe(arguments))
            return ()
        if arguments is not None and given:
            self.reader.unknown_keys(arguments, tuple(known), place.path)
        found: list[tuple[str, Argument]] = []
        for word, default in known.items():
            if not WORD.fullmatch(word) or word in self._keywords or word == OUTPUTS:
                mark = (declared or node).keys.get(word, default.mark)
                expected = "another word of letters, digits and underscores"
                self.reader.problems.append(
                    Diagnostic(mark, f"define.{name}", f"{word!r} is not a valid parameter name", expected)
                )
                continue
            child = given.get(word, default)
            if child.value is None and word not in given:
                names = ", ".join(map(repr, given)) or "no arguments"
                self.reader.problem(arguments or node, place.path, "an argument is missing", repr(word), names)
                continue
            found.append((word, self.reader.argument(child, adapter(Value), place / word)))
        return tuple(found)
