"""Choices between layers: labels and names, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

from nas.space import parse_space

HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "empty choice": (
        HEAD + "  - choice: []",
        "3:13: 0: a choice has no options (expected a list of layers, or labels with layers)",
    ),
    "choice of a word": (
        HEAD + "  - choice: relu",
        "3:13: 0: a choice has no options (expected a list of layers, or labels with layers)",
    ),
    "option twice": (
        HEAD + "  - {name: act, choice: [relu, gelu, relu]}",
        "3:38: act: two options are 'relu' (expected a label each, as in {label: layers})",
    ),
    "options that look alike": (
        HEAD + "  - choice: [{linear: {units: {choice: [1]}}}, {linear: {units: {choice: [2]}}}]",
        "3:48: 0: two options are 'linear(units=…)' (expected a label each, as in {label: layers})",
    ),
    "a label that another option has": (
        "input: [4, 4]\nlayers:\n  - choice: [{max_pool: {kernel: 3}}, [max_pool]]",
        "3:39: 0: two options are 'max_pool' (expected a label each, as in {label: layers})",
    ),
    "no label": (
        HEAD + "  - choice: {a b: relu}",
        "3:14: 0: 'a b' is not a valid label (expected letters, digits, underscores and hyphens, with at least one "
        "letter)",
    ),
    "option with a name": (
        HEAD + "  - {name: act, choice: [{name: a, relu: }, gelu]}",
        "3:33: act: a single layer cannot have a name (expected a label, or a list)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_names_do_not_depend_on_the_order_of_keys() -> None:
    one = parse_space("input: [4]\nlayers: [{choice: [{residual: [relu], project: true}, gelu]}]")
    other = parse_space("input: [4]\nlayers: [{choice: [{project: true, residual: [relu]}, gelu]}]")
    assert one.universe == other.universe == {"0": ("residual", "gelu")}
