"""The JSON schema of space files.

What follows from the tables of ops and keywords is made from them; written down here is what each further key holds.
Most of it exists twice: `layer`, for files without definitions, where every word is known, and `layer_or_word`, for
files with `define`, where a word may stand for a layer or a value. Alternatives are kept flat, in one schema of which
part holds for mappings and part for lists or text, and not listed in `anyOf`: an editor then marks the very place.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from nas.document import MAX_NAME
from nas.ops import MERGES, OPS, Cost, Op
from nas.schema.common import DRAFT, Schema, mapping, of_type
from nas.settings.docstrings import summary
from nas.space.language.condition import MEASURES, OPERATORS
from nas.space.language.formula import TEXT as ARITHMETIC
from nas.space.language.sequence import END, START
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.conditions import COMPARISON
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.place import LABEL, MAX_COPIES, OUTPUTS, WORD
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS
from nas.space.reading.values import VALUES_KEYS

COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean", "default": False}
TEXT: Schema = {"type": "string"}

MEASURED: Mapping[str, tuple[str, str]] = {
    "size": ("integer", "The longest side of the map or the length of the sequence; 1 for a flat value"),
    "channels": ("integer", "The first dimension"),
    "flat": ("boolean", "Whether the value is one row of numbers"),
}

WHEN = "A condition: the layer is left out, or the option not offered, where it does not hold"
NAME = "Names the part: its segment in the names of decisions"


def space_schema() -> Schema:
    """The schema of a space file."""
    plain, worded = _Layers(words=False), _Layers(words=True)
    top: Mapping[str, Schema] = {
        "name": {**TEXT, "maxLength": MAX_NAME, "description": "Name of the space; default: the name of the file"},
        "input": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "minItems": 1,
            "maxItems": 3,
            "description": "Shape of one sample, channels first; a data set goes before it",
        },
        "outputs": {
            "type": "integer",
            "minimum": 1,
            "description": "Number of outputs: classes, or targets of a regression. A data set overrides it",
        },
        "limits": _limits(),
        "define": {
            "type": "object",
            "propertyNames": {"pattern": _whole(WORD), "not": {"enum": [*OPS, *KEYWORDS, *MEASURES, OUTPUTS]}},
            "additionalProperties": {"$ref": "#/$defs/definition"},
            "description": "Names for layers and for choices of values, to be used as words",
        },
        "layers": {"description": "The network: a list of layers"},
    }
    return {
        "$schema": DRAFT,
        "title": "Space file",
        "description": "A space file of Archwright: which networks are allowed",
        "type": "object",
        "properties": {key: top[key] for key in TOP_KEYS},
        "additionalProperties": False,
        "required": ["layers"],
        "if": {"required": ["define"]},
        "then": {"properties": {"layers": worded.ref("layers")}},
        "else": {"properties": {"layers": plain.ref("layers")}},
        "$defs": {**plain.made(), **worded.made(), "definition": worded.definition()},
    }


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^{pattern.pattern}$"


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
        "description": "Bounds that every architecture keeps. " + summary(Cost),
    }


def _condition() -> Schema:
    """`when: {subject: test}`."""
    compared = {
        "pattern": f"^(?![<>!=])|{_whole(COMPARISON)}",
        "patternErrorMessage": f"Expected a value, or one of {', '.join(OPERATORS)} and a number",
    }
    scalar = {"type": ["string", "number", "boolean", "null"]}

    def test(type_: str) -> Schema:
        # Text is a comparison where it begins with a sign.
        either = ["string", "array", type_] if type_ else [*scalar["type"], "array"]
        return {"type": either, "items": scalar, "minItems": 1, "if": {"type": "string"}, "then": compared}

    measures = {name: {**test(MEASURED[name][0]), "description": MEASURED[name][1]} for name in MEASURES}
    return {
        "title": "condition",
        "type": "object",
        "minProperties": 1,
        "properties": measures,
        "additionalProperties": {**test(""), "description": "The option that an earlier decision took"},
        "description": WHEN + "; a test is a value, a list of values, or a comparison such as '>= 4'",
    }


class _Layers:
    """The definitions of one kind of file: layers, ops and arguments, with any words or with known ones alone."""

    def __init__(self, *, words: bool) -> None:
        self.words = words
        self._made: dict[str, Schema] = {}

    def ref(self, name: str) -> Schema:
        return {"$ref": f"#/$defs/{self._name(name)}"}

    def made(self) -> Mapping[str, Schema]:
        """Every definition, by name."""
        for name, op in OPS.items():
            self._made[self._name(f"op_{name}")] = self.op(op)
        self._made |= {
            self._name("layer"): {"type": ["string", "object"], "allOf": [self.ref("written")]},
            self._name("layers"): {"type": "array", "items": self.ref("layer")},
            self._name("one_or_more"): {
                "type": ["string", "object", "array"],
                "items": self.ref("layer"),
                "allOf": [self.ref("written")],
            },
            self._name("written"): self.written(),
            self._name("when"): _condition(),
            self._name("bound"): self.bound(),
        }
        return self._made

    def _name(self, name: str) -> str:
        return f"{name}_or_word" if self.words else name

    # Ops.

    def op(self, op: type[Op]) -> Schema:
        """The arguments of an op."""
        hints = get_type_hints(op, include_extras=True)
        properties = {
            item.name: self.argument(
                of_type(hints[item.name]),
                "required" if item.default is MISSING else f"default: {json.dumps(item.default)}",
            )
            for item in fields(op)
        }
        required = [item.name for item in fields(op) if item.default is MISSING]
        return {"title": f"arguments of {op.name}", **mapping(properties, required=required, description=summary(op))}

    def argument(self, type_: Schema, description: str = "") -> Schema:
        """A value of the type, a word for one, or a choice of several; each kind of argument is defined once."""
        name = self._name(
            "_".join(["value", *re.findall(r"\w+", json.dumps(type_, sort_keys=True).replace('"type"', ""))])
        )
        if name not in self._made:
            self._made[name] = self._argument(type_, name)
        return {"$ref": f"#/$defs/{name}", **({"description": description} if description else {})}

    def _argument(self, type_: Schema, name: str) -> Schema:
        alternatives: list[Schema] = type_.get("anyOf", [type_])
        types: list[str] = [one["type"] for one in alternatives]
        bounds = {key: value for one in alternatives for key, value in one.items() if key not in ("type", "enum")}
        chosen, word = self._chosen(type_, types, bounds, f"option_{name}"), self._word(types)
        if values := [value for one in alternatives for value in one.get("enum", ())]:
            words = [{"type": "string", **word}] if word else []
            return {"anyOf": [{"enum": values}, {"type": "object"}, *words], **chosen}
        return {"type": [*types, *(["string"] if word else []), "object"], **bounds, **word, **chosen}

    def _word(self, types: list[str]) -> Schema:
        """The text that may stand for a value of these types, if any may."""
        known = "|".join((OUTPUTS, "width", "stride"))
        words = WORD.pattern if self.words else known if "integer" in types else ""
        numeric = bool({"integer", "number"} & set(types))
        if not words and not numeric:
            return {}
        pattern = f"^({'|'.join([words] * bool(words) + [ARITHMETIC] * numeric)})$"
        what = [*(["a word"] if self.words else [repr(OUTPUTS)] * bool(words)), *(["arithmetic"] if numeric else [])]
        message = f"Expected {', '.join([*types, *what])} or {{choice: [...]}}"
        examples = {"examples": [OUTPUTS]} if "integer" in types else {}
        return {"pattern": pattern, "patternErrorMessage": message, **examples}

    def _chosen(self, type_: Schema, types: list[str], bounds: Schema, option: str) -> Schema:
        """`{choice: [...]}` or `{choice: {label: ...}}` between values of a type; numbers may have bounds."""
        about = {"description": "The values that the search decides between"}
        numeric = {"integer", "number"} & set(types)
        if numeric:
            text = {"pattern": f"^({OUTPUTS}|{ARITHMETIC})$", "patternErrorMessage": f"Expected {' or '.join(types)}"}
            type_ = {"type": [*types, "string"], **bounds, **text}
        self._made[option] = type_
        properties: Schema = {"choice": {**_listed_or_labelled({"$ref": f"#/$defs/{option}"}), **about}}
        for key, words in zip(VALUES_KEYS[1:], ("less", "more"), strict=True) if numeric else ():
            description = f"Options that are {words} than this are not offered"
            properties[key] = {**self.ref("bound"), "description": description}
        return {"properties": properties, "required": ["choice"], "additionalProperties": False}

    def bound(self) -> Schema:
        """A bound of a choice of numbers."""
        measures = "|".join(name for name in MEASURES if name != "flat")
        pattern = f"^({WORD.pattern if self.words else measures}|{ARITHMETIC})$"
        message = f"Expected a number, {measures.replace('|', ', ')} or arithmetic"
        return {"type": ["number", "string"], "pattern": pattern, "patternErrorMessage": message}

    # Layers.

    def written(self) -> Schema:
        """A layer as a word or as a mapping; `type` is left to those who refer to it."""
        bare = {
            name: summary(op) for name, op in OPS.items() if all(item.default is not MISSING for item in fields(op))
        }
        words: list[Schema] = [
            {"type": "string", "enum": list(bare), "enumDescriptions": list(bare.values())},
            {"type": ["object", "array", "number", "boolean", "null"]},
        ]
        if self.words:
            words.insert(
                1,
                {
                    "type": "string",
                    "pattern": _whole(WORD),
                    "not": {"enum": [*KEYWORDS, *(name for name in OPS if name not in bare)]},
                },
            )
        beside = {key for keyword in KEYWORDS.values() for key in keyword.keys}
        heads: Schema = {name: self.ref(f"op_{name}") for name in OPS if name not in beside}
        return {
            "anyOf": words,
            "properties": {
                "name": {**TEXT, "pattern": _whole(WORD), "maxLength": MAX_NAME, "description": NAME},
                "when": self.ref("when"),
                **{keyword: self.keyword(keyword) for keyword in KEYWORDS},
                **heads,
                **{key: self._somewhere(key) for key in sorted(beside)},
            },
            "additionalProperties": {"type": ["object", "null"]} if self.words else False,
            "allOf": [
                *(self._with_its_keys(keyword) for keyword in KEYWORDS),
                *(self._unless_beside(name) for name in OPS if name in beside),
                {"if": {"type": "object", **_none_of(KEYWORDS)}, "then": _one_head()},
            ],
        }

    def _with_its_keys(self, keyword: str) -> Schema:
        """What may stand beside a keyword, and what must."""
        keys = KEYWORDS[keyword].keys
        then: Schema = {"propertyNames": {"enum": [keyword, *keys, "name", "when"]}}
        if keys:
            then["properties"] = {key: self.beside(keyword, key) for key in keys}
        if required := [key for key in keys if (keyword, key) in (("repeat", "of"), ("sequence", "depth"))]:
            then["required"] = required
        return {"if": {"type": "object", "required": [keyword]}, "then": then}

    def _unless_beside(self, name: str) -> Schema:
        """An op whose name is a key of some keyword as well: `dropout` beside `sequence` is none."""
        taken = [keyword for keyword, one in KEYWORDS.items() if name in one.keys]
        return {"if": {"type": "object", **_none_of(taken)}, "then": {"properties": {name: self.ref(f"op_{name}")}}}

    def _somewhere(self, key: str) -> Schema:
        """A key that stands beside some keyword; the rules of `allOf` say beside which."""
        return {"description": summary(OPS[key])} if key in OPS else {"doNotSuggest": True}

    def keyword(self, keyword: str) -> Schema:
        """What a keyword holds."""
        held: Mapping[str, Schema] = {
            "choice": _listed_or_labelled(self.ref("one_or_more")),
            "repeat": self.argument({"type": "integer", "minimum": 0, "maximum": MAX_COPIES}),
            "residual": self.ref("layers"),
            "parallel": _listed_or_labelled(self.ref("one_or_more"), least=2),
            "sequence": {
                "type": "object",
                "additionalProperties": self.step(),
                "minProperties": 1,
                "propertyNames": {"not": {"enum": [START, END]}},
            },
            "cell": self.cell(),
            "layers": self.ref("layers"),
        }
        return {**held[keyword], "description": summary(KEYWORDS[keyword].read)}

    def beside(self, keyword: str, key: str) -> Schema:
        """What a further key of a keyword holds."""
        merges = {name: summary(merge) for name, merge in MERGES.items()}
        joined: Schema = {"enum": list(merges), "enumDescriptions": list(merges.values()), "default": "add"}
        held: Mapping[str, Schema] = {
            "of": {**self.ref("layers"), "description": "The layers that are repeated"},
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
            "dropout": self.dropouts(),
        }
        return held[key]

    def step(self) -> Schema:
        """A step of a sequence."""
        names = {"type": ["array", "string"], "items": TEXT}
        held: Mapping[str, Schema] = {
            "layers": {**self.ref("one_or_more"), "description": "The layers of the step"},
            "after": {**names, "description": f"Steps that it may follow; {START}: the beginning. Default: any"},
            "max": {**COUNT, "description": "How often it may be taken"},
            "when": self.ref("when"),
            "last": {**FLAG, "description": "Whether it ends the sequence"},
        }
        return mapping({key: held[key] for key in STEP_KEYS}, required=["layers"], description="A step of the sequence")

    def dropouts(self) -> Schema:
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
        return mapping(
            {key: held[key] for key in DROPOUT_KEYS}, required=["p"], description="Dropouts between the steps"
        )

    def cell(self) -> Schema:
        """A cell, with layers on its edges or in its nodes."""
        number: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_COPIES}
        size: Schema = {"type": ["integer", "string"], "pattern": f"^({WORD.pattern}|{ARITHMETIC})$"}
        held: Mapping[str, Schema] = {
            "inputs": {"enum": [1, 2], "default": 1, "description": "2: also what the cell before the last one gave"},
            "nodes": {**number, "description": "How many nodes are computed; beside `node`, at most"},
            "reads": {**number, "description": "From how many earlier nodes a node reads; default: all of them"},
            "edge": {**self.ref("one_or_more"), "description": "The layers on each edge"},
            "node": {
                **self.ref("one_or_more"),
                "description": "The layers in each node; which edges there are is searched",
            },
            "edges": {**number, "description": "At most that many edges, beside `node`"},
            "project": {
                **self.ref("one_or_more"),
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

    def definition(self) -> Schema:
        """What a name of `define` stands for: layers, or a choice of values."""
        scalar = ["string", "number", "boolean"]
        written = self.written()
        option = {
            "type": [*scalar, "object", "array"],
            "items": self.ref("layer"),
            "if": {"type": "object"},
            "then": self.ref("written"),
        }
        measure = {"type": ["number", "string"]}
        properties = {
            **written["properties"],
            "choice": {
                **_listed_or_labelled(option),
                "description": "Layers, or values, that the search decides between",
            },
            "share": {**FLAG, "description": "All uses are decided together"},
            "parameters": {
                "type": ["object", "null"],
                "propertyNames": {"pattern": _whole(WORD)},
                "description": "Words for values that a use gives, with their defaults; no default: must be given",
            },
            **{key: {**measure, "doNotSuggest": True} for key in VALUES_KEYS[1:]},
        }
        del properties["name"]
        return {
            "type": ["string", "object", "array"],
            "items": self.ref("layer"),
            "properties": properties,
            "additionalProperties": written["additionalProperties"],
            "allOf": [
                {"if": {"type": "object", "required": [keyword]}, "then": {"properties": properties}}
                for keyword in KEYWORDS
                if (properties := {key: self.beside(keyword, key) for key in KEYWORDS[keyword].keys})
            ],
        }


def _listed_or_labelled(item: Schema, *, least: int = 1) -> Schema:
    """A list, or a mapping of labels."""
    return {
        "type": ["array", "object"],
        "items": item,
        "additionalProperties": item,
        "minItems": least,
        "minProperties": least,
        "propertyNames": {"pattern": _whole(LABEL)},
    }


def _none_of(keys: Any) -> Schema:
    return {"not": {"anyOf": [{"required": [key]} for key in keys]}}


def _one_head() -> Schema:
    """A mapping with one key beside `name` and `when`."""

    def size(number: int) -> Schema:
        return {"minProperties": number, "maxProperties": number}

    both, one = {"required": ["name", "when"]}, {"anyOf": [{"required": ["name"]}, {"required": ["when"]}]}
    return {"if": both, "then": size(3), "else": {"if": one, "then": size(2), "else": size(1)}}
