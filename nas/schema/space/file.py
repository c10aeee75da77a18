"""The schema of a whole space file."""

from collections.abc import Mapping

from nas.document import MAX_NAME
from nas.modality import MODALITIES
from nas.ops import OPS, Cost
from nas.schema.common import DRAFT, Schema
from nas.schema.space.layers import definition, definitions
from nas.schema.space.values import COUNT, TEXT, Definitions, whole
from nas.settings.docstrings import summary
from nas.space.language.condition import MEASURES
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.place import OUTPUTS, WORD
from nas.space.reading.purpose import PURPOSE_KEYS
from nas.space.reading.samples import FROM_DATA

POSITIVE: Schema = {"type": "integer", "minimum": 1}


def space_schema() -> Schema:
    """The schema of a space file."""
    plain, worded = Definitions(words=False), Definitions(words=True)
    top: Mapping[str, Schema] = {
        "name": {**TEXT, "maxLength": MAX_NAME, "description": "Name of the space; default: the name of the file"},
        "about": {**TEXT, "description": "A line on the space, for `nas list spaces`"},
        "for": _purpose(),
        "input": {
            "type": ["array", "string"],
            "items": POSITIVE,
            "minItems": 1,
            "maxItems": 3,
            "pattern": f"^{FROM_DATA}$",
            "description": f"Shape of one sample, channels first, which a data set overrides; or `{FROM_DATA}`",
        },
        "outputs": {
            **POSITIVE,
            "description": "Number of outputs: classes, or targets of a regression; a data set overrides it",
        },
        "tokens": {**POSITIVE, "description": "Size of the vocabulary of texts; a data set overrides it"},
        "categories": {
            "type": "array",
            "items": POSITIVE,
            "description": "Number of categories of each categorical column of a table; a data set overrides it",
        },
        "rate": {**POSITIVE, "description": "Sampling rate of sounds in Hz; a data set overrides it"},
        "limits": _limits(),
        "define": {
            "type": "object",
            "propertyNames": {"pattern": whole(WORD), "not": {"enum": [*OPS, *KEYWORDS, *MEASURES, OUTPUTS]}},
            "additionalProperties": {"$ref": "#/$defs/definition"},
            "description": "Named layers and choices of values, used as words",
        },
        "layers": {"description": "The network: a list of layers"},
    }
    return {
        "$schema": DRAFT,
        "title": "Space file",
        "description": "A search space of Archwright",
        "type": "object",
        "properties": {key: top[key] for key in TOP_KEYS},
        "additionalProperties": False,
        "required": ["layers"],
        "if": {"required": ["define"]},
        "then": {"properties": {"layers": worded.ref("layers")}},
        "else": {"properties": {"layers": plain.ref("layers")}},
        "$defs": {**definitions(plain), **definitions(worded), "definition": definition(worded)},
    }


def _purpose() -> Schema:
    kinds: Schema = {"enum": list(MODALITIES)}
    ends = {"min": {**COUNT, "description": "The least"}, "max": {**COUNT, "description": "The most"}}
    numbers: Schema = {"type": "object", "properties": ends, "additionalProperties": False}
    held: Mapping[str, Schema] = {
        "modality": {
            "anyOf": [kinds, {"type": "array", "items": kinds, "minItems": 1}],
            "description": "The kind of inputs, or several; data of another kind are refused",
        },
        "size": {**numbers, "description": "Longest side of an image; length of a sound, a text or a series"},
        "samples": {**numbers, "description": "Number of training samples"},
    }
    return {
        "type": "object",
        "properties": {key: held[key] for key in PURPOSE_KEYS},
        "additionalProperties": False,
        "description": "The data that the space is meant for",
    }


def _limits() -> Schema:
    ends = {"min": {**COUNT, "description": "The least"}, "max": {**COUNT, "description": "The most"}}
    bounds: Schema = {
        "type": ["integer", "object"],
        "minimum": 0,
        "properties": ends,
        "additionalProperties": False,
        "description": "The maximum, or {min: ..., max: ...}",
    }
    return {
        "type": "object",
        "properties": dict.fromkeys(Cost._fields, bounds),
        "additionalProperties": False,
        "description": "Bounds on every architecture. " + summary(Cost),
    }
