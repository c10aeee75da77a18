"""Texts as tokens: bytes, words or byte pairs, by number.

Number 0 is padding, and 1 stands for tokens that are not in the vocabulary.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from nas.data.input_spec import UNKNOWN
from nas.errors import UsageError
from nas.extras import package

FIRST = UNKNOWN + 1
"""The number of the first token of a vocabulary."""

SHOWN = "", "[unknown]"
"""How padding and unknown tokens are shown."""

BYTES = 256

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
"""A word: letters, digits and underscores, with apostrophes inside; or any other character that is no space."""

DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Bytes:
    """The bytes of a text in UTF-8; nothing is fitted.

    Attributes:
        lower: whether texts are put into lower case first.
        digits: whether digits differ; if not, each is read as 0.
    """

    lower: bool
    kind: Literal["bytes"] = "bytes"
    digits: bool = True

    @property
    def size(self) -> int:
        """The size of the vocabulary, with padding and unknown tokens."""
        return FIRST + BYTES

    def __call__(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The token numbers of each text."""
        return map(byte_numbers, spelled(texts, self.lower, self.digits))

    def shown(self, numbers: Sequence[int]) -> list[str]:
        """What each token stands for."""
        return [chr(number - FIRST) if number >= FIRST else SHOWN[number] for number in numbers]

    def refitted(self, texts: Sequence[str], size: int) -> Self:
        """The tokens as fitted to other texts, with a vocabulary of at most `size`."""
        return self


@dataclass(frozen=True)
class Words:
    """Words and punctuation marks, as `WORD` finds them: the most frequent ones of the training texts.

    Attributes:
        lower: whether texts are put into lower case first.
        digits: whether digits differ; if not, each is read as 0.
        least: how often a word of the vocabulary occurs in the training texts, at least.
        known: the words of the vocabulary, the most frequent ones first; equally frequent ones are sorted.
    """

    lower: bool
    least: int
    known: tuple[str, ...]
    kind: Literal["words"] = "words"
    digits: bool = True

    @property
    def size(self) -> int:
        """The size of the vocabulary, with padding and unknown tokens."""
        return FIRST + len(self.known)

    @classmethod
    def fitted(cls, texts: Sequence[str], *, size: int, least: int, lower: bool, digits: bool = True) -> Self:
        counts = Counter(word for text in spelled(texts, lower, digits) for word in WORD.findall(text))
        frequent = sorted((-count, word) for word, count in counts.items() if count >= least)
        return cls(lower, least, tuple(word for _, word in frequent[: size - FIRST]), digits=digits)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return numbered(self.known)

    def __call__(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The token numbers of each text."""
        for text in spelled(texts, self.lower, self.digits):
            yield word_numbers(text, self._numbers)

    def shown(self, numbers: Sequence[int]) -> list[str]:
        """What each token stands for, with the space before it."""
        return [
            f" {self.known[number - FIRST]}" if number >= FIRST else f" {SHOWN[number]}".rstrip() for number in numbers
        ]

    def refitted(self, texts: Sequence[str], size: int) -> Self:
        """The tokens as fitted to other texts, with a vocabulary of at most `size`."""
        return self.fitted(texts, size=size, least=self.least, lower=self.lower, digits=self.digits)


@dataclass(frozen=True)
class BytePairs:
    """Byte pair encoding of bytes (Sennrich et al. 2016; Radford et al. 2019, GPT-2, §2.2), by `tokenizers`.

    Every text has an encoding, so no token is unknown. The vocabulary begins with the 256 bytes. Pairs are merged
    within words, which are cut as GPT-2 cuts them.

    Attributes:
        lower: whether texts are put into lower case first.
        digits: whether digits differ; if not, each is read as 0.
        least: how often a pair that is merged occurs in the training texts, at least.
        count: the number of tokens, without padding and unknown ones.
        model: the tokenizer as JSON, in the form of `tokenizers`.
    """

    lower: bool
    least: int
    count: int
    model: str
    kind: Literal["bpe"] = "bpe"
    digits: bool = True

    @property
    def size(self) -> int:
        """The size of the vocabulary, with padding and unknown tokens."""
        return FIRST + self.count

    @classmethod
    def fitted(cls, texts: Sequence[str], *, size: int, least: int, lower: bool, digits: bool = True) -> Self:
        """Raises UsageError if `size` is too small for the bytes, or `tokenizers` is not installed."""
        if size < FIRST + BYTES:
            raise UsageError(f"vocabulary: expected {FIRST + BYTES} or more for bpe, got {size}")
        library = package("tokenizers", "tokens: bpe")
        model = library.Tokenizer(library.models.BPE())
        model.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=True)
        trainer = library.trainers.BpeTrainer(
            vocab_size=size - FIRST,
            min_frequency=least,
            show_progress=False,
            initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
        )
        with _one_thread():
            model.train_from_iterator(spelled(texts, lower, digits), trainer)
        return cls(lower, least, model.get_vocab_size(), model.to_str(), digits=digits)

    @cached_property
    def _model(self) -> Any:
        return pair_model(self.model)

    def __call__(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """The token numbers of each text."""
        yield from pair_numbers(spelled(texts, self.lower, self.digits), self._model)

    def shown(self, numbers: Sequence[int]) -> list[str]:
        """What each token stands for, with the space before it."""
        decoder = package("tokenizers", "tokens: bpe").decoders.ByteLevel()
        names = [self._model.id_to_token(number - FIRST) if number >= FIRST else None for number in numbers]
        return [
            SHOWN[number] if name is None else decoder.decode([name])
            for number, name in zip(numbers, names, strict=True)
        ]

    def refitted(self, texts: Sequence[str], size: int) -> Self:
        """The tokens as fitted to other texts, with a vocabulary of at most `size`."""
        return self.fitted(texts, size=size, least=self.least, lower=self.lower, digits=self.digits)


Tokens = Bytes | Words | BytePairs
"""How texts are cut into tokens, and which number each has."""


def spelled(texts: Sequence[str], lower: bool, digits: bool) -> Iterator[str]:
    """Texts in the spelling that is cut into tokens."""
    for text in texts:
        cased = text.lower() if lower else text
        yield cased if digits else DIGIT.sub("0", cased)


def byte_numbers(text: str) -> list[int]:
    """The numbers of the bytes of a text."""
    return [FIRST + byte for byte in text.encode("utf-8", "replace")]


def numbered(words: Sequence[str]) -> dict[str, int]:
    """The numbers of the words of a vocabulary."""
    return {word: number for number, word in enumerate(words, FIRST)}


def word_numbers(text: str, known: Mapping[str, int]) -> list[int]:
    """The numbers of the words of a text, given those of a vocabulary."""
    return [known.get(word, UNKNOWN) for word in WORD.findall(text)]


def pair_model(text: str) -> Any:
    """A tokenizer of `tokenizers` from its JSON. Raises UsageError if the package is not installed."""
    return package("tokenizers", "tokens: bpe").Tokenizer.from_str(text)


def pair_numbers(texts: Iterable[str], model: Any) -> Iterator[list[int]]:
    """The numbers of the byte pairs of each text, given the tokenizer."""
    with _one_thread():
        encoded = model.encode_batch_fast(list(texts))
    for one in encoded:
        yield [FIRST + number for number in one.ids]


@contextmanager
def _one_thread() -> Iterator[None]:
    """`tokenizers` starts no threads: it warns of them in processes that are forked later."""
    name = "TOKENIZERS_PARALLELISM"
    before = os.environ.get(name)
    os.environ[name] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
