"""Samples of texts and of tables as lines."""

from collections.abc import Iterator
from textwrap import shorten, wrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data.columns import Columns, as_texts
from nas.data.shown import Display, RowValues, Words
from nas.data_summary.samples.chosen import Chosen

COUNT = 3
"""Samples that are written."""

WIDTH = 80
MOST = 240
"""Characters of a sample."""


def write_samples(data: Dataset, chosen: Chosen) -> Iterator[str]:
    """Lines with samples: before and after their preparation, and augmented.

    Args:
        data: the data set: of texts or a table.
        chosen: its samples.
    """
    display = Display(data, chosen.prepared)
    for place, sample in enumerate(chosen.samples):
        yield f"{sample.name}: {sample.target}"
        raw = _raw(data, sample.place)
        if raw:
            yield from _lines("as read", raw)
        yield from _lines("prepared", _shown(display, chosen.prepared[place]))
        if chosen.augmented is not None:
            yield from _lines("augmented", _shown(display, chosen.augmented[0, place]))


def _raw(data: Dataset, row: int) -> str:
    """The text, or the values of the columns; empty if they are not kept."""
    match data.raws.get("train"):
        case Columns() as columns:
            one = columns[np.array([row])]
            return ", ".join(f"{name} {as_texts(values)[0] or '–'}" for name, values in one.arrays.items())
        case np.ndarray() as texts if texts.dtype == object:
            return str(texts[row])
    return ""


def _shown(display: Display, sample: NDArray[Any]) -> str:
    """The tokens of a text, or the numbers of a row."""
    match display.show(sample):
        case Words() as text:
            return " ".join(word.strip() for word, _ in text.words)
        case RowValues():
            return " ".join(f"{value:.5g}" for value in sample.tolist())
    return ""


def _lines(title: str, text: str) -> Iterator[str]:
    first, *rest = wrap(shorten(text, MOST, placeholder=" …"), WIDTH - 13) or [""]
    yield f"  {title:<11}{first}"
    yield from (" " * 13 + line for line in rest)
