"""The schema of values, and of ops with their arguments."""

from dataclasses import MISSING, fields

import pytest

from nas.ops import OPS
from nas.schema import space_schema
from nas.space.reading.values import VALUES_KEYS
from tests.schema.space.mistakes import Find, check_mistake, check_word

WRONG = {
    "unknown argument": ("conv: {widht: 8, width: 8}", "conv", "'widht' was unexpected"),
    "missing argument": ("conv: {kernel: 3}", "conv", "'width' is a required"),
    "no arguments": ("conv", "", "'conv' is not "),
    "scalar for arguments": ("conv: 32", "conv", "not of type 'object'"),
    "text for a number": ("conv: {width: '8'}", "conv.width", "does not match"),
    "out of range": ("conv: {width: 0}", "conv.width", "minimum of 1"),
    "a fraction": ("conv: {width: 1.5}", "conv.width", "not of type"),
    "number for a flag": ("conv: {width: 8, bias: 1}", "conv.bias", "not of type"),
    "rate": ("dropout: {p: 1}", "dropout.p", "maximum of 1"),
    "option": ("conv: {width: {choice: [8, x]}}", "conv.width.choice.1", "'x' does not match"),
    "no options": ("conv: {width: {choice: []}}", "conv.width.choice", "[]"),
    "key of a choice": ("conv: {width: {choice: [1], most: 3}}", "conv.width", "'most' was unexpected"),
}
WRONG_WITHOUT_WORDS = {
    "enumeration": ("conv: {width: 3, padding: smae}", "conv.padding", "'smae'"),
    "word": ("conv: {width: widths}", "conv.width", "does not match"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_where_it_is(case: str, space_problems: Find) -> None:
    check_mistake(WRONG[case], space_problems)


@pytest.mark.parametrize("case", WRONG_WITHOUT_WORDS)
def test_words_are_mistakes_where_there_are_no_definitions(case: str, space_problems: Find) -> None:
    check_word(WRONG_WITHOUT_WORDS[case], space_problems)


@pytest.mark.parametrize("suffix", ["", "_or_word"])
def test_ops_are_those_of_the_loader(suffix: str) -> None:
    defined = space_schema()["$defs"]
    for name, op in OPS.items():
        arguments = defined[f"op_{name}{suffix}"]
        assert list(arguments["properties"]) == [item.name for item in fields(op)]
        required = [item.name for item in fields(op) if item.default is MISSING]
        assert arguments.get("required", []) == required
        assert arguments["description"]
        assert (name in defined[f"written{suffix}"]["anyOf"][0]["enum"]) == (not required)
    assert tuple(defined[f"value_minimum_1_integer{suffix}"]["properties"]) == VALUES_KEYS
