"""Texts of any length as token numbers of one length."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nas.arguments import Fraction, Positive, checked
from nas.data.input_spec import PADDING, InputSpec
from nas.data.memory import available_bytes
from nas.data.preparation.tokens import FIRST, BytePairs, Bytes, Tokens, Words
from nas.errors import UsageError

QUANTILE = 0.95
"""The share of the training texts that are not truncated, if no length is given."""

_AT_ONCE = 4096
"""Texts that are cut into tokens at a time."""


@checked
@dataclass(frozen=True)
class Tokenizing:
    """How texts become token numbers. Number 0 is padding, and 1 stands for unknown tokens.

    Attributes:
        tokens: `words`: words and punctuation marks; `bytes`: the bytes of UTF-8; `bpe`: byte pairs, learned from the
            training texts (needs the extra `text`).
        vocabulary: of words and byte pairs, the most token numbers that there are, 0 and 1 included: the most frequent
            tokens of the training texts have one.
        min_count: of words and byte pairs, how often a token occurs in the training texts at least.
        lower: whether texts are put into lower case.
        digits: whether digits differ; if not, each is read as 0, so that a number is known by its length and place.
        length: the tokens that an input has; `null`: as many as 95 % of the training texts have at most. Longer texts
            lose their end.
        pad: where shorter texts are padded: at their end (`right`) or at their beginning (`left`).
    """

    tokens: Literal["words", "bytes", "bpe"] = "words"
    vocabulary: Annotated[int, Field(ge=FIRST + 1, le=2**24)] = 20_000
    min_count: Positive = 2
    lower: bool = True
    digits: bool = True
    length: Positive | None = None
    pad: Literal["right", "left"] = "right"


@checked
@dataclass(frozen=True)
class Texts:
    """Cuts texts into tokens, and brings their numbers to one length.

    Attributes:
        tokens: how texts are cut, with the vocabulary.
        size: the size of the vocabulary that networks are made for; that of `tokens` may be smaller.
        length: of inputs.
        pad: where shorter texts are padded, as in `Tokenizing`.
        truncated: the share of the training texts that are longer.
    """

    name: ClassVar[str] = "texts"

    tokens: Tokens
    size: Positive
    length: Positive
    pad: Literal["right", "left"]
    truncated: Fraction

    @property
    def input(self) -> InputSpec:
        """Token numbers `(length,)`."""
        return InputSpec("text", (self.length,), tokens=self.size)

    @property
    def fits(self) -> bool:
        """Whether there is a vocabulary."""
        return not isinstance(self.tokens, Bytes)

    @property
    def dtype(self) -> Literal["float32"]:
        """float32."""
        return "float32"

    def __call__(self, raw: Any, out: NDArray[Any] | None = None) -> NDArray[np.float32]:
        """Token numbers `(N, length)` of texts, an array or a list of strings.

        Raises:
            UsageError: one of them is no string, or there is not enough memory.
        """
        needed, left = 4 * len(raw) * self.length, available_bytes() if out is None else None
        if left is not None and needed > left:
            raise UsageError(
                f"{len(raw):,} texts of {self.length:,} tokens need {needed / 1e9:.1f} GB of memory, and "
                f"{left / 1e9:.1f} GB are available; a smaller `length` needs less"
            )
        inputs: NDArray[np.float32] = np.empty((len(raw), self.length), np.float32) if out is None else out
        for begin in range(0, len(raw), _AT_ONCE):
            chunk = strings(raw[begin : begin + _AT_ONCE], begin)
            for place, numbers in enumerate(self.tokens(chunk), begin):
                put_tokens(inputs[place], numbers, self.pad)
        return inputs

    def words(self, tokens: NDArray[Any]) -> list[str]:
        """What each token of a sample `(length,)` stands for, with the space before it; empty for padding."""
        return self.tokens.shown([int(token) for token in tokens])

    def refitted(self, raw: Any) -> Self:
        """With the vocabulary of other training texts, of the same size at most."""
        return replace(self, tokens=self.tokens.refitted(strings(raw), self.size)) if self.fits else self

    @property
    def note(self) -> str:
        """What texts are turned into, as a sentence for `Dataset.notes`."""
        kind = {"bytes": "bytes", "words": "words and punctuation marks", "bpe": "byte pairs"}[self.tokens.kind]
        known = f", of which the vocabulary has {self.tokens.size - FIRST:,}" if self.fits else ""
        end = {"right": "at their end", "left": "at their beginning"}[self.pad]
        cut = f" ({self.truncated:.1%} of the training texts)" if self.truncated else ""
        return (
            f"Texts are cut into {kind}{known}; inputs have {self.length:,}: shorter texts are padded {end}, and "
            f"longer ones{cut} lose their end"
        )


def fit_texts(raw: Any, tokenizing: Tokenizing | None = None) -> Texts:
    """The preparation that suits training texts.

    Args:
        raw: the training texts, an array or a list of strings.
        tokenizing: how texts become numbers; None: the defaults.

    Raises:
        UsageError: one of them is no string, none has a token, no word occurs `min_count` times, or the
            vocabulary is too small for `bpe`.
    """
    how = tokenizing or Tokenizing()
    texts = strings(raw)
    tokens: Tokens
    if how.tokens == "bytes":
        tokens = Bytes(how.lower, digits=how.digits)
    else:
        kind = Words if how.tokens == "words" else BytePairs
        tokens = kind.fitted(texts, size=how.vocabulary, least=how.min_count, lower=how.lower, digits=how.digits)
    lengths = np.array([len(numbers) for numbers in tokens(texts)])
    if not lengths.any():
        raise UsageError("train: no text has a token")
    if tokens.size == FIRST:
        raise UsageError(f"train: no word occurs {how.min_count} times or more; `min_count: 1` keeps them all")
    length = how.length or max(1, ceil(np.quantile(lengths, QUANTILE, method="inverted_cdf")))
    return Texts(tokens, tokens.size, length, how.pad, float((lengths > length).mean()))


def put_tokens(row: NDArray[Any], numbers: Sequence[int], pad: Literal["right", "left"]) -> None:
    """Writes token numbers to a row `(length,)`: the first ones of longer texts, with padding beside shorter ones."""
    kept = numbers[: len(row)]
    start = 0 if pad == "right" else len(row) - len(kept)
    row[:] = PADDING
    row[start : start + len(kept)] = kept


def strings(raw: Any, first: int = 0) -> Sequence[str]:
    """Texts as a list; the first one is number `first` in errors. Raises UsageError if one is no string."""
    texts = raw.tolist() if isinstance(raw, np.ndarray) else list(raw)
    for place, text in enumerate(texts, first):
        if not isinstance(text, str):
            raise UsageError(f"text {place}: expected a string, got {type(text).__name__}")
    return texts
