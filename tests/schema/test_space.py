"""The schema of spaces: it says of mistakes where they are, and leaves alone what may be right."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import pytest

from nas.ops import MERGES, OPS, Cost
from nas.schema import space_schema
from nas.space.language.condition import MEASURES
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.load import TOP_KEYS
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS
from nas.space.reading.values import VALUES_KEYS

Find = Callable[[str], list[tuple[str, str]]]

HEAD = "input: [1, 8, 8]\noutputs: 10\n"

# A layer, where the mistake is within it, and a word of the message.
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
    "two ops": ("{relu: , gelu: }", "", "too many properties"),
    "name alone": ("name: a", "", "enough properties"),
    "name": ("{name: a b, relu: }", "name", "does not match"),
    "scalar layer": ("3", "", "not of type"),
    "no of": ("repeat: 3", "", "'of' is a required"),
    "of is a list": ("{repeat: 3, of: relu}", "of", "not of type 'array'"),
    "copies": ("{repeat: 5000, of: [relu]}", "repeat", "maximum of 1000"),
    "key beside": ("{repeat: 3, of: [relu], merge: add}", "", "'merge' is not one of"),
    "key beside an op": ("{relu: , share: true}", "", "too many properties"),
    "choice of values": ("choice: [3, relu]", "choice.0", "not of type"),
    "choice of one": ("choice: relu", "choice", "not of type"),
    "label": ("choice: {'a b': relu}", "choice", "does not match"),
    "within an option": ("choice: [relu, [{conv: {width: 0}}]]", "choice.1.0.conv.width", "minimum of 1"),
    "within a label": ("choice: {a: {linear: {unit: 3, units: 3}}}", "choice.a.linear", "'unit' was unexpected"),
    "when": ("{relu: , when: size > 4}", "when", "not of type 'object'"),
    "comparison": ("{relu: , when: {size: '=> 3'}}", "when.size", "does not match"),
    "flag of a shape": ("{relu: , when: {flat: 3}}", "when.flat", "not of type"),
    "merge": ("{parallel: [[], []], merge: sum}", "merge", "'sum' is not one of"),
    "branches": ("parallel: [[relu]]", "parallel", "too short"),
    "project": ("{residual: [relu], project: 1}", "project", "not of type 'boolean'"),
    "depth": ("sequence: {a: {layers: relu}}", "", "'depth' is a required"),
    "depth without max": ("{sequence: {a: {layers: relu}}, depth: {min: 1}}", "depth", "'max' is a required"),
    "step": ("{sequence: {a: {layers: relu, aftr: a}}, depth: 1}", "sequence.a", "'aftr' was unexpected"),
    "step without layers": ("{sequence: {a: {max: 1}}, depth: 1}", "sequence.a", "'layers' is a required"),
    "dropouts": ("{sequence: {a: {layers: relu}}, depth: 1, dropout: {p: 2}}", "dropout.p", "maximum of 1"),
    "cell": ("cell: {nodes: 3}", "cell", "not valid under any"),
    "key of a cell": ("cell: {nodes: 3, edge: relu, ouput: last}", "cell", "'ouput' was unexpected"),
    "output of a cell": ("cell: {nodes: 3, edge: relu, output: all}", "cell.output", "'all' is not one of"),
}
# Found only where no definitions are, since a word may be one.
WRONG_WITHOUT_WORDS = {
    "op": ("convv: {width: 3}", "", "'convv' was unexpected"),
    "bare op": ("rel", "", "'rel' is not "),
    "within": ("residual: [rel]", "residual.0", "'rel' is not "),
    "enumeration": ("conv: {width: 3, padding: smae}", "conv.padding", "'smae'"),
    "word": ("conv: {width: widths}", "conv.width", "does not match"),
}


@pytest.mark.parametrize("case", [*WRONG, *WRONG_WITHOUT_WORDS])
def test_a_mistake_in_a_layer_is_found_where_it_is(case: str, space_problems: Find) -> None:
    layer, place, words = {**WRONG, **WRONG_WITHOUT_WORDS}[case]
    ((found, message),) = space_problems(f"{HEAD}layers:\n  - {layer}\n")
    assert found == ".".join(filter(None, ["layers.0", place]))
    assert words in message


@pytest.mark.parametrize("case", WRONG)
def test_also_in_a_file_with_definitions(case: str, space_problems: Find) -> None:
    layer, place, _ = WRONG[case]
    ((found, _),) = space_problems(f"{HEAD}define: {{a: relu}}\nlayers:\n  - {layer}\n")
    assert found == ".".join(filter(None, ["layers.0", place]))


@pytest.mark.parametrize("case", WRONG_WITHOUT_WORDS)
def test_definitions_and_parameters_are_no_mistakes(case: str, space_problems: Find) -> None:
    assert space_problems(f"{HEAD}define: {{a: relu}}\nlayers:\n  - {WRONG_WITHOUT_WORDS[case][0]}\n") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("layer: []\nlayers: []", ""),
        ("name: tiny", ""),
        ("layers: {conv: 3}", "layers"),
        ("layers: []\ninput: 4", "input"),
        ("layers: []\ninput: [0]", "input.0"),
        ("layers: []\noutputs: ten", "outputs"),
        ("layers: []\nlimits: {param: 3}", "limits"),
        ("layers: []\nlimits: {params: {most: 3}}", "limits.params"),
        ("layers: []\nlimits: {params: 50k}", "limits.params"),
        ("layers: []\ndefine: {relu: gelu}", "define"),
        ("layers: []\ndefine: {a: 3}", "define.a"),
        ("layers: []\ndefine: {a: {parameters: [width], layers: []}}", "define.a.parameters"),
        ("layers: []\ndefine: {a: {layers: [{conv: {widht: 3, width: 3}}]}}", "define.a.layers.0.conv"),
        ("layers: []\ndefine: {a: {share: maybe, layers: []}}", "define.a.share"),
    ],
)
def test_a_mistake_in_the_file(text: str, place: str, space_problems: Find) -> None:
    assert [found for found, _ in space_problems(text)] == [place]


@pytest.mark.parametrize(
    "layer",
    [
        "relu",
        "relu:",
        "{relu: {}, name: a, when: {size: '> 4', channels: [1, 2], flat: false, norm: batch_norm}}",
        "max_pool: {stride: null}",
        "linear: {units: outputs}",
        "linear: {units: {choice: [8, outputs], at_most: channels, at_least: 2}}",
        "choice: [relu, [], [relu, {dropout: {p: 0}}], {max_pool: , when: {size: 4}}]",
        "choice: {a: relu, b-1: [relu]}",
        "{repeat: {choice: [1, 2]}, of: [], share: true}",
        "{residual: [relu], merge: concat, project: true}",
        "{sequence: {a: {layers: relu, after: [start, a], max: 2, last: true}}, depth: {max: 3}, dropout: {p: 0.5}}",
        "cell: {nodes: 2, edges: 3, node: {conv: {width: width, stride: stride}}, width: 8}",
        "layers: [relu]",
    ],
)
@pytest.mark.parametrize("head", ["", "define: {a: relu}\n"])
def test_what_may_be_written(layer: str, head: str, space_problems: Find) -> None:
    assert space_problems(f"{HEAD}{head}layers:\n  - {layer}\n") == []


def test_definitions(space_problems: Find) -> None:
    text = """
