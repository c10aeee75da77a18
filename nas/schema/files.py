"""JSON schemas of files declared by a dataclass: generated from its annotations, its docstring and the registries."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import MISSING, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from nas.schema.common import DRAFT, Schema, either, mapping, of_type
from nas.settings import HIDDEN, Registry, Setting, plain
from nas.settings.code import PATTERN
from nas.settings.docstrings import summary
from nas.settings.forms import Form
from nas.settings.signature import REQUIRED, Key, is_optional, keys_of, members_of, unannotated


def file_schema(target: Callable[..., Any], registries: Iterable[Registry[Any]], title: str) -> Schema:
    """The schema of a file that `target` declares and that can name entries of the registries."""
    maker = SchemaMaker(registries)
    body = maker.record(target)
    return {"$schema": DRAFT, "title": title, **body, "$defs": maker.definitions}


class SchemaMaker:
    """Makes schemas of types.

    Args:
        registries: the registries whose names a file can use.

    Attributes:
        definitions: the schemas of the registries that were used, by their kinds.
    """

    def __init__(self, registries: Iterable[Registry[Any]] = ()) -> None:
        self.registries = {one.makes: one for one in registries}
        self.definitions: dict[str, Schema] = {}

    def of(self, hint: Any) -> Schema:
        """The schema of a value in a file for an argument of this type."""
        type_, metadata = unannotated(hint)
        if form := next((one for one in metadata if isinstance(one, Form)), None):
            return form.schema(self.of, type_)
        members = tuple(unannotated(one)[0] for one in members_of(hint))
        if registry := self._registry(members[0]):
            return self.named(registry)
        if get_origin(members[0]) in (Sequence, tuple) and (registry := self._registry(get_args(members[0])[0])):
            return {"type": "array", "minItems": 1, "items": self.named(registry)}
        if all(is_dataclass(one) for one in members):
            return self.record(members[0]) if len(members) == 1 else self._either(members)
        schema: Schema = {"type": "string"} if members == (Path,) else of_type(_alone(hint))
        if is_optional(hint) and isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        elif is_optional(hint) and "anyOf" in schema:
            schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
        return schema

    def record(self, target: Callable[..., Any], without: Sequence[str] = ()) -> Schema:
        """A mapping with the keys of a dataclass, or of a factory."""
        keys = keys_of(target, without).values()
        required = [key.name for key in keys if key.default is REQUIRED]
        properties = {key.name: self._property(key) for key in keys}
        schema = mapping(properties, required=required, description=summary(target))
        return {**schema, "type": "object"}

    def named(self, registry: Registry[Any]) -> Schema:
        """A name from a registry, or a name with settings; or likewise, user code."""
        kind = registry.kind.replace(" ", "_")
        if kind not in self.definitions:
            self.definitions[kind] = {}  # entries may refer to their own registry
            settings = {name: self.record(factory, registry.supplied) for name, factory in registry.items()}
            alone = {name: one["description"] for name, one in settings.items() if "required" not in one}
            one_of_them = {
                "properties": settings,
                **(
                    {"additionalProperties": {"type": "object"}}  # a path
                    if registry.of_path
                    else {"patternProperties": {PATTERN: {"type": "object"}}, "additionalProperties": False}
                ),
                "minProperties": 1,
                "maxProperties": 1,
            }
            pattern = None if registry.from_file or registry.of_path else PATTERN
            needy = [name for name in settings if name not in alone] if registry.of_path else []
            self.definitions[kind] = either(
                alone, one_of_them, pattern=pattern, any_text=pattern is None, refused=needy
            )
        return {"$ref": f"#/$defs/{kind}"}

    def _property(self, key: Key) -> Schema:
        schema = self.of(key.type)
        if key.about:
            schema = {**schema, "description": key.about}
        if HIDDEN in key.metadata:
            return {**schema, "doNotSuggest": True}
        default = written(key)
        return schema if default is MISSING else {**schema, "default": default}

    def _registry(self, type_: Any) -> Registry[Any] | None:
        if get_origin(type_) is Setting:
            (type_,) = get_args(type_)
        return self.registries.get(type_) if isinstance(type_, Hashable) else None

    def _either(self, targets: Sequence[Any]) -> Schema:
        """A mapping that is one of several records."""
        records = [self.record(target) for target in targets]
        properties = {key: one for record in records for key, one in record["properties"].items()}
        alternatives = [{"required": record.get("required", [])} for record in records]
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "anyOf": alternatives,
        }


def _alone(hint: Any) -> Any:
    """`T` of `T | None`; a union of several types as it is."""
    members = members_of(hint)
    return members[0] if is_optional(hint) and len(members) == 1 else hint


def written(key: Key) -> Any:
    """The default of a key as written in a file; MISSING if there is none, or none that fits in a line."""
    if key.default is REQUIRED:
        return MISSING
    form = next((one for one in key.metadata if isinstance(one, Form)), None)
    if form is not None:
        return form.plain(key.default, plain) or MISSING
    if isinstance(key.default, Setting):
        return key.default.name
    if isinstance(key.default, tuple):
        return plain(key.default)
    return key.default if key.default is None or isinstance(key.default, str | int | float | bool) else MISSING
