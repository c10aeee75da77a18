"""Ops with their arguments, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "unknown argument": (
        HEAD + "  - linear: {unit: 3}",
        "3:13: 0.linear: an argument is missing (expected 'units', got 'unit')\n"
        "f:3:14: 0.linear: no such key: 'unit' (expected units, bias; did you mean 'units'?)",
    ),
    "missing argument": (
        HEAD + "  - linear",
        "3:5: 0.linear: an argument is missing (expected 'units', got no arguments)",
    ),
    "argument without its name": (
        HEAD + "  - linear: 10",
        "3:13: 0.linear: arguments must be a mapping (expected {units: 10}, got 10)",
    ),
    "argument of an op without any": (
        HEAD + "  - relu: 10",
        "3:11: 0.relu: arguments must be a mapping (expected no arguments, got 10)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"
