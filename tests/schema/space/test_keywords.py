"""The schema of keywords and their keys."""

import pytest

from nas.ops import MERGES
from nas.schema import space_schema
from nas.space.reading.cells import CELL_KEYS
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.sequences import DROPOUT_KEYS, STEP_KEYS
from tests.schema.space.mistakes import Find, check_mistake

WRONG = {
    "no of": ("repeat: 3", "", "'of' is a required"),
    "of is a list": ("{repeat: 3, of: relu}", "of", "not of type 'array'"),
    "copies": ("{repeat: 5000, of: [relu]}", "repeat", "maximum of 1000"),
    "key beside": ("{repeat: 3, of: [relu], merge: add}", "", "'merge' is not one of"),
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


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_found_where_it_is(case: str, space_problems: Find) -> None:
    check_mistake(WRONG[case], space_problems)


@pytest.mark.parametrize("suffix", ["", "_or_word"])
def test_keywords_are_those_of_the_loader(suffix: str) -> None:
    written = space_schema()["$defs"][f"written{suffix}"]
    conditional = {rule["if"]["required"][0]: rule["then"] for rule in written["allOf"] if "required" in rule["if"]}
    assert list(conditional) == list(KEYWORDS)
    for keyword, one in KEYWORDS.items():
        assert tuple(conditional[keyword].get("properties", ())) == one.keys
        assert written["properties"][keyword]["description"]
    assert tuple(written["properties"]["sequence"]["additionalProperties"]["properties"]) == STEP_KEYS
    assert tuple(conditional["sequence"]["properties"]["dropout"]["properties"]) == DROPOUT_KEYS
    assert tuple(written["properties"]["cell"]["properties"]) == CELL_KEYS
    assert conditional["residual"]["properties"]["merge"]["enum"] == list(MERGES)
