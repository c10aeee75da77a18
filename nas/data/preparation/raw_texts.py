"""Texts before their preparation: an array of strings."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.errors import UsageError


def raw_texts(part: str, given: ArrayLike) -> NDArray[np.object_]:
    """Texts as an array of objects. Raises UsageError if there are none, or one is no string."""
    items: list[Any] = given.tolist() if isinstance(given, np.ndarray) else list(given)  # type: ignore[arg-type]
    for place, item in enumerate(items):
        if not isinstance(item, str):
            raise UsageError(f"{part}: text {place}: expected a string, got {type(item).__name__}")
    if not items:
        raise UsageError(f"{part}: there are no texts")
    held = np.empty(len(items), object)
    held[:] = items
    return held


def empty_texts(texts: NDArray[Any]) -> NDArray[np.intp]:
    """The places of texts without a character that is no space."""
    return np.flatnonzero([not text.strip() for text in texts])
