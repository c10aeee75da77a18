"""What a space takes from the samples that its networks read: their shape, and the words of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nas.document import Node
from nas.ops import Shape
from nas.space.language.tree import UNKNOWN
from nas.space.reading.nodes import NodeReader
from nas.space.reading.place import DATA_WORDS, OUTPUTS, WORD, Given

FROM_DATA = "from data"
"""The value of `input` in a file that leaves the shape to the data."""

ANY: Shape = (UNKNOWN,) * 3
"""The shape of unknown samples."""

KEYS = ("input", OUTPUTS, "tokens", "categories", "rate")
"""The keys of a file that a data set overrides."""

_NUMBERS: Mapping[str, int] = {OUTPUTS: UNKNOWN, "tokens": 2, "features": UNKNOWN, "rate": 16_000}
_EXAMPLES: Given = {**_NUMBERS, "categories": (2,)}
"""Words where neither the file nor data give them: they only have to be valid."""


class Inputs(Protocol):
    """What the inputs of a data set are, as `nas.data.InputSpec`."""

    @property
    def modality(self) -> str: ...
    @property
    def shape(self) -> Shape: ...
    @property
    def tokens(self) -> int | None: ...
    @property
    def categories(self) -> tuple[int, ...]: ...
    @property
    def rate(self) -> int | None: ...


class DataLike(Protocol):
    """What a space needs of a data set: what its inputs are, and the names of the outputs.

    `modalities` are the kinds of inputs that they may be: arrays do not say whether `(L,)` is a row or a text.
    """

    @property
    def input(self) -> Inputs: ...
    @property
    def modalities(self) -> Sequence[str]: ...
    @property
    def outputs(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Sampled:
    """What is known of the samples.

    Attributes:
        input: the shape of one; None: unknown.
        words: the words of the data that are known.
    """

    input: Shape | None
    words: Given

    @property
    def outputs(self) -> int | None:
        """The number of outputs; None: unknown, or not yet known."""
        found = self.words.get(OUTPUTS)
        return found if isinstance(found, int) and found != UNKNOWN else None


def known_of(data: DataLike | None, input: Shape | None, outputs: int | None) -> Sampled:
    """What a data set says, and arguments that replace it."""
    words: dict[str, Any] = {}
    if data is not None:
        spec = data.input
        words = {OUTPUTS: len(data.outputs), "tokens": spec.tokens, "rate": spec.rate}
        if spec.modality == "table":
            words["categories"] = spec.categories
        input = input or tuple(spec.shape)
    if outputs is not None:
        words[OUTPUTS] = outputs
    return Sampled(input, {word: value for word, value in words.items() if value is not None})


def read_samples(reader: NodeReader, node: Node, known: Sampled, *, alone: bool) -> Sampled:
    """What is known, with what a file says of the rest.

    Args:
        reader: notes problems.
        node: the content of the file, a mapping.
        known: what data say; it overrides the file.
        alone: whether the file is checked without the data that it needs: what neither says is then `UNKNOWN`, or an
            example.
    """
    value: Mapping[str, Node] = node.value if isinstance(node.value, dict) else {}
    input, words = known.input, dict(known.words)
    if "input" in value and input is None and value["input"].value != FROM_DATA:
        input = _shape(reader, value["input"])
    for word in (OUTPUTS, "tokens", "rate"):
        if word in value and word not in words:
            words[word] = _positive(reader, value[word], word)
    if "categories" in value and "categories" not in words:
        words["categories"] = _categories(reader, value["categories"])
    if alone:
        input, words = input or ANY, {**_EXAMPLES, **words}
    if input is not None and len(input) == 1:
        words["features"] = input[0]
    return Sampled(input, words)


def words_in(node: Node, known: Given) -> Given:
    """The words of the data that a file may read, with their values, apart from those that follow from the shapes."""
    found: set[str] = set()
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one.value, dict):
            left += one.value.values()
        elif isinstance(one.value, list):
            left += one.value
        elif isinstance(one.value, str):
            found.update(WORD.findall(one.value))
    return {word: value for word, value in known.items() if word in found and word not in (OUTPUTS, "features")}


def _shape(reader: NodeReader, node: Node) -> Shape:
    expected = f"a list of 1 to 3 positive sizes, channels first, or '{FROM_DATA}'"
    sizes = reader.typed(node, "input", list[int], expected)
    if sizes is not None and not (1 <= len(sizes) <= 3 and min(sizes) > 0):
        reader.problem(node, "input", "the shape is invalid", "1 to 3 positive sizes, channels first")
        sizes = None
    return ANY if sizes is None else tuple(sizes)


def _positive(reader: NodeReader, node: Node, word: str) -> int:
    expected = "a positive number of outputs" if word == OUTPUTS else "a positive number"
    number = reader.typed(node, word, int, expected)
    if number is not None and number < 1:
        reader.problem(node, word, f"{DATA_WORDS[word].about} is not positive", "1 or more")
        number = None
    return _NUMBERS[word] if number is None else number


def _categories(reader: NodeReader, node: Node) -> tuple[int, ...]:
    expected = "a list of positive numbers, one for each categorical column"
    numbers = reader.typed(node, "categories", list[int], expected)
    if numbers is not None and min(numbers, default=1) < 1:
        reader.problem(node, "categories", "a number of categories is not positive", "1 or more")
        numbers = None
    return () if numbers is None else tuple(numbers)
