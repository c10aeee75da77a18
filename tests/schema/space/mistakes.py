"""Mistakes in layers, and where the schema says that they are."""

from collections.abc import Callable

Find = Callable[[str], list[tuple[str, str]]]
"""Place and words of each mistake in a text."""

Mistake = tuple[str, str, str]
"""A layer, where the mistake is within it, and some words of the message."""

HEAD = "input: [1, 8, 8]\noutputs: 10\n"


def check_mistake(mistake: Mistake, find: Find) -> None:
    """It is found where it is, in a file without definitions and, in whatever words, in one with some."""
    layer, place, words = mistake
    path = ".".join(filter(None, ["layers.0", place]))
    ((found, message),) = find(f"{HEAD}layers:\n  - {layer}\n")
    assert found == path
    assert words in message
    ((found, _),) = find(f"{HEAD}define: {{a: relu}}\nlayers:\n  - {layer}\n")
    assert found == path


def check_word(mistake: Mistake, find: Find) -> None:
    """It is a mistake only where there are no definitions, since a word may be one."""
    layer, place, words = mistake
    ((found, message),) = find(f"{HEAD}layers:\n  - {layer}\n")
    assert found == ".".join(filter(None, ["layers.0", place]))
    assert words in message
    assert find(f"{HEAD}define: {{a: relu}}\nlayers:\n  - {layer}\n") == []
