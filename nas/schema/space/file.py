"""The schema of a whole space file."""

from collections.abc import Mapping

from nas.document import MAX_NAME
from nas.ops import OPS, Cost
from nas.schema.common import DRAFT, Schema
from nas.schema.space.layers import definition, definitions
from nas.schema.space.values import COUNT, TEXT, Definitions, whole
from nas.settings.docstrings import summary
from nas.space.language.condition import MEASURES
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.place import OUTPUTS, WORD


def space_schema() -> Schema:
    """The schema of a space file."""
    plain, worded = Definitions(words=False), Definitions(words=True)
    top: Mapping[str, Schema] = {
        "name": {**TEXT, "maxLength": MAX_NAME, "description": "Name of the space; default: the name of the file"},
        "input": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "minItems": 1,
            "maxItems": 3,
            "description": "Shape of one sample, channels first; a data set overrides it",
        },
        "outputs": {
            "type": "integer",
            "minimum": 1,
            "description": "Number of outputs: classes, or targets of a regression; a data set overrides it",
        },
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
