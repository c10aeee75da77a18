"""Schemas of layers, as words or mappings, and of definitions."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from nas.document import MAX_NAME
from nas.ops import OPS
from nas.schema.common import Schema
from nas.schema.space.condition import condition
from nas.schema.space.keywords import held_by, key_beside
from nas.schema.space.values import FLAG, TEXT, Definitions, listed_or_labelled, whole
from nas.settings.docstrings import summary
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.place import WORD
from nas.space.reading.values import VALUES_KEYS

NAME = "Name of the part: its segment in the names of decisions"


def definitions(schemas: Definitions) -> Mapping[str, Schema]:
    """All definitions, by name."""
    for name, op in OPS.items():
        schemas.made[schemas.name(f"op_{name}")] = schemas.op(op)
    schemas.made |= {
        schemas.name("layer"): {"type": ["string", "object"], "allOf": [schemas.ref("written")]},
        schemas.name("layers"): {"type": "array", "items": schemas.ref("layer")},
        schemas.name("one_or_more"): {
            "type": ["string", "object", "array"],
            "items": schemas.ref("layer"),
            "allOf": [schemas.ref("written")],
        },
        schemas.name("written"): _written(schemas),
        schemas.name("when"): condition(),
        schemas.name("bound"): schemas.bound(),
    }
    return schemas.made


def _written(schemas: Definitions) -> Schema:
    """A layer as a word or as a mapping; referring schemas add the `type`."""
    bare = {name: summary(op) for name, op in OPS.items() if all(item.default is not MISSING for item in fields(op))}
    words: list[Schema] = [
        {"type": "string", "enum": list(bare), "enumDescriptions": list(bare.values())},
        {"type": ["object", "array", "number", "boolean", "null"]},
    ]
    if schemas.words:
        words.insert(
            1,
            {
                "type": "string",
                "pattern": whole(WORD),
                "not": {"enum": [*KEYWORDS, *(name for name in OPS if name not in bare)]},
            },
        )
    further = {key for keyword in KEYWORDS.values() for key in keyword.keys}
    heads: Schema = {name: schemas.ref(f"op_{name}") for name in OPS if name not in further}
    return {
        "anyOf": words,
        "properties": {
            "name": {**TEXT, "pattern": whole(WORD), "maxLength": MAX_NAME, "description": NAME},
            "when": schemas.ref("when"),
            **{keyword: held_by(schemas, keyword) for keyword in KEYWORDS},
            **heads,
            **{key: _somewhere(key) for key in sorted(further)},
        },
        "additionalProperties": {"type": ["object", "null"]} if schemas.words else False,
        "allOf": [
            *(_with_its_keys(schemas, keyword) for keyword in KEYWORDS),
            *(_unless_beside(schemas, name) for name in OPS if name in further),
            {"if": {"type": "object", **_none_of(KEYWORDS)}, "then": _one_head()},
        ],
    }


def _with_its_keys(schemas: Definitions, keyword: str) -> Schema:
    """What may stand beside a keyword, and what must."""
    keys = KEYWORDS[keyword].keys
    then: Schema = {"propertyNames": {"enum": [keyword, *keys, "name", "when"]}}
    if keys:
        then["properties"] = {key: key_beside(schemas, key) for key in keys}
    if required := [key for key in keys if (keyword, key) in (("repeat", "of"), ("sequence", "depth"))]:
        then["required"] = required
    return {"if": {"type": "object", "required": [keyword]}, "then": then}


def _unless_beside(schemas: Definitions, name: str) -> Schema:
    """An op whose name is also a key of some keyword: `dropout` beside `sequence` is not an op."""
    taken = [keyword for keyword, one in KEYWORDS.items() if name in one.keys]
    return {"if": {"type": "object", **_none_of(taken)}, "then": {"properties": {name: schemas.ref(f"op_{name}")}}}


def _somewhere(key: str) -> Schema:
    """A key that stands beside some keyword; the rules in `allOf` restrict it."""
    return {"description": summary(OPS[key])} if key in OPS else {"doNotSuggest": True}


def definition(schemas: Definitions) -> Schema:
    """A definition: layers, or a choice of values."""
    scalar = ["string", "number", "boolean"]
    written = _written(schemas)
    option = {
        "type": [*scalar, "object", "array"],
        "items": schemas.ref("layer"),
        "if": {"type": "object"},
        "then": schemas.ref("written"),
    }
    measure = {"type": ["number", "string"]}
    properties = {
        **written["properties"],
        "choice": {
            **listed_or_labelled(option),
            "description": "Layers or values to choose from",
        },
        "share": {**FLAG, "description": "Whether all uses share their decisions"},
        "parameters": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": whole(WORD)},
            "description": "Parameters and their defaults; without a default, a use must give a value",
        },
        **{key: {**measure, "doNotSuggest": True} for key in VALUES_KEYS[1:]},
    }
    del properties["name"]
    return {
        "type": ["string", "object", "array"],
        "items": schemas.ref("layer"),
        "properties": properties,
        "additionalProperties": written["additionalProperties"],
        "allOf": [
            {"if": {"type": "object", "required": [keyword]}, "then": {"properties": properties}}
            for keyword in KEYWORDS
            if (properties := {key: key_beside(schemas, key) for key in KEYWORDS[keyword].keys})
        ],
    }


def _none_of(keys: Any) -> Schema:
    return {"not": {"anyOf": [{"required": [key]} for key in keys]}}


def _one_head() -> Schema:
    """A mapping with one key beside `name` and `when`."""

    def size(number: int) -> Schema:
        return {"minProperties": number, "maxProperties": number}

    both, one = {"required": ["name", "when"]}, {"anyOf": [{"required": ["name"]}, {"required": ["when"]}]}
    return {"if": both, "then": size(3), "else": {"if": one, "then": size(2), "else": size(1)}}
