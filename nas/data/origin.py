"""Where the samples of a data set come from: the names by which people find them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.raw import RawInputs


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the samples of a part come from.

    Attributes:
        what: what the numbers count, such as `row` or `line`.
        numbers: the number of each sample, `(N,)` int32 or int64.
        files: the name of each sample; of files, their paths relative to `folder`; empty: they are numbered.
        folder: the folder of the files; None: the samples are none.
    """

    what: str
    numbers: NDArray[np.integer[Any]]
    files: tuple[str, ...] = ()
    folder: Path | None = None

    def name(self, place: int) -> str:
        """The name of a sample, by its place in the part: `line 17`, or a file."""
        return self.files[place] if self.files else f"{self.what} {self.numbers[place]}"

    def __getitem__(self, rows: NDArray[np.intp]) -> "Origin":
        """The origin of some samples, in the order of `rows`."""
        files = tuple(self.files[row] for row in rows) if self.files else ()
        return replace(self, numbers=self.numbers[rows], files=files)

    def path(self, place: int) -> Path | None:
        """The file of a sample; None: it has none of its own."""
        return None if self.folder is None else self.folder / self.files[place]


def origin_of(raw: RawInputs, otherwise: Origin) -> Origin:
    """The origin of the samples of a part.

    Args:
        raw: their raw inputs; files have `names`.
        otherwise: where others come from.
    """
    names: Any = getattr(raw, "names", None)
    if isinstance(names, np.ndarray):
        return _of_names(otherwise, names.tolist(), getattr(raw, "items", ()))
    return otherwise


def _of_names(otherwise: Origin, names: Sequence[str], items: Sequence[Any]) -> Origin:
    """The origin of samples with names, which may be the paths of files."""
    if not len(items) or not all(isinstance(item, Path) for item in items):
        return replace(otherwise, files=tuple(names))
    folder = os.path.commonpath({str(item.parent) for item in items})
    files = tuple(name.removeprefix(f"{folder}{os.sep}") for name in names)
    return replace(otherwise, files=files, folder=Path(folder))