define:
  act: {choice: [relu, gelu]}
  widths: {choice: [16, 32, 64], at_most: channels, share: true}
  none: []
  block:
    share: true
    parameters: {width: , stride: 1}
    layers: [{conv: {width: width, stride: stride}}, batch_norm, act]
  stage: {repeat: 2, of: [block], share: true}
layers:
  - block: {width: widths}
  - act
  - {stage: , name: second}
"""
    assert space_problems(text) == []


# What the loader knows, the schema knows: a new op, keyword or key cannot be forgotten.


def properties(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    for step in path:
        schema = schema[step]
    found: dict[str, Any] = schema["properties"]
    return found


@pytest.mark.parametrize("suffix", ["", "_or_word"])
def test_ops_and_keywords_are_those_of_the_loader(suffix: str) -> None:
    schema = space_schema()
    defined = schema["$defs"]
    written = defined[f"written{suffix}"]
    beside = {key for keyword in KEYWORDS.values() for key in keyword.keys}
    assert set(written["properties"]) == {"name", "when", *OPS, *KEYWORDS, *beside}
    for name, op in OPS.items():
        arguments = defined[f"op_{name}{suffix}"]
        assert list(arguments["properties"]) == [item.name for item in fields(op)]
        required = [item.name for item in fields(op) if item.default is MISSING]
        assert arguments.get("required", []) == required
        assert arguments["description"]
        assert (name in written["anyOf"][0]["enum"]) == (not required)
    conditional = {rule["if"]["required"][0]: rule["then"] for rule in written["allOf"] if "required" in rule["if"]}
    assert list(conditional) == list(KEYWORDS)
    for keyword, (_, keys) in KEYWORDS.items():
        assert tuple(conditional[keyword].get("properties", ())) == keys
        assert written["properties"][keyword]["description"]
    assert tuple(properties(defined, f"when{suffix}")) == tuple(MEASURES)
    steps = written["properties"]["sequence"]["additionalProperties"]
    assert tuple(steps["properties"]) == STEP_KEYS
    assert tuple(properties(conditional["sequence"], "properties", "dropout")) == DROPOUT_KEYS
    assert tuple(properties(written, "properties", "cell")) == CELL_KEYS
    assert conditional["residual"]["properties"]["merge"]["enum"] == list(MERGES)
    assert tuple(properties(defined, f"value_minimum_1_integer{suffix}")) == VALUES_KEYS


def test_top_keys_are_those_of_the_loader() -> None:
    schema = space_schema()
    assert tuple(schema["properties"]) == TOP_KEYS
    assert all(child["description"] for child in schema["properties"].values())
    assert tuple(properties(schema, "properties", "limits")) == Cost._fields
