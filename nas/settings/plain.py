"""Settings and records as plain data: written, flattened and compared."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

from nas.document import Places
from nas.marks import HIDDEN, IDENTITY_IF_SET, INLINE, Content
from nas.settings.code import Code
from nas.settings.forms import Form
from nas.settings.setting import Setting
from nas.settings.signature import hints_of, unannotated

_SHA256 = re.compile("[0-9a-f]{64}")


def plain(
    value: Any, named: Callable[[Setting[Any]], str] = lambda setting: setting.name, *, hashed: bool = False
) -> Any:
    """Dataclasses, mappings, tuples and paths as dicts, lists and strings; settings as in a file, with defaults.

    Args:
        value: the value.
        named: the name of a setting.
        hashed: as the identity of a run has it: with the hash of the source of the user's own code and of all other
            `Content`, and without settings and fields that are IDENTITY_IF_SET and have their defaults.
    """

    def inner(value: Any) -> Any:
        return plain(value, named, hashed=hashed)

    if isinstance(value, Setting):
        full, code = inner(value.identifying if hashed else value.full), value.maker
        if hashed and isinstance(code, Code):
            return {named(value): full, f"source of {code.name}": code.sha256}
        return {named(value): full} if full else named(value)
    if isinstance(value, Content):
        return value.sha256 if hashed else value.written
    if is_dataclass(value) and not isinstance(value, type):
        return _record(value, inner, hashed=hashed)
    if isinstance(value, Mapping):
        return {key: inner(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [inner(item) for item in value]
    return str(value.absolute()) if isinstance(value, Path) else value


def _record(value: Any, inner: Callable[[Any], Any], *, hashed: bool) -> dict[str, Any]:
    hints = hints_of(type(value))
    found: dict[str, Any] = {}
    for one in fields(value):
        type_, metadata = unannotated(hints[one.name])
        item = getattr(value, one.name)
        if type_ is Places or HIDDEN in metadata:
            continue
        if hashed and IDENTITY_IF_SET in metadata and item == _default(one):
            continue
        if INLINE in metadata:
            found |= inner(item)
        elif form := next((word for word in metadata if isinstance(word, Form)), None):
            found[one.name] = form.plain(item, inner)
        else:
            found[one.name] = inner(item)
    return found


def _default(one: "Field[Any]") -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of plain data, each with its path: `portfolio.controllers.1.q_learning.alpha`.

    An empty value is a leaf, and so is a list without mappings.
    """
    if isinstance(value, Mapping) and value:
        items = list(value.items())
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        items = list(enumerate(value))
    else:
        if path:
            yield path, value
        return
    for key, child in items:
        yield from flat(child, f"{path}.{key}" if path else str(key))


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The differences between two mappings of plain data: a line for each leaf, with both values.

    For a SHA-256, the line says that the content was changed.
    """
    old, new = dict(flat(then)), dict(flat(now))
    return [
        f"{key}: the content was changed (SHA-256 {old[key][:12]}… -> {new[key][:12]}…)"
        if _is_hash(old.get(key)) and _is_hash(new.get(key))
        else f"{key}: {_shown(old, key)} -> {_shown(new, key)}"
        for key in {**old, **new}
        if _shown(old, key) != _shown(new, key)
    ]


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _shown(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key], ensure_ascii=False) if key in values else "(none)"
