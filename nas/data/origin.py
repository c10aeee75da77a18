"""Where the samples of a data set come from: the names by which people find them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
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
        numbers: the number of each sample, `(N,)` int64.
        files: the name of each sample; of files, their paths relative to `folder`; empty: they are numbered.
        folder: the folder of the files; None: the samples are none.
    """

    what: str
    numbers: NDArray[np.int64]
    files: tuple[str, ...] = ()
    folder: Path | None = None

    def name(self, place: int) -> str:
        """The name of a sample, by its place in the part: `line 17`, or a file."""
        return self.files[place] if self.files else f"{self.what} {self.numbers[place]}"

    def path(self, place: int) -> Path | None:
        """The file of a sample; None: it has none of its own."""
        return None if self.folder is None else self.folder / self.files[place]


def origin_of(raw: RawInputs, given: int, what: str, rows: NDArray[np.intp] | None) -> Origin:
    """The origin of the samples of a part.

    Args:
        raw: their raw inputs. Files have `names`, and tables have numbers of their `rows`.
        given: the number of samples that the source gave, of which these are some.
        what: what the others are called.
        rows: their places among those that the source gave; None: they are all.
    """
    places = np.arange(given) if rows is None else np.asarray(rows, np.int64)
    names: Any = getattr(raw, "names", None)
    numbers: Any = getattr(raw, "rows", None)
    if isinstance(numbers, np.ndarray):
        return Origin(str(getattr(raw, "unit", "row")), numbers)
    if isinstance(names, np.ndarray):
        return _of_names(what, places, names.tolist(), getattr(raw, "items", ()))
    return Origin(what, places)


def _of_names(what: str, places: NDArray[np.int64], names: Sequence[str], items: Sequence[Any]) -> Origin:
    """The origin of samples with names, which may be the paths of files."""
    if not len(items) or not all(isinstance(item, Path) for item in items):
        return Origin(what, places, tuple(names))
    folder = os.path.commonpath({str(item.parent) for item in items})
    return Origin(what, places, tuple(name.removeprefix(f"{folder}{os.sep}") for name in names), Path(folder))
