"""Made-up raw samples, on which a script that prepares inputs is held against the preparation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.data.columns import Columns
from nas.data.intake import Intake
from nas.data.preparation.arrays import Arrays
from nas.data.preparation.images import Images
from nas.data.preparation.raw_images import RawImages
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Sounds
from nas.data.preparation.tables import Tables
from nas.data.preparation.texts import Texts
from nas.errors import UsageError


class MadeUp(NamedTuple):
    """Samples, `given` as a script takes them and `raw` as the preparation does."""

    given: Any
    raw: Any


def check_prepared(intake: Intake, script: Any) -> None:
    """Compares what a script and a preparation make of made-up samples.

    Args:
        intake: that has the preparation.
        script: a module with the functions `take` and `prepared` of `nas.plain.scripts`.

    Raises:
        UsageError: a number differs.
    """
    preparation = intake.preparation
    samples = MADE_UP[preparation.name](preparation)
    record = intake.to_dict()
    found, expected = script.prepared(script.take(samples.given, record), record), preparation(samples.raw)
    if found.dtype != expected.dtype or not np.array_equal(found, expected):
        raise UsageError("the exported script prepares inputs otherwise than the training did")


def arrays(preparation: Arrays) -> MadeUp:
    """Whole numbers from 0 to 255."""
    samples = np.random.default_rng(0).integers(0, 256, (4, *preparation.shape)).astype(preparation.dtype)
    return MadeUp(samples, samples)


def images(preparation: Images) -> MadeUp:
    """Colours and greys, of the size of inputs, of others, and of other proportions."""
    rng = np.random.default_rng(0)
    height, width = preparation.size
    sizes = [(height, width), (2 * height + 1, width), (max(1, height // 2), 3 * width), (height + 1, width + 2)]
    found = [rng.integers(0, 256, (*size, 3)[: 2 + place % 2]).astype(np.uint8) for place, size in enumerate(sizes)]
    return MadeUp(found, RawImages.of(found))


def sounds(preparation: Sounds) -> MadeUp:
    """Noise, shorter and longer than inputs, with one and two channels."""
    rng = np.random.default_rng(0)
    length = preparation.length
    clips = [rng.uniform(-1, 1, (1 + size % 2, size)) for size in (length + 2, length, 2 * length + 3)]
    return MadeUp(clips, RawSounds.of_samples(clips, preparation.rate))


def texts(preparation: Texts) -> MadeUp:
    """Tokens of the vocabulary, and others."""
    known = "".join(preparation.words(np.arange(min(preparation.size, 2 * preparation.length))))
    found = ["", "An unknown wörd, 12.5 … \N{SLIGHTLY SMILING FACE}", known, known[::2]]
    held = np.empty(len(found), object)
    held[:] = found
    return MadeUp(found, held)


def tables(preparation: Tables) -> MadeUp:
    """Rows with values of the training samples, others and missing ones."""
    columns: dict[str, NDArray[Any]] = {}
    for number in preparation.numbers:
        if number.part is None:
            columns[number.column] = np.array([number.fill, np.nan, number.fill + 1.5, -2.0])
        else:
            columns[number.column] = np.array(["2024-02-29T12:30:15.5", "NaT", "1969-12-31", "2031-01-05"], "M8[us]")
    for category in preparation.categories:
        columns[category.column] = np.array(
            [*category.values, None, "a value that is not known", None, None][:4], object
        )
    rows = [{name: _cell(column[place]) for name, column in columns.items()} for place in range(4)]
    return MadeUp(rows, Columns(columns, "rows", np.arange(1, 5)))


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, np.datetime64) and not np.isnat(value) else value


MADE_UP: Mapping[str, Callable[[Any], MadeUp]] = MappingProxyType(
    {"arrays": arrays, "images": images, "sounds": sounds, "texts": texts, "tables": tables}
)
"""What is made up, by the names of preparations."""
