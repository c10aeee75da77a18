"""Raw inputs without targets, for predictions: from files, from a pipe or from memory, as the preparation takes them.

One file per preparation, and their table. Samples are read some at a time, in memory that does not grow with them.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, cast

import numpy as np

from nas.arguments import describe_value
from nas.data.inputs.arrays import read_arrays, take_arrays
from nas.data.inputs.files import within
from nas.data.inputs.images import read_images, take_images
from nas.data.inputs.named import Named
from nas.data.inputs.reading import Reading, Source
from nas.data.inputs.seen import Seen
from nas.data.inputs.sounds import read_sounds, take_sounds
from nas.data.inputs.tables import read_tables, take_tables
from nas.data.inputs.texts import read_texts, take_texts
from nas.data.intake import Intake
from nas.data.reading.opened import Flow
from nas.errors import UsageError


@dataclass(frozen=True)
class Reader:
    """How the raw inputs of a preparation are read, some at a time.

    Attributes:
        read: from an existing path, or from bytes that are read once.
        take: from memory.
        joins: whether samples of several files may be prepared together.
    """

    read: Callable[[Reading, Source], Iterator[Named]]
    take: Callable[[Reading, Any], Iterator[Named]]
    joins: bool = True


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "arrays": Reader(read_arrays, take_arrays),
        "images": Reader(read_images, take_images),
        "sounds": Reader(read_sounds, take_sounds),
        "texts": Reader(read_texts, take_texts),
        "tables": Reader(read_tables, take_tables, joins=False),
    }
)
"""The table of readers, by the names of preparations."""


def read_inputs(intake: Intake, given: Any, seen: Seen, rows: int) -> Iterator[Named]:
    """Raw inputs of samples without targets, at most `rows` at a time, in their order.

    Args:
        intake: how the data set takes in samples.
        given: a path; a binary file that is read once; a list of `Path` and such files; or samples in memory: for
            images, a list as in `nas.from_images`; for sounds, a list of paths or of samples as in `nas.from_sounds`,
            of the rate of the network; for texts, a list of strings; for tables, what `nas.from_table` takes, without
            the target; else an array `(N, *shape)`. In a list, the names of samples say which input they are in.
        seen: what is to be said of the samples, which is complete when all are read.
        rows: of one or more.

    Raises:
        UsageError: there is no such path, an input has no sample, or a column is missing; or a row or a text cannot be
            read, and `seen` does not skip it.
        IntegrityError: a file is damaged.
        StorageError: a file cannot be read.
    """
    reader, reading = READERS[intake.preparation.name], Reading(intake, seen, rows)
    sources = _sources(given)
    if sources is None:
        if isinstance(given, bytes) or not hasattr(given, "__len__"):
            raise UsageError(f"inputs: expected a path, or samples in memory, got {describe_value(given)}")
        found = _some(reader.take(reading, given), seen, "inputs: there are no samples")
    else:
        found = _of_sources(reader, reading, sources, several=isinstance(given, list | tuple))
    return _batches(found, rows, joins=reader.joins)


def _sources(given: Any) -> Sequence[Source] | None:
    """The inputs that are no samples themselves; None: these are samples. Raises UsageError if a path leads nowhere."""
    several = given if isinstance(given, list | tuple) else [Path(given) if isinstance(given, str) else given]
    if not several or not all(isinstance(one, Path) or _is_file(one) for one in several):
        return None
    for path in several:
        if isinstance(path, Path) and not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
    return [one if isinstance(one, Path) else _flow(one) for one in several]


def _is_file(given: Any) -> bool:
    if isinstance(given, io.TextIOBase):
        raise UsageError("inputs: expected a binary file, got one of text: its `buffer`, or one opened with 'rb'")
    return isinstance(given, io.BufferedIOBase | io.RawIOBase)


def _flow(file: BinaryIO) -> Flow:
    name = getattr(file, "name", None)
    called = "standard input" if name == "<stdin>" else name if isinstance(name, str) else "inputs"
    return Flow(file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file)), called)


def _of_sources(reader: Reader, reading: Reading, sources: Sequence[Source], *, several: bool) -> Iterator[Named]:
    """The samples of all sources. If there may be several, samples are named by their source as well."""
    for source in sources:
        for named in _some(reader.read(reading, source), reading.seen, f"{source} has no samples"):
            yield Named([_name(source, name) for name in named.names], named.raw) if several else named


def _name(source: Source, name: str) -> str:
    """The name of a sample of one of several sources."""
    return within(source, name) if isinstance(source, Path) else f"{source}, {name}"


def _some(found: Iterator[Named], seen: Seen, message: str) -> Iterator[Named]:
    """The samples of an input. Raises UsageError if there are none, read or left out."""
    before, count = seen.left_out, 0
    for named in found:
        count += len(named)
        yield named
    if not count and seen.left_out == before:
        raise UsageError(message)


def _batches(found: Iterator[Named], rows: int, *, joins: bool) -> Iterator[Named]:
    """The samples, `rows` at a time where there are enough of them that may be joined."""
    waiting: Named | None = None
    for named in found:
        held = named if waiting is None else waiting.joined(named)
        whole = len(held) - len(held) % rows if joins else len(held)
        for start in range(0, whole, rows):
            yield held[np.arange(start, min(start + rows, whole))]
        waiting = held[np.arange(whole, len(held))] if whole < len(held) else None
    if waiting is not None:
        yield waiting


__all__ = ["READERS", "Named", "Reader", "Reading", "Seen", "Source", "read_inputs"]
