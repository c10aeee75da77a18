"""Reads arithmetic in place of numbers: its words must be known, and its possible values must fit."""

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from pydantic import TypeAdapter

from nas.document import Node
from nas.errors import Diagnostic, ShapeError
from nas.space.choice import Value
from nas.space.language.condition import is_number
from nas.space.language.formula import Formula, read_formula, words_of
from nas.space.reading.aliases import nearest
from nas.space.reading.nodes import NodeReader
from nas.space.reading.place import DATA_WORDS, OUTPUTS, WORD, Place, fits

MAX_RESULTS = 1000
"""Combinations of values of words that are checked when a file is read; walks check the rest."""


def is_arithmetic(text: str, type_: TypeAdapter[Any], place: Place) -> bool:
    """Whether a text is arithmetic. Where any text is allowed, it is if all its words are known."""
    if read_formula(text) is None:
        return False
    return all(map(place.knows, words_of(text))) or not fits(text, type_)


def looks_like_arithmetic(text: str, place: Place) -> bool:
    """Whether an invalid text was probably meant as arithmetic: it has known words and signs."""
    return bool(re.search(r"[-+*/%^(]", text)) and any(map(place.knows, re.findall(WORD, text)))


def read_arithmetic(
    reader: NodeReader, node: Node, text: str, type_: TypeAdapter[Any] | None, place: Place
) -> float | Formula | None:
    """Arithmetic, checked for all values of its words; a number if the data give all its words."""
    for word in words_of(text):
        if not place.knows(word):
            reader.problems.append(_unknown(reader, node, word, text, place))
            return None
        if word not in place.scope and not is_number(place.data[word]):
            reader.problem(node, place.path, f"{word!r} is not a number", "numbers and parameters", text)
            return None
    formula = make_formula(text, place, type_)
    found = list(results(formula, place))
    failed = [failure for value, failure in found if value is None]
    # Words may depend on each other, so that not all combinations of their values need occur.
    several = len([word for word in formula.words if len(place.scope[word]) > 1]) > 1
    if failed and not (several and len(failed) < len(found)) and place.open.isdisjoint(formula.words):
        reader.problem(node, place.path, failed[0])
        return None
    return formula if formula.words else formula.value({})


def make_formula(text: str, place: Place, type_: TypeAdapter[Any] | None = None) -> Formula:
    """A formula whose words are all known here."""
    given = {word: number for word, number in place.data.items() if is_number(number) and word not in place.scope}
    return Formula(text, tuple((word, given[word]) for word in words_of(text) if word in given), type_)


def results(formula: Formula, place: Place) -> Iterator[tuple[Value, str]]:
    """Its values for all values of its words; None and the reason if it has none."""
    words = formula.words
    for values in islice(product(*(place.scope[word] for word in words)), MAX_RESULTS):
        try:
            yield formula.value(dict(zip(words, values, strict=True))), ""
        except ShapeError as error:
            yield None, str(error)


def _unknown(reader: NodeReader, node: Node, word: str, text: str, place: Place) -> Diagnostic:
    """The problem of a word that is not known here."""
    close = ""
    if word in reader.definitions:
        reader.used.add(word)
        message, expected = f"{word!r} is a definition", "numbers and parameters"
    elif word in DATA_WORDS:
        message, expected = f"{DATA_WORDS[word].about} is unknown", DATA_WORDS[word].given_by
    else:
        known = [*([OUTPUTS] if OUTPUTS in place.data else []), *place.scope]
        message, expected = f"no word is named {word!r}", ", ".join(known) or "a parameter of a definition"
        close = nearest(word, [OUTPUTS, *place.words])
    return Diagnostic(node.mark, place.path, message, expected, text, close)
