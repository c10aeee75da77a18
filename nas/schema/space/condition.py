"""Schemas of conditions: `when: {subject: test}`."""

from collections.abc import Mapping

from nas.schema.common import Schema
from nas.schema.space.values import whole
from nas.space.language.condition import MEASURES, OPERATORS
from nas.space.reading.conditions import COMPARISON

MEASURED: Mapping[str, tuple[str, str]] = {
    "size": ("integer", "The longest side of the map or the length of the sequence; 1 for a flat value"),
    "channels": ("integer", "The first dimension"),
    "flat": ("boolean", "Whether the value has one dimension"),
}

WHEN = "A condition: if it does not hold, the layer is left out, or the option is not offered"


def condition() -> Schema:
    """`when: {subject: test}`."""
    compared = {
        "pattern": f"^(?![<>!=])|{whole(COMPARISON)}",
        "patternErrorMessage": f"Expected a value, or one of {', '.join(OPERATORS)} and a number",
    }
    scalar = {"type": ["string", "number", "boolean", "null"]}

    def test(type_: str) -> Schema:
        # Text that begins with a sign is a comparison.
        either = ["string", "array", type_] if type_ else [*scalar["type"], "array"]
        return {"type": either, "items": scalar, "minItems": 1, "if": {"type": "string"}, "then": compared}

    measures = {name: {**test(MEASURED[name][0]), "description": MEASURED[name][1]} for name in MEASURES}
    return {
        "title": "condition",
        "type": "object",
        "minProperties": 1,
        "properties": measures,
        "additionalProperties": {**test(""), "description": "The option chosen by an earlier decision"},
        "description": WHEN + "; a test is a value, a list of values, or a comparison such as '>= 4'",
    }
