"""Images before their preparation: files, their contents, or images in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RawImages:
    """Images that are not decoded yet, of any sizes.

    Attributes:
        items: `(N,)` objects: the path of a file, the bytes of one, an image of Pillow, or an array of `(H, W)` or
            `(H, W, C)` values.
        names: the name of each in errors, `(N,)` strings.
    """

    items: NDArray[np.object_]
    names: NDArray[np.str_]

    @classmethod
    def of(cls, items: Sequence[Any], names: Sequence[str] | None = None) -> Self:
        """Images from a list. By default, those that are no files are named by their places, `image 0`."""
        held = np.empty(len(items), object)
        for place, item in enumerate(items):  # NumPy would stack arrays of equal shapes
            held[place] = item
        if names is None:
            names = [str(item) if isinstance(item, Path) else f"image {place}" for place, item in enumerate(items)]
        return cls(held, np.array(names, str))

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rows: NDArray[np.intp]) -> Self:
        return type(self)(self.items[rows], self.names[rows])

    def joined(self, other: Self) -> Self:
        """These images, followed by others."""
        return type(self)(np.concatenate([self.items, other.items]), np.concatenate([self.names, other.names]))
