"""Repeats, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

HEAD = "input: [4]\nlayers:\n"
PROBLEMS = {
    "repeat of nothing": (
        HEAD + "  - repeat: 3",
        "3:5: 0: the repeated layers are missing (expected 'of: [...]' beside 'repeat')",
    ),
    "repeat too often": (
        HEAD + "  - {repeat: {choice: [1, 1001]}, of: []}",
        "3:27: 0.repeat: a value does not fit (expected less than or equal to 1000, got 1001)",
    ),
    "repeat less than nothing": (
        HEAD + "  - {repeat: -1, of: []}",
        "3:14: 0.repeat: a value does not fit (expected greater than or equal to 0, got -1)",
    ),
    "repeat a word": (
        HEAD + "  - {repeat: two, of: []}",
        "3:14: 0.repeat: a value does not fit (expected a valid integer, got the text 'two')",
    ),
    "of without a list": (
        HEAD + "  - {name: a, repeat: 2, of: relu}",
        "3:30: a: layers must be a list (expected a list of layers, got the text 'relu')",
    ),
    "share a word": (
        HEAD + "  - {repeat: 2, of: [], share: yes}",
        "3:32: 0.share: a value does not fit (expected true or false, got the text 'yes')",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"
