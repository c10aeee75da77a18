"""Schemas of keywords: their values, and the keys beside them."""

from collections.abc import Mapping
from typing import get_type_hints

from nas.ops import MERGES, OPS
from nas.schema.common import Schema, mapping, of_type
from nas.schema.space.values import COUNT, FLAG, TEXT, Definitions, listed_or_labelled
from nas.settings.docstrings import summary
from nas.space.language.formula import TEXT as ARITHMETIC
from nas.space.language.sequence import END, START
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.place import MAX_COPIES, WORD
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS


def held_by(schemas: Definitions, keyword: str) -> Schema:
    """The value of a keyword."""
    held: Mapping[str, Schema] = {
        "choice": listed_or_labelled(schemas.ref("one_or_more")),
        "repeat": schemas.argument({"type": "integer", "minimum": 0, "maximum": MAX_COPIES}),
        "residual": schemas.ref("layers"),
        "parallel": listed_or_labelled(schemas.ref("one_or_more"), least=2),
        "sequence": {
            "type": "object",
            "additionalProperties": _step(schemas),
            "minProperties": 1,
            "propertyNames": {"not": {"enum": [START, END]}},
        },
        "cell": _cell(schemas),
        "layers": schemas.ref("layers"),
    }
    return {**held[keyword], "description": summary(KEYWORDS[keyword].read)}


def key_beside(schemas: Definitions, key: str) -> Schema:
    """The value of a key that stands beside a keyword."""
    merges = {name: summary(merge) for name, merge in MERGES.items()}
    joined: Schema = {"enum": list(merges), "enumDescriptions": list(merges.values()), "default": "add"}
    held: Mapping[str, Schema] = {
        "of": {**schemas.ref("layers"), "description": "The layers to repeat"},
        "share": {**FLAG, "description": "Whether the first copy decides for all copies"},
        "merge": {**joined, "description": "How the values are merged"},
        "project": {**FLAG, "description": "Whether 1×1 convolutions adapt values of other shapes"},
        "depth": {
            "type": ["integer", "object"],
            "minimum": 0,
            "properties": {"min": COUNT, "max": COUNT},
            "required": ["max"],
            "additionalProperties": False,
            "description": "The maximum number of steps, or {min: ..., max: ...}; steps with `last` do not count",
        },
        "dropout": _dropouts(),
    }
    return held[key]


def _step(schemas: Definitions) -> Schema:
    """A step of a sequence."""
    names = {"type": ["array", "string"], "items": TEXT}
    held: Mapping[str, Schema] = {
        "layers": {**schemas.ref("one_or_more"), "description": "The layers of the step"},
        "after": {**names, "description": f"Steps that it may follow; {START}: the beginning; default: any"},
        "max": {**COUNT, "description": "How often it may be taken; default: any number of times"},
        "when": schemas.ref("when"),
        "last": {**FLAG, "description": "Whether it ends the sequence"},
    }
    return mapping({key: held[key] for key in STEP_KEYS}, required=["layers"], description="A step of the sequence")


def _dropouts() -> Schema:
    """The dropouts of a sequence."""
    names = {"type": ["array", "string"], "items": TEXT}
    rate = of_type(get_type_hints(OPS["dropout"], include_extras=True)["p"])
    held: Mapping[str, Schema] = {
        "p": {**rate, "description": "The rate of the last one; the i-th of n has the rate p · i / n"},
        "every": {"type": "integer", "description": "One follows each step whose number it divides"},
        "after": {**names, "description": "Steps that are always followed by one"},
        "except": {**names, "description": "Steps that are never followed by one"},
        "beyond": {**FLAG, "description": "Whether n also counts the dropout that would follow one more step"},
    }
    return mapping({key: held[key] for key in DROPOUT_KEYS}, required=["p"], description="Dropouts between the steps")


def _cell(schemas: Definitions) -> Schema:
    """A cell, with layers on its edges or in its nodes."""
    number: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_COPIES}
    size: Schema = {"type": ["integer", "string"], "pattern": f"^({WORD.pattern}|{ARITHMETIC})$"}
    held: Mapping[str, Schema] = {
        "inputs": {
            "enum": [1, 2],
            "default": 1,
            "description": "2: it also reads the output of the cell before the previous one",
        },
        "nodes": {**number, "description": "Number of computed nodes; with `node`, the maximum"},
        "reads": {**number, "description": "Number of earlier nodes that a node reads; default: all"},
        "edge": {**schemas.ref("one_or_more"), "description": "The layers on each edge"},
        "node": {
            **schemas.ref("one_or_more"),
            "description": "The layers in each node; the edges are searched",
        },
        "edges": {**number, "description": "Maximum number of edges, with `node`"},
        "project": {
            **schemas.ref("one_or_more"),
            "description": "Layers that project an input to the width of the nodes",
        },
        "width": {**size, "description": "Channels of a node; default: those of the input"},
        "stride": {**size, "description": "Factor by which the cell reduces the map; default: 1"},
        "output": {
            "enum": ["last", "concat"],
            "default": "last",
            "description": "The last node, or the concatenation of all computed nodes",
        },
    }
    schema = mapping({key: held[key] for key in CELL_KEYS}, required=["nodes"])
    kinds = [
        {"required": ["edge"], "not": {"required": ["node"]}},
        {"required": ["node"], "not": {"required": ["edge"]}},
    ]
    return {**schema, "anyOf": kinds}
