"""Definitions, their parameters and their uses, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

from nas.document import MAX_DEPTH
from nas.errors import SpecError
from nas.space import parse_space
from nas.space.reading.reader import MAX_PARTS

PROBLEMS = {
    "define list": (
        "input: [4]\ndefine: [relu]\nlayers: []",
        "2:9: define: definitions must be a mapping (expected a mapping of names to layers, got a list of 1)",
    ),
    "define op name": (
        "input: [4]\ndefine: {relu: gelu}\nlayers: [relu]",
        "2:10: define: 'relu' is reserved (expected another word of letters, digits and underscores)",
    ),
    "define keyword": (
        "input: [4]\ndefine: {choice: [gelu]}\nlayers: []",
        "2:10: define: 'choice' is reserved (expected another word of letters, digits and underscores)",
    ),
    "define measure": (
        "input: [4]\ndefine: {size: gelu}\nlayers: [size]",
        "2:10: define: 'size' is reserved (expected another word of letters, digits and underscores)",
    ),
    "define outputs": (
        "input: [4]\ndefine: {outputs: gelu}\nlayers: [outputs]",
        "2:10: define: 'outputs' is reserved (expected another word of letters, digits and underscores)",
    ),
    "define no word": (
        "input: [4]\ndefine: {a-b: gelu}\nlayers: [a-b]",
        "2:10: define: 'a-b' is not a valid name (expected another word of letters, digits and underscores)",
    ),
    "define unused": (
        "input: [4]\ndefine:\n  a: gelu\nlayers: []",
        "3:6: define.a: this definition is never used",
    ),
    "define unused twice": (
        "input: [4]\ndefine: {a: relu, b: gelu, c: tanh}\nlayers: [b]",
        "2:13: define.a: this definition is never used\nf:2:31: define.c: this definition is never used",
    ),
    "define nothing": (
        "input: [4]\ndefine: {a: }\nlayers: [a]",
        "2:12: 0.a: not a layer (expected an op, a definition or a keyword, got nothing)",
    ),
    "define number": (
        "input: [4]\ndefine: {a: 3}\nlayers: [a]",
        "2:13: 0.a: not a layer (expected an op, a definition or a keyword, got 3)",
    ),
    "define self": (
        "input: [4]\ndefine: {a: [relu, a]}\nlayers: [a]",
        "2:20: 0.a.1: 'a' refers to itself (got a → a)",
    ),
    "define circle": (
        "input: [4]\ndefine: {a: [b], b: {residual: [a]}}\nlayers: [a]",
        "2:33: 0.a.0.b.0: 'a' refers to itself (got a → b → a)",
    ),
    "define with a name": (
        "input: [4]\ndefine: {a: {name: b, relu: }}\nlayers: [a]",
        "2:20: 0.a: a single layer cannot have a name (expected a label, or a list)",
    ),
    "define share word": (
        "input: [4]\ndefine: {a: {share: maybe, choice: [relu]}}\nlayers: [a]",
        "2:21: define.a.share: a value does not fit (expected true or false, got the text 'maybe')",
    ),
    "define unknown key": (
        "input: [4]\ndefine: {a: {choice: [relu], param: {x: }}}\nlayers: [a]",
        "2:30: 0.a: no such key: 'param' (expected choice, name, when)",
    ),
    "mistake in a definition that is used twice": (
        "input: [4]\ndefine:\n  a: [relu, relo]\nlayers: [a, {name: x, a: }]",
        "3:13: 0.a.1: no op is named 'relo' (did you mean 'relu'?)",
    ),
    "params list": (
        "input: [4]\ndefine: {a: {parameters: [x], layers: []}}\nlayers: [a]",
        "2:26: define.a: parameters must be a mapping (expected a mapping of names to defaults, got a list of 1)",
    ),
    "params nothing": (
        "input: [4]\ndefine: {a: {parameters: , layers: []}}\nlayers: [a]",
        "2:25: define.a: parameters must be a mapping (expected a mapping of names to defaults, got nothing)",
    ),
    "param missing": (
        "input: [4]\ndefine: {a: {parameters: {x: , y: 3}, layers: []}}\nlayers: [a]",
        "3:10: 0.a: an argument is missing (expected 'x', got no arguments)",
    ),
    "param missing 2": (
        "input: [4]\ndefine: {a: {parameters: {x: , y: 3}, layers: []}}\nlayers: [{a: {y: 2}}]",
        "3:14: 0.a: an argument is missing (expected 'x', got 'y')",
    ),
    "param unknown": (
        "input: [4]\ndefine: {a: {parameters: {wide: 3}, layers: []}}\nlayers: [{a: {wid: 2}}]",
        "3:15: 0.a: no such key: 'wid' (expected wide; did you mean 'wide'?)",
    ),
    "param given to none": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: {x: 2}}]",
        "3:15: 0.a: no such key: 'x' (expected no keys)",
    ),
    "args not mapping": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: 3}]",
        "3:14: 0.a: arguments must be a mapping (expected {x: 3}, got 3)",
    ),
    "args not mapping none": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: 3}]",
        "3:14: 0.a: arguments must be a mapping (expected no arguments, got 3)",
    ),
    "param named outputs": (
        "input: [4]\ndefine: {a: {parameters: {outputs: }, layers: []}}\nlayers: [{a: {outputs: 3}}]",
        "2:27: define.a: 'outputs' is not a valid parameter name "
        "(expected another word of letters, digits and underscores)",
    ),
    "param named like a keyword": (
        "input: [4]\ndefine: {a: {parameters: {repeat: }, layers: []}}\nlayers: [{a: {repeat: 3}}]",
        "2:27: define.a: 'repeat' is not a valid parameter name (expected another word of letters, digits and "
        "underscores)",
    ),
    "param that is a number": (
        "input: [4]\ndefine: {a: {parameters: {'0': }, layers: [relu]}}\nlayers: [{a: {'0': {choice: [4, 5]}}}]",
        "2:27: define.a: '0' is not a valid parameter name (expected another word of letters, digits and underscores)",
    ),
    "param and part of one name": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: [{name: x, relu: }]}}\nlayers: [{a: {x: 3}}]",
        "2:49: 0.a.0: two parts are named 'x'",
    ),
    "param of a shared definition": (
        (
            "input: [4]\n"
            "define: {a: {share: true, parameters: {x: }, linear: {units: x}}}\n"
            "layers: [{a: {x: {choice: [4, 5, 6]}}}, {a: {x: {choice: [7]}}}]"
        ),
        "3:41: a: uses of a shared definition give 'x' different choices (expected [4, 5, 6], got [7])",
    ),
    "param list": (
        "input: [4]\ndefine: {a: {parameters: {x: }, layers: []}}\nlayers: [{a: {x: [3]}}]",
        "3:18: 0.a.x: a value does not fit (expected a valid string or a valid integer or a valid number or a "
        "valid boolean, or {choice: [...]}, got a list of 1)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_definitions_within_definitions_are_bounded(refusal: Callable[[str], str]) -> None:
    def nested(depth: int) -> str:
        uses = ", ".join(f"d{number}: [d{number + 1}]" for number in range(1, depth))
        return f"input: [4]\ndefine: {{{uses}, d{depth}: relu}}\nlayers: [d1]"

    assert parse_space(nested(MAX_DEPTH)).size == 1
    # The problem is at the use that is one too deep, in the last definition but one.
    text = nested(MAX_DEPTH + 1)
    path = ".".join(["0", *(f"d{number}.0" for number in range(1, MAX_DEPTH)), "d64"])
    column = text.splitlines()[1].index("[d65]") + 2
    assert refusal(text) == (f"f:2:{column}: {path}.0: definitions are nested too deeply (expected at most 64 levels)")


def test_layers_of_definitions_count_as_often_as_these_are_used(
    monkeypatch: pytest.MonkeyPatch, refusal: Callable[[str], str]
) -> None:
    # For each b itself, two a, and two relu in these.
    monkeypatch.setattr("nas.space.reading.reader.MAX_PARTS", 10)
    text = "input: [4]\ndefine: {a: relu, b: [a, a]}\nlayers: [b, b%s]"
    assert parse_space(text % "").size == 1
    many = "definitions expand to too many layers (expected at most 10)"
    assert refusal(text % ", b, gelu, b") == f"f:3:16: 2: {many}"
    # Where the count is passed within a definition, this is the place.
    monkeypatch.setattr("nas.space.reading.reader.MAX_PARTS", 9)
    assert refusal(text % "") == f"f:2:13: 1.b.1.a: {many.replace('10', '9')}"


def test_as_many_layers_as_there_may_be(refusal: Callable[[str], str]) -> None:
    text = f"input: [4]\ndefine:\n  a: [{', '.join(['relu'] * 99)}]\nlayers: [{', '.join(['a'] * 200)}%s]"
    (arch,) = parse_space(text % "")
    assert len(arch.layers) == MAX_PARTS - 200
    column = 10 + 3 * 200
    many = "definitions expand to too many layers (expected at most 20,000)"
    assert refusal(text % ", relu, relu") == f"f:4:{column}: 200: {many}"


@pytest.mark.parametrize("times", [2, 10])
def test_a_bomb_of_definitions_is_refused_at_once(times: int) -> None:
    lines = [f"  d{number}: [{', '.join([f'd{number - 1}'] * times)}]" for number in range(1, 50)]
    text = "\n".join(["input: [4]", "define:", "  d0: relu", *lines, "layers: [d49]"])
    with pytest.raises(SpecError) as caught:
        parse_space(text)  # expanded it would outlast us
    # Once, although very many parts come after the one where the count is passed.
    (problem,) = caught.value.problems
    assert (problem.message, problem.expected) == ("definitions expand to too many layers", "at most 20,000")
    assert problem.mark.line == (5 if times == 2 else 3)
