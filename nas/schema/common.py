"""What both schemas are made with: types, signatures and docstrings read as schemas."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, is_dataclass
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

NOTHING_KNOWN: Mapping[Any, Schema] = MappingProxyType({})

_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_ENTRY = re.compile(r"([a-z_0-9]+(?:, [a-z_0-9]+)*): (.*)")


def summary(target: object) -> str:
    """The first sentence of a docstring, without its full stop."""
    text = inspect.getdoc(target) or ""
    first = _SENTENCE.split(" ".join(text.partition("\n\n")[0].split()))[0]
    return first.removesuffix(".")


def entries(target: object) -> Mapping[str, str]:
    """What `Args:` or `Attributes:` of a docstring say about each name."""
    found: dict[str, str] = {}
    names: list[str] = []
    inside = False
    for line in (inspect.getdoc(target) or "").splitlines():
        if not line.startswith(" ") and line:
            inside = line in ("Args:", "Attributes:")
        elif inside and (entry := _ENTRY.fullmatch(line.removeprefix("    "))):
            names = entry[1].split(", ")
            found.update(dict.fromkeys(names, entry[2]))
        elif inside and line:
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return {name: text.removesuffix(".") for name, text in found.items()}


def of_type(type_: Any) -> Schema:
    """The schema of a type, with its range; of a dataclass, that of a mapping with its fields."""
    if is_dataclass(type_):
        return arguments(type_)  # type: ignore[arg-type]  # a class, not a record
    adapter: TypeAdapter[Any] = TypeAdapter(type_, config=ConfigDict(strict=True))
    schema = adapter.json_schema()
    schema.pop("format", None)  # "path" is known to nobody
    return schema


def arguments(
    target: Callable[..., Any], *, without: tuple[str, ...] = (), known: Mapping[Any, Schema] = NOTHING_KNOWN
) -> Schema:
    """A mapping with the arguments that a function or a class takes: their types, defaults and descriptions.

    Args:
        target: the function or class.
        without: arguments that are left out.
        known: schemas of types that pydantic has none for.
    """
    hints = get_type_hints(target.__init__ if inspect.isclass(target) else target, include_extras=True)
    described = entries(target)
    parameters = {
        name: parameter for name, parameter in inspect.signature(target).parameters.items() if name not in without
    }
    properties: Schema = {}
    for name, parameter in parameters.items():
        schema = dict(known[hints[name]]) if hints[name] in known else of_type(hints[name])
        if name in described:
            schema["description"] = described[name]
        if (default := _plain(parameter.default)) is not MISSING:
            schema["default"] = default
        properties[name] = schema
    required = [name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty]
    return mapping(properties, required=required, description=summary(target))


def mapping(properties: Schema, *, required: list[str] | None = None, description: str = "") -> Schema:
    """A mapping with these keys and no others."""
    schema: Schema = {"type": "object" if required else ["object", "null"]}
    if description:
        schema["description"] = description
    schema |= {"properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def either(words: Mapping[str, str], schema: Schema) -> Schema:
    """One of some words, each with a description, or a mapping."""
    text = {"type": "string", "enum": list(words), "enumDescriptions": list(words.values())}
    return {**schema, "type": ["string", "object"], "anyOf": [text, {"type": "object"}]}


def _plain(default: Any) -> Any:
    """A default as JSON has it; MISSING where there is none that can be written down."""
    if isinstance(default, tuple):
        return [_plain(item) for item in default]
    return default if default is None or isinstance(default, str | int | float | bool) else MISSING
