"""The schema of layers."""

import pytest

from nas.ops import OPS
from nas.schema import space_schema
from nas.space.reading.keywords import KEYWORDS
from tests.schema.space.mistakes import HEAD, Find, check_mistake, check_word

WRONG = {
    "two ops": ("{relu: , gelu: }", "", "too many properties"),
    "name alone": ("name: a", "", "enough properties"),
    "name": ("{name: a b, relu: }", "name", "does not match"),
    "scalar layer": ("3", "", "not of type"),
    "key beside an op": ("{relu: , share: true}", "", "too many properties"),
    "choice of values": ("choice: [3, relu]", "choice.0", "not of type"),
    "choice of one": ("choice: relu", "choice", "not of type"),
    "label": ("choice: {'a b': relu}", "choice", "does not match"),
    "within an option": ("choice: [relu, [{conv: {width: 0}}]]", "choice.1.0.conv.width", "minimum of 1"),
    "within a label": ("choice: {a: {linear: {unit: 3, units: 3}}}", "choice.a.linear", "'unit' was unexpected"),
}
WRONG_WITHOUT_WORDS = {
    "op": ("convv: {width: 3}", "", "'convv' was unexpected"),
    "bare op": ("rel", "", "'rel' is not "),
    "within": ("residual: [rel]", "residual.0", "'rel' is not "),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_where_it_is(case: str, space_problems: Find) -> None:
    check_mistake(WRONG[case], space_problems)


@pytest.mark.parametrize("case", WRONG_WITHOUT_WORDS)
def test_words_are_mistakes_where_there_are_no_definitions(case: str, space_problems: Find) -> None:
    check_word(WRONG_WITHOUT_WORDS[case], space_problems)


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


@pytest.mark.parametrize("suffix", ["", "_or_word"])
def test_keys_are_those_of_the_loader(suffix: str) -> None:
    beside = {key for keyword in KEYWORDS.values() for key in keyword.keys}
    written = space_schema()["$defs"][f"written{suffix}"]
    assert set(written["properties"]) == {"name", "when", *OPS, *KEYWORDS, *beside}
