"""The kinds of inputs of networks, and the shapes that they have."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

Modality = Literal["image", "sound", "text", "table", "series"]
"""Kinds of inputs: images `(C, H, W)`, waveforms `(1, L)`, token numbers `(L,)`, rows of a table `(F,)` and series of
numbers `(C, L)`."""

MODALITIES: Mapping[str, str] = MappingProxyType(
    {"image": "images", "sound": "sounds", "text": "texts", "table": "tables", "series": "series of numbers"}
)
"""The kinds of inputs, with their plural."""

_OF_RANK: Mapping[int, tuple[Modality, ...]] = MappingProxyType(
    {1: ("table", "text"), 2: ("series", "sound"), 3: ("image",)}
)


def modalities_of(shape: Sequence[int]) -> tuple[Modality, ...]:
    """What samples of a shape may be, the likeliest first; nothing, if no kind of inputs has such a shape."""
    return _OF_RANK.get(len(shape), ())


def listed(modalities: Sequence[Modality]) -> str:
    """`images, sounds and series of numbers`."""
    *others, last = [MODALITIES[one] for one in modalities]
    return f"{', '.join(others)} and {last}" if others else last
