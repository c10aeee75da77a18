"""Nodes of a file, read as values of types. All problems are collected."""

import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin

from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from nas.arguments import expectations
from nas.document import Node, describe
from nas.errors import Diagnostic, Mark, UsageError
from nas.marks import HIDDEN
from nas.settings.code import Code, names_code
from nas.settings.forms import FIT, WRONG, Form
from nas.settings.registry import Registry
from nas.settings.setting import Setting
from nas.settings.signature import (
    REQUIRED,
    Key,
    defaults_of,
    gathered,
    is_optional,
    keys_of,
    members_of,
    spelled_out,
    unannotated,
)
from nas.space.reading.aliases import nearest

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Reader:
    """Reads values of types from nodes.

    Args:
        file: the file of the nodes; paths in it are relative to its folder.
        registries: what can be named. An argument whose type one of them makes is read as a Setting.
        elsewhere: the place of each key of the whole file, for suggestions.
        stored: for a stored file, whose code is not imported: the hashes of code that it records, by name. None: a
            user's own file.

    Attributes:
        problems: all problems.
    """

    def __init__(
        self,
        file: Path,
        registries: Iterable[Registry[Any]],
        *,
        elsewhere: Mapping[str, str] = NOTHING,
        stored: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = file.parent
        self.registries = {one.makes: one for one in registries}
        self.elsewhere = elsewhere
        self.stored = stored
        self.problems: list[Diagnostic] = []

    def problem(
        self, mark: Mark, path: str, message: str, expected: str = "", got: str = "", suggestion: str = ""
    ) -> None:
        """Notes a problem."""
        self.problems.append(Diagnostic(mark, path, message, expected, got, suggestion))

    def value(self, node: Node, hint: Any, path: str) -> Any:
        """The value of a node, or WRONG."""
        type_, metadata = unannotated(hint)
        if form := next((one for one in metadata if isinstance(one, Form)), None):
            return form.read(self, node, type_, path)
        if node.value is None and is_optional(hint):
            return None
        members = tuple(unannotated(one)[0] for one in members_of(hint))
        if registry := self._registry(members[0]):
            return self.setting(node, registry, path)
        if get_origin(members[0]) in (Sequence, tuple) and (registry := self._registry(get_args(members[0])[0])):
            return self.settings(node, registry, path)
        if all(is_dataclass(one) for one in members):
            return self.record(node, members[0], path) if len(members) == 1 else self._either(node, members, path)
        if members == (Path,):
            return self._path(node, path)
        return self.checked(node, hint, path)

    def record(self, node: Node, target: Any, path: str, given: Mapping[str, Any] = NOTHING) -> Any:
        """The record that a mapping describes, with some of its values `given`; WRONG if it cannot be made."""
        arguments = self.arguments(node, target, path, without=given)
        if arguments is WRONG:
            return WRONG
        keys = keys_of(target, given).values()
        if any(key.default is REQUIRED and key.name not in arguments for key in keys):
            return WRONG
        try:
            return target(**given, **gathered(target, arguments))
        except UsageError as error:
            self.problem(node.mark, path, str(error))
            return WRONG

    def arguments(
        self,
        node: Node,
        target: Callable[..., Any],
        path: str,
        *,
        without: Collection[str] = (),
        suited: Collection[str] | None = None,
    ) -> Any:
        """The valid values, by the keys of `target`, of which `suited` are offered; WRONG if there is no mapping."""
        try:
            keys = keys_of(target, without)
        except NameError as error:  # in the user's own code
            self.problem(node.mark, path, f"an annotation cannot be evaluated: {error}")
            return WRONG
        children = node.value
        if not isinstance(children, dict):
            expected = f"a mapping with {', '.join(keys)}" if keys else "nothing"
            self.problem(node.mark, path, FIT, expected, describe(node))
            return WRONG
        self.unknown(node, keys, path, suited)
        for key in keys.values():
            if key.default is REQUIRED and key.name not in children:
                self.problem(node.mark, path, f"{key.name!r} is missing", got=describe(node) if children else "")
        found = {}
        for name, child in children.items():
            if name in keys:
                value = self.value(child, keys[name].type, join(path, name))
                if value is not WRONG:
                    found[name] = value
        return spelled_out(target, found)

    def unknown(self, node: Node, known: Mapping[str, Key], path: str, suited: Collection[str] | None = None) -> None:
        """Notes unknown keys, and the known ones that are among `suited`; None: all of them."""
        names = [key.name for key in known.values() if HIDDEN not in key.metadata]
        names = [name for name in names if suited is None or name in suited]
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark = node.keys.get(key, node.mark)
                suggestion = self.elsewhere.get(key) or nearest(key, names)
                self.problem(mark, path, f"no such key: {key!r}", ", ".join(names) or "no keys", "", suggestion)

    def setting(self, node: Node, registry: Registry[Any], path: str) -> Any:
        """The setting that a name, or `{name: settings}`, describes; WRONG if it cannot be read."""
        given = node.value if isinstance(node.value, dict) else {}
        if isinstance(node.value, str):
            given = {node.value: Node({}, node.mark)}
        if len(given) != 1:
            expected = f"a name, or {{name: settings}}; names are {', '.join(registry)}"
            self.problem(node.mark, path, f"give one {registry.kind}", expected, describe(node))
        found = [self._named(node, name, child, registry, path) for name, child in given.items()]
        return found[0] if len(found) == 1 else WRONG

    def _named(self, node: Node, name: str, given: Node, registry: Registry[Any], path: str) -> Any:
        """The setting of a name; WRONG if it cannot be read."""
        mark = node.keys.get(name, node.mark)
        if self._is_path(name, registry):
            settings = {} if given.value is None else given.value
            if isinstance(settings, dict):
                given = Node({"path": Node(name, mark), **settings}, given.mark, given.keys)
            name = registry.of_path or name
        maker = self._maker(name, registry, mark, path)
        if maker is WRONG:
            return WRONG
        if isinstance(maker, Code):
            name = maker.name
            if not maker.trusted:
                arguments = dict(given.plain() or {})
                return Setting(name, arguments, arguments, maker, mark, registry.makes)
        factory = maker.load() if isinstance(maker, Code) else maker
        if not given.value and self._hides_path(name, registry):
            self.problem(mark, path, f"{name!r} is a {registry.kind} that needs settings", f"./{name} for the path")
            return WRONG
        suited = self._suited(name, given, registry)
        arguments = self.arguments(given, factory, f"{path}.{name}", without=registry.supplied, suited=suited)
        if arguments is WRONG:
            return WRONG
        defaults = defaults_of(factory, registry.supplied)
        return Setting(name, arguments, {**defaults, **arguments}, maker, mark, registry.makes)

    def settings(self, node: Node, registry: Registry[Any], path: str) -> Any:
        """A list of one or more settings; WRONG if one of them cannot be read."""
        if not isinstance(node.value, list) or not node.value:
            expected = "a list of one or more, each a name, or {name: settings}"
            self.problem(node.mark, path, f"there are no {registry.kind}s", expected, describe(node))
            return WRONG
        found = tuple(self.setting(child, registry, f"{path}.{index}") for index, child in enumerate(node.value))
        return WRONG if WRONG in found else found

    def checked(self, node: Node, hint: Any, path: str) -> Any:
        """The value of a node by pydantic's strict rules for JSON; WRONG if it does not fit."""
        try:
            return _adapter(hint).validate_json(json.dumps(node.plain()), strict=True)
        except ValidationError as error:
            for place, expected in expectations(node.plain(), error.errors(include_url=False)).items():
                wrong = node.at(place)
                self.problem(wrong.mark, join(path, *place), FIT, expected, describe(wrong))
        except PydanticSchemaGenerationError:  # in the user's own code
            self.problem(node.mark, path, f"a file cannot give an argument of the type {hint}")
        return WRONG

    def _registry(self, type_: Any) -> Registry[Any] | None:
        """The registry for an annotation: of a thing, or of a Setting of it."""
        if get_origin(type_) is Setting:
            (type_,) = get_args(type_)
        return self.registries.get(type_) if isinstance(type_, Hashable) else None

    def _is_path(self, name: str, registry: Registry[Any]) -> bool:
        """Whether a name is that of a file or a folder, which stands for an entry."""
        return registry.of_path is not None and name not in registry and (self.folder / name).exists()

    def _suited(self, name: str, given: Node, registry: Registry[Any]) -> Collection[str] | None:
        """The settings of an entry that suit the path that it is given; None: all of them."""
        path = given.value.get("path") if isinstance(given.value, dict) else None
        if name != registry.of_path or registry.keys_at is None or path is None or not isinstance(path.value, str):
            return None
        return registry.keys_at(self.folder / path.value)

    def _hides_path(self, name: str, registry: Registry[Any]) -> bool:
        """Whether a file or a folder has the name of an entry that cannot do without settings."""
        if registry.of_path is None or name not in registry or not (self.folder / name).exists():
            return False
        return any(key.default is REQUIRED for key in keys_of(registry[name], registry.supplied).values())

    def _maker(self, name: str, registry: Registry[Any], mark: Mark, path: str) -> Any:
        """The factory of a name, or its code; WRONG if there is none."""
        if name in registry:
            return registry[name]
        if registry.from_file is not None and (file := self.folder / name).is_file():
            return partial(registry.from_file, file)
        if names_code(name):
            try:
                return Code.named(name, self.folder, self.stored)
            except UsageError as error:
                missing = f"there is no file or folder {self.folder / name}, and as code: " if registry.of_path else ""
                self.problem(mark, path, f"{missing}{error}")
                return WRONG
        takers = (one for one, factory in registry.items() if name in keys_of(factory, registry.supplied))
        taker = next(takers, None)
        suggestion = nearest(name, registry) if taker is None else f"{taker}: {{{name}: ...}}"
        expected = ", ".join(registry)
        if "." in name or ":" in name or "/" in name:
            expected = "a registered name, FILE.py:NAME for code in a file, or MODULE.NAME for installed code"
            if registry.of_path:
                expected = f"the path of a file or a folder, {expected}"
        self.problem(mark, path, f"no {registry.kind} is named {name!r}", expected, "", suggestion)
        return WRONG

    def _either(self, node: Node, targets: Sequence[Any], path: str) -> Any:
        """The one of several records whose required keys the mapping has most of."""
        needed = {
            target: [key.name for key in keys_of(target).values() if key.default is REQUIRED] for target in targets
        }
        given = node.value if isinstance(node.value, dict) else {}
        met = {target: sum(name in given for name in names) for target, names in needed.items()}
        if not any(met.values()):
            forms = ("{" + ", ".join(f"{name}: ..." for name in names) + "}" for names in needed.values())
            self.problem(node.mark, path, FIT, " or ".join(forms), describe(node))
            return WRONG
        return self.record(node, max(met, key=lambda target: met[target]), path)

    def _path(self, node: Node, path: str) -> Any:
        """A path, relative to the file that names it."""
        text = self.checked(node, str, path)
        if text is WRONG:
            return WRONG
        found = self.folder / text
        absolute = str(found.absolute())
        if any("\ud800" <= letter <= "\udfff" for letter in absolute):  # bytes that are not UTF-8
            self.problem(node.mark, path, "this path cannot be recorded as text", "UTF-8", repr(absolute))
            return WRONG
        return found


def join(*steps: str | int) -> str:
    """Steps into a file as the path in errors."""
    return ".".join(str(step) for step in steps if step != "")


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_, config=ConfigDict(strict=True))
