"""Raw inputs without targets, for predictions: from a path or from memory, as the preparation of a network takes them.

One file per preparation, and their table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nas.arguments import describe_value
from nas.data.inputs.arrays import read_arrays, take_arrays
from nas.data.inputs.images import read_images, take_images
from nas.data.inputs.named import Named
from nas.data.inputs.sounds import read_sounds, take_sounds
from nas.data.inputs.tables import read_tables, take_tables
from nas.data.inputs.texts import read_texts, take_texts
from nas.data.intake import Intake
from nas.data.skipping import Skipping
from nas.errors import UsageError


@dataclass(frozen=True)
class Reader:
    """How the raw inputs of a preparation are read.

    Attributes:
        read: from an existing path.
        take: from memory.
    """

    read: Callable[[Intake, Path, Skipping], Named]
    take: Callable[[Intake, Any], Named]


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "arrays": Reader(read_arrays, take_arrays),
        "images": Reader(read_images, take_images),
        "sounds": Reader(read_sounds, take_sounds),
        "texts": Reader(read_texts, take_texts),
        "tables": Reader(read_tables, take_tables),
    }
)
"""The table of readers, by the names of preparations."""


def read_inputs(intake: Intake, given: Any, skipping: Skipping = Skipping()) -> Named:
    """Raw inputs of samples without targets.

    Args:
        intake: how the data set takes in samples.
        given: a path, or samples in memory: for images, a list as in `nas.from_images`; for sounds, a list of paths or
            of samples as in `nas.from_sounds`, of the rate of the network; for texts, a list of strings; for tables,
            what `nas.from_table` takes, without the target; else an array `(N, *shape)`.
        skipping: what happens to rows and texts of files that cannot be read.

    Raises:
        UsageError: there is no such path, no sample, or a column is missing.
        IntegrityError: a file is damaged.
        StorageError: a file cannot be read.
    """
    reader = READERS[intake.preparation.name]
    if isinstance(given, str | Path):
        path = Path(given)
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
        found = reader.read(intake, path, skipping)
        if not len(found):
            raise UsageError(f"{path} has no samples{': ' if found.notes else ''}{'; '.join(found.notes)}")
        return found
    if isinstance(given, bytes) or not hasattr(given, "__len__"):
        raise UsageError(f"inputs: expected a path, or samples in memory, got {describe_value(given)}")
    found = reader.take(intake, given)
    if not len(found):
        raise UsageError("inputs: there are no samples")
    return found


__all__ = ["READERS", "Named", "Reader", "read_inputs"]
