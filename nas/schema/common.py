"""Elements of all schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, TypeAdapter

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def of_type(type_: Any) -> Schema:
    """The schema of a plain type, with its range."""
    adapter: TypeAdapter[Any] = TypeAdapter(type_, config=ConfigDict(strict=True))
    return adapter.json_schema()


def mapping(properties: Schema, *, required: list[str] | None = None, description: str = "") -> Schema:
    """A mapping with these keys and no other keys."""
    schema: Schema = {"type": "object" if required else ["object", "null"]}
    if description:
        schema["description"] = description
    schema |= {"properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def either(
    words: Mapping[str, str],
    schema: Schema,
    *,
    pattern: str | None = None,
    any_text: bool = False,
    refused: Sequence[str] = (),
) -> Schema:
    """One of several words, or a mapping.

    Args:
        words: the words, with their descriptions.
        schema: of the mapping.
        pattern: of other text that is allowed; None: none is.
        any_text: any text is allowed, except for `refused`.
        refused: words that are allowed as keys of the mapping alone.
    """
    text = {"type": "string", "enum": list(words), "enumDescriptions": list(words.values())}
    more: list[Schema] = [{"type": "string", "pattern": pattern}] if pattern else []
    more += [{"type": "string"} | ({"not": {"enum": list(refused)}} if refused else {})] if any_text else []
    return {**schema, "type": ["string", "object"], "anyOf": [text, *more, {"type": "object"}]}
