"""Residuals, parallel branches and merges, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "merge unknown": (
        HEAD + "  - {residual: [relu], merge: ad}",
        "3:31: 0.merge: no such merge (expected add, concat, multiply, got the text 'ad'; did you mean 'add'?)",
    ),
    "merge number": (
        HEAD + "  - {residual: [relu], merge: 3}",
        "3:31: 0.merge: no such merge (expected add, concat, multiply, got 3)",
    ),
    "project word": (
        HEAD + "  - {residual: [relu], project: yes}",
        "3:33: 0.project: a value does not fit (expected true or false, got the text 'yes')",
    ),
    "residual not list": (
        HEAD + "  - residual: relu",
        "3:15: 0: layers must be a list (expected a list of layers, got the text 'relu')",
    ),
    "parallel one": (
        HEAD + "  - parallel: [[relu]]",
        "3:15: 0: there are no branches (expected two or more lists of layers, got a list of 1)",
    ),
    "parallel word": (
        HEAD + "  - parallel: relu",
        "3:15: 0: there are no branches (expected two or more lists of layers, got the text 'relu')",
    ),
    "parallel inner": (
        HEAD + "  - parallel: {a: relo, b: 3}",
        "3:19: 0.a: no op is named 'relo' (did you mean 'relu'?)\n"
        "f:3:28: 0.b: not a layer (expected an op, a definition or a keyword, got 3)",
    ),
    "parallel name inside": (
        HEAD + "  - parallel: [{name: a, relu: }, []]",
        "3:23: 0.0: a single layer cannot have a name (expected a label, or a list)",
    ),
    "parallel label with a dot": (
        HEAD + "  - parallel: {a: [], a.0: relu}",
        "3:23: 0: 'a.0' is not a valid label (expected letters, digits, underscores and hyphens, with at least one "
        "letter)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"
