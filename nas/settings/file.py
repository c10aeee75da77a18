"""Whole files, each declared by one frozen dataclass."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from nas.document import Node, Places, describe, from_object
from nas.errors import Diagnostic, Mark, SpecError
from nas.marks import IDENTITY, IDENTITY_IF_SET
from nas.settings.code import Code
from nas.settings.forms import WRONG, Form, Keyed, OneOf
from nas.settings.overrides import Override, override
from nas.settings.plain import plain
from nas.settings.reader import Reader, join
from nas.settings.registry import Registry
from nas.settings.setting import Setting
from nas.settings.signature import REQUIRED, Key, hints_of, keys_of, unannotated

C = TypeVar("C")


@dataclass(frozen=True)
class Draft(Generic[C]):
    """A file as far as it could be read.

    Attributes:
        config: what was read. A value with a problem has its default, or is None if it has none.
        problems: all problems.
        wrong: the keys that have a problem, or are missing.
    """

    config: C
    problems: Sequence[Diagnostic]
    wrong: frozenset[str]

    def whole(self) -> C:
        """The file. Raises SpecError if it has problems."""
        if self.problems:
            raise SpecError(self.problems)
        return self.config


def read_file(
    target: type[C],
    node: Node,
    file: Path,
    registries: Iterable[Registry[Any]],
    *,
    overrides: Iterable[str | Override] = (),
    stored: Mapping[str, str] | None = None,
) -> Draft[C]:
    """Reads a file as the dataclass that declares it.

    A dataclass may have a method `misfits(node)` for problems between its values, and a field `places` for the
    places of its keys.

    Args:
        target: the dataclass.
        node: the content of the file.
        file: its path; paths in it are relative to its folder.
        registries: what the file can name.
        overrides: values in place of those of the file.
        stored: see `Reader`.

    Raises:
        SpecError: the file is not a mapping.
    """
    keys = keys_of(target)
    if not isinstance(node.value, dict):
        kind = target.__name__.removesuffix("Config").lower()
        raise SpecError([Diagnostic(node.mark, "", f"a {kind} file is a mapping", "a mapping", describe(node))])
    node, wrong_overrides = _overridden(node, keys, file, overrides)
    assert isinstance(node.value, dict)  # noqa: S101  for the type checker
    reader = Reader(file, registries, elsewhere=elsewhere(keys), stored=stored)
    values = reader.arguments(node, target, "")
    absent = {
        name: child
        for name, key in keys.items()
        if name not in node.value and (child := _absent(key, file, node.mark)) is not None
    }
    values |= {name: reader.value(child, keys[name].type, name) for name, child in absent.items()}
    made = {name: None if key.default is REQUIRED else key.default for name, key in keys.items()}
    made |= {name: value for name, value in values.items() if value is not WRONG}
    missing = {name for name, key in keys.items() if key.default is REQUIRED and name not in node.value}
    if "places" in hints_of(target):
        made["places"] = Places(node)
    config = object.__new__(target)  # a draft may lack required values
    for name, value in made.items():
        object.__setattr__(config, name, value)
    problems = [*wrong_overrides, *reader.problems, *(config.misfits(node) if hasattr(config, "misfits") else ())]
    wrong = missing | {problem.path.partition(".")[0] for problem in problems}
    return Draft(config, tuple(problems), frozenset(wrong))


def elsewhere(keys: Mapping[str, Key], path: str = "") -> dict[str, str]:
    """The place of each key in the mappings of a file; of equal keys, the first."""
    found: dict[str, str] = {}
    for name, key in keys.items():
        here = join(path, name)
        inner = unannotated(key.type)[0]
        if isinstance(key.default, Setting):
            for one in key.default.full:
                found.setdefault(one, join(here, key.default.name, one))
        elif isinstance(form := _form(key), OneOf):
            found |= {kind: join(here, kind) for kind in form.kinds if kind not in found}
        elif form is None and is_dataclass(inner) and isinstance(inner, type):
            for one, place in elsewhere(keys_of(inner), here).items():
                found.setdefault(one, place)
        if path:
            found.setdefault(name, here)
    return {name: place for name, place in found.items() if path or name not in keys}


def resolved(config: Any, named: Callable[[Setting[Any]], str] | None = None) -> dict[str, Any]:
    """A file with every default written out. `named` names settings; by default, code has its absolute path."""
    found: dict[str, Any] = plain(config, named or _written)
    return found


def identity(config: Any) -> dict[str, Any]:
    """The values that must not change between the start of a run and its resumption, as plain data.

    These are the fields marked as IDENTITY or IDENTITY_IF_SET. The user's own code is identified by its content.
    """
    written = plain(config, hashed=True)
    defaults = {key.name: key.default for key in keys_of(type(config)).values()}
    marks = {name: unannotated(hint)[1] for name, hint in hints_of(type(config)).items()}
    return {
        name: written[name]
        for name, mark in marks.items()
        if IDENTITY in mark or (IDENTITY_IF_SET in mark and getattr(config, name) != defaults[name])
    }


def _written(setting: Setting[Any]) -> str:
    code = setting.maker
    if isinstance(code, Code) and code.path is not None:
        return f"{code.path.absolute().parent / code.name}"
    return setting.name


def _form(key: Key) -> Form | None:
    return next((word for word in key.metadata if isinstance(word, Form)), None)


def _absent(key: Key, file: Path, mark: Mark) -> Node | None:
    """The value of a key that a file does not have, if its form defines one."""
    form = _form(key)
    return None if form is None else form.absent(file, mark)


def _overridden(
    node: Node, keys: Mapping[str, Key], file: Path, overrides: Iterable[str | Override]
) -> tuple[Node, Sequence[Diagnostic]]:
    """The file with overrides, and the problems of these."""
    given: list[Override] = []
    problems: list[Diagnostic] = []
    for one in overrides:
        try:
            given.append(Override.parsed(one) if isinstance(one, str) else one)
        except SpecError as error:
            problems += error.problems
    for one in given:
        key = keys.get(one.path[0])
        if key is not None and len(one.path) > 1:
            node = _opened(node, key, file)
    try:
        return override(node, given), problems
    except SpecError as error:
        return node, [*problems, *error.problems]


def _opened(node: Node, key: Key, file: Path) -> Node:
    """The file with the records of a key written out, or with those of its default, so that they can be overridden."""
    form = _form(key)
    if not isinstance(form, Keyed) or not isinstance(node.value, dict):
        return node
    default = from_object(form.plain(key.default, plain), str(file))
    records = form.written_out(node.value.get(key.name, default))
    return Node({**node.value, key.name: records}, node.mark, node.keys)
