"""Schemas of values (literals, words, arithmetic, choices), and of ops, whose arguments are values."""

import json
import re
from dataclasses import MISSING, fields
from typing import get_type_hints

from nas.ops import Op
from nas.schema.common import Schema, mapping, of_type
from nas.settings.docstrings import summary
from nas.space.language.condition import MEASURES
from nas.space.language.formula import TEXT as ARITHMETIC
from nas.space.reading.place import DATA_WORDS, LABEL, OUTPUTS, WORD
from nas.space.reading.values import VALUES_KEYS

COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean", "default": False}
TEXT: Schema = {"type": "string"}
NUMBERS = tuple(word for word in DATA_WORDS if word != "categories")
"""The words of the data that are numbers."""


class Definitions:
    """The definitions for files with `define` (`words`: any word may occur) or without; here, those of values."""

    def __init__(self, *, words: bool) -> None:
        self.words = words
        self.made: dict[str, Schema] = {}

    def ref(self, name: str) -> Schema:
        return {"$ref": f"#/$defs/{self.name(name)}"}

    def name(self, name: str) -> str:
        return f"{name}_or_word" if self.words else name

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
        """A value of the type, a word, or a choice; each kind of argument is defined once."""
        name = self.name(
            "_".join(["value", *re.findall(r"\w+", json.dumps(type_, sort_keys=True).replace('"type"', ""))])
        )
        if name not in self.made:
            self.made[name] = self._argument(type_, name)
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
        """The text that may stand for a value of these types, if any."""
        known = [*NUMBERS, "width", "stride"] if "integer" in types else ["categories"] if "array" in types else []
        words = WORD.pattern if self.words else "|".join(known)
        numeric = bool({"integer", "number"} & set(types))
        if not words and not numeric:
            return {}
        pattern = f"^({'|'.join([words] * bool(words) + [ARITHMETIC] * numeric)})$"
        word = "a word" if self.words else repr(known[0]) if known else ""
        what = [*([word] if word else []), *(["arithmetic"] if numeric else [])]
        message = f"Expected {', '.join([*types, *what])} or {{choice: [...]}}"
        examples = {"examples": [OUTPUTS]} if "integer" in types else {}
        return {"pattern": pattern, "patternErrorMessage": message, **examples}

    def _chosen(self, type_: Schema, types: list[str], bounds: Schema, option: str) -> Schema:
        """`{choice: [...]}` or `{choice: {label: ...}}` of values of a type; choices of numbers may have bounds."""
        about = {"description": "The values to choose from"}
        numeric = {"integer", "number"} & set(types)
        if numeric:
            text = {
                "pattern": f"^({'|'.join(NUMBERS)}|{ARITHMETIC})$",
                "patternErrorMessage": f"Expected {' or '.join(types)}",
            }
            type_ = {"type": [*types, "string"], **bounds, **text}
        self.made[option] = type_
        properties: Schema = {"choice": {**listed_or_labelled({"$ref": f"#/$defs/{option}"}), **about}}
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


def whole(pattern: re.Pattern[str]) -> str:
    """A pattern that must match the whole text."""
    return f"^{pattern.pattern}$"


def listed_or_labelled(item: Schema, *, least: int = 1) -> Schema:
    """A list, or a mapping from labels."""
    return {
        "type": ["array", "object"],
        "items": item,
        "additionalProperties": item,
        "minItems": least,
        "minProperties": least,
        "propertyNames": {"pattern": whole(LABEL)},
    }
