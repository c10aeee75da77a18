"""Docstrings: the first sentence, and the entry of each argument."""

import inspect
import re
from collections.abc import Mapping

_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_ENTRY = re.compile(r"([a-z_0-9]+(?:, [a-z_0-9]+)*): (.*)")


def summary(target: object) -> str:
    """The first sentence of a docstring, without its full stop."""
    text = inspect.getdoc(target) or ""
    first = _SENTENCE.split(" ".join(text.partition("\n\n")[0].split()))[0]
    return first.removesuffix(".")


def entries(target: object) -> Mapping[str, str]:
    """The entries of `Args:` or `Attributes:`, by name; for a class, also those of its bases."""
    found: dict[str, str] = {}
    if inspect.isclass(target):
        for base in reversed(target.__mro__[1:-1]):
            found.update(entries(base))
    names: list[str] = []
    inside = False
    for line in (inspect.getdoc(target) or "").splitlines():
        if not line.startswith(" ") and line:
            inside = line in ("Args:", "Attributes:")
        elif inside and (entry := _ENTRY.fullmatch(line.removeprefix("    "))):
            names = entry[1].split(", ")
            found.update(dict.fromkeys(names, entry[2]))
        elif inside and line and names:
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return {name: text.removesuffix(".") for name, text in found.items()}
