"""Samples whose prepared inputs are equal."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data_summary.blocks import blocks, spread
from nas.data_summary.records import Duplicates, Sample

MOST_BYTES = 2**31
"""Bytes of inputs that are compared, of all parts together."""

MOST_SAMPLES = 2_000_000
"""Samples that are compared, of all parts together."""

EXAMPLES = 10
"""Sets of equal samples that are listed, and samples of a set."""


def find_duplicates(data: Dataset) -> Duplicates:
    """The samples whose prepared inputs are equal; of large data sets, among samples that are evenly spread."""
    parts = data.parts
    of = sum(len(part) for part in parts.values())
    size = math.prod(data.shape) * int(np.dtype(data.train.inputs.dtype).itemsize)
    share = min(1.0, MOST_BYTES / (size * of), MOST_SAMPLES / of)
    rows = {part: spread(len(samples), max(1, int(share * len(samples)))) for part, samples in parts.items()}
    sets: dict[bytes, list[tuple[str, int]]] = {}
    for part, chosen in rows.items():
        for place, key in zip(chosen.tolist(), _keys(parts[part].inputs, chosen), strict=True):
            sets.setdefault(key, []).append((part, place))
    equal = [members for members in sets.values() if len(members) > 1]
    within = dict.fromkeys(parts, 0)
    between = {", ".join(two): 0 for two in combinations(parts, 2)}
    contradictory, examples = 0, []
    for members in equal:
        having = {part: sum(1 for one, _ in members if one == part) for part in parts}
        for part, count in having.items():
            within[part] += max(0, count - 1)
        for first, second in combinations(parts, 2):
            between[f"{first}, {second}"] += having[second] if having[first] else 0
        targets = {parts[part].targets[place].tobytes() for part, place in members}
        contradictory += len(members) if len(targets) > 1 else 0
        examples.append((len(targets) > 1, sum(map(bool, having.values())), members))
    examples.sort(key=lambda one: (not one[0], -one[1]))
    return Duplicates(
        sum(map(len, rows.values())),
        of,
        within,
        between,
        contradictory,
        tuple(_samples(data, members[:EXAMPLES]) for _, _, members in examples[:EXAMPLES]),
    )


def _keys(inputs: NDArray[np.generic], rows: NDArray[np.intp]) -> Iterator[bytes]:
    """A hash of each input."""
    for block in blocks(inputs, rows):
        for one in np.ascontiguousarray(block.reshape(len(block), -1)):
            yield hashlib.blake2b(one.data, digest_size=16).digest()


def _samples(data: Dataset, members: Sequence[tuple[str, int]]) -> tuple[Sample, ...]:
    return tuple(sample_of(data, part, place) for part, place in members)


def sample_of(data: Dataset, part: str, place: int) -> Sample:
    """The record of a sample, by its place in a part."""
    return Sample(part, place, data.name_of(part, place), data.task.told(data.parts[part].targets[place]))
