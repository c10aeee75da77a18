"""Schemas of keywords: what each holds, and the keys that stand beside it."""

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
    """What a keyword holds."""
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
    """What a further key of a keyword holds."""
    merges = {name: summary(merge) for name, merge in MERGES.items()}
    joined: Schema = {"enum": list(merges), "enumDescriptions": list(merges.values()), "default": "add"}
    held: Mapping[str, Schema] = {
        "of": {**schemas.ref("layers"), "description": "The layers that are repeated"},
        "share": {**FLAG, "description": "The first copy decides for all of them"},
        "merge": {**joined, "description": "How the values are joined"},
        "project": {**FLAG, "description": "1×1 convolutions, strided where needed, where the shapes differ"},
        "depth": {
            "type": ["integer", "object"],
            "minimum": 0,
            "properties": {"min": COUNT, "max": COUNT},
            "required": ["max"],
            "additionalProperties": False,
            "description": "The most steps there may be, or {min: ..., max: ...}; steps with `last` do not count",
        },
        "dropout": _dropouts(),
    }
    return held[key]


def _step(schemas: Definitions) -> Schema:
    """A step of a sequence."""
    names = {"type": ["array", "string"], "items": TEXT}
    held: Mapping[str, Schema] = {
        "layers": {**schemas.ref("one_or_more"), "description": "The layers of the step"},
        "after": {**names, "description": f"Steps that it may follow; {START}: the beginning. Default: any"},
        "max": {**COUNT, "description": "How often it may be taken"},
        "when": schemas.ref("when"),
        "last": {**FLAG, "description": "Whether it ends the sequence"},
    }
    return mapping({key: held[key] for key in STEP_KEYS}, required=["layers"], description="A step of the sequence")


def _dropouts() -> Schema:
    """The dropouts of a sequence."""
    names = {"type": ["array", "string"], "items": TEXT}
    rate = of_type(get_type_hints(OPS["dropout"], include_extras=True)["p"])
    held: Mapping[str, Schema] = {
        "p": {**rate, "description": "The rate of the last one; the i-th of n has p · i / n"},
        "every": {"type": "integer", "description": "One follows each step whose number this divides"},
        "after": {**names, "description": "Steps that one always follows"},
        "except": {**names, "description": "Steps that one never follows"},
        "beyond": {**FLAG, "description": "n counts the one that would follow a further step of the same kind"},
    }
    return mapping({key: held[key] for key in DROPOUT_KEYS}, required=["p"], description="Dropouts between the steps")


def _cell(schemas: Definitions) -> Schema:
    """A cell, with layers on its edges or in its nodes."""
    number: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_COPIES}
    size: Schema = {"type": ["integer", "string"], "pattern": f"^({WORD.pattern}|{ARITHMETIC})$"}
    held: Mapping[str, Schema] = {
        "inputs": {"enum": [1, 2], "default": 1, "description": "2: also what the cell before the last one gave"},
        "nodes": {**number, "description": "How many nodes are computed; beside `node`, at most"},
        "reads": {**number, "description": "From how many earlier nodes a node reads; default: all of them"},
        "edge": {**schemas.ref("one_or_more"), "description": "The layers on each edge"},
        "node": {
            **schemas.ref("one_or_more"),
            "description": "The layers in each node; which edges there are is searched",
        },
        "edges": {**number, "description": "At most that many edges, beside `node`"},
        "project": {
            **schemas.ref("one_or_more"),
            "description": "Layers that bring an input to the width of the nodes",
        },
        "width": {**size, "description": "Channels of a node; default: those of the input"},
        "stride": {**size, "description": "By how much the cell makes the map smaller; default: 1"},
        "output": {
            "enum": ["last", "concat"],
            "default": "last",
            "description": "The last node, or all computed nodes beside each other",
        },
    }
    schema = mapping({key: held[key] for key in CELL_KEYS}, required=["nodes"])
    kinds = [
        {"required": ["edge"], "not": {"required": ["node"]}},
        {"required": ["node"], "not": {"required": ["edge"]}},
    ]
    return {**schema, "anyOf": kinds}
