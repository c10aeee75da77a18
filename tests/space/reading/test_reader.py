"""Reading layers: names, keys, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

from nas.errors import SpecError
from nas.space import parse_space

# Files and the exact message, after the name.
HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "unknown op": (
        HEAD + "  - max_pol",
        "3:5: 0: no op is named 'max_pol' (did you mean 'max_pool'?)",
    ),
    "unknown op with arguments": (
        HEAD + "  - relu\n  - con: {width: 3}",
        "4:5: 1: no op, definition or keyword is named 'con' (did you mean 'conv'?)",
    ),
    "unknown keyword": (
        HEAD + "  - chioce: [relu]",
        "3:5: 0: no op, definition or keyword is named 'chioce' (did you mean 'choice'?)",
    ),
    "keyword alone": (
        HEAD + "  - repeat",
        "3:5: 0: repeat is a keyword (expected 'repeat: ...', got the word alone)",
    ),
    "number as a layer": (
        HEAD + "  - 3",
        "3:5: 0: not a layer (expected an op, a definition or a keyword, got 3)",
    ),
    "nothing as a layer": (
        HEAD + "  - relu\n  -\n",
        "4:4: 1: not a layer (expected an op, a definition or a keyword, got nothing)",
    ),
    "empty layer": (
        HEAD + "  - {}",
        "3:5: 0: not a layer (expected an op, a definition or a keyword, got a mapping with no keys)",
    ),
    "two ops in one layer": (
        HEAD + "  - conv: {width: 3}\n    relu:",
        "3:5: 0: a mapping with more than one layer (expected an op, a definition or a keyword, got conv and relu)",
    ),
    "name twice": (
        HEAD + "  - {name: a, relu: }\n  - {name: a, gelu: }",
        "4:12: 1: two parts are named 'a'",
    ),
    "no name": (
        HEAD + "  - {name: a.b, relu: }",
        "3:12: 0: not a valid name (expected a word of letters, digits and underscores, of at most 200, got the text "
        "'a.b')",
    ),
    "name of a keyword": (
        HEAD + "  - {name: repeat, relu: }",
        "3:12: 0: a part cannot be named like a keyword (got repeat)",
    ),
    "key beside an op": (
        HEAD + "  - {relu: , of: [gelu]}",
        "3:14: 0: no such key: 'of' (expected relu, name, when)",
    ),
    "key of another keyword": (
        HEAD + "  - {residual: [relu], share: true}",
        "3:24: 0: no such key: 'share' (expected residual, name, when, merge, project)",
    ),
    "key beside a definition": (
        "input: [4]\ndefine: {a: relu}\nlayers:\n  - {a: , of: []}",
        "4:11: 0: no such key: 'of' (expected a, name, when)",
    ),
    "name alone": (
        HEAD + "  - {name: a}",
        "3:5: a: not a layer (expected an op, a definition or a keyword, got a mapping with 'name')",
    ),
    "when alone": (
        HEAD + "  - {when: {flat: true}}",
        "3:5: 0: not a layer (expected an op, a definition or a keyword, got a mapping with 'when')",
    ),
    "unknown op near a definition": (
        "input: [4]\ndefine: {block: relu}\nlayers:\n  - blok\n  - block",
        "4:5: 0: no op is named 'blok' (did you mean 'block'?)",
    ),
    "two keywords": (
        HEAD + "  - {choice: [relu], repeat: 2, of: []}",
        "3:5: 0: a mapping with more than one layer (expected an op, a definition or a keyword, got choice and repeat)",
    ),
    "definition and op": (
        "input: [4]\ndefine: {a: relu}\nlayers: [{a: , gelu: }, a]",
        "3:10: 0: a mapping with more than one layer (expected an op, a definition or a keyword, got a and gelu)",
    ),
    "layers not list": (
        HEAD + "  - layers: relu",
        "3:13: 0: layers must be a list (expected a list of layers, got the text 'relu')",
    ),
    "layers in a group": (
        HEAD + "  - {name: g, layers: [relo, {name: x, gelo: }]}",
        "3:24: g.0: no op is named 'relo' (did you mean 'relu'?)\n"
        "f:3:40: g.x: no op, definition or keyword is named 'gelo' (did you mean 'gelu'?)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_all_problems_of_layers_are_reported_at_once() -> None:
    text = """\
input: [2, 8]
define:
  block: {parameters: {width: }, layers: [{conv: {width: width}}, relo]}
  size: relu
layers:
  - {layers: [block, {block: {width: 0}}, {block: {width: 1, wide: 3}}]}
  - parallel: [relo, {choice: []}]
    merge: ad
  - sequence: {a: {layers: [gelo], after: b}}
    depth: {max: -1}
    dropout: {p: 2}
  - cell: {nodes: 0, edge: {conv: {}}, node: relu}
  - cell: {nodes: 0, edge: {conv: {}}, output: sum}
  - {relu: , when: {size: "> x", norm: 3}}
  - {linear: {units: {choice: [a, 2], at_most: b}}}
"""
    with pytest.raises(SpecError) as caught:
        parse_space(text)
    places = [(problem.mark.line, problem.mark.column) for problem in caught.value.problems]
    assert places == [
        (3, 58),
        (3, 67),
        (4, 3),
        (6, 15),
        (6, 62),
        (7, 16),
        (7, 31),
        (8, 12),
        (9, 29),
        (9, 43),
        (10, 18),
        (11, 18),
        (12, 11),
        (13, 19),
        (13, 35),
        (13, 48),
        (14, 27),
        (14, 34),
        (15, 32),
        (15, 48),
    ]


@pytest.mark.parametrize(
    "layers",
    [
        "[{choice: [" + "relu, " * 9_000 + "gelu]}]",
        "[{linear: {units: {choice: [" + ", ".join(map(str, range(1, 9_000))) + "]}}}]",
        "[" + "rel, " * 9_000 + "gelu]",
    ],
    ids=["options", "values", "misspelt"],
)
def test_files_as_long_as_they_may_be_are_read_or_refused(layers: str) -> None:
    try:
        assert parse_space(f"input: [4]\nlayers: {layers}").size == 8_999
    except SpecError as error:
        assert len(error.problems) > 8_000  # noqa: PT017  either end is right
