"""The inputs of a data set: their values, entries that never change, and what their modality has to say."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data import Dataset
from nas.data.preparation.images import Images
from nas.data.preparation.sounds import Sounds
from nas.data.preparation.texts import Texts
from nas.data_summary.blocks import blocks, spread
from nas.data_summary.columns import summarize_columns
from nas.data_summary.records import Inputs
from nas.formatting import show_bytes

MOST_VALUES = 2**29
"""Numbers of the training inputs that are looked at."""


def summarize_inputs(data: Dataset) -> Inputs:
    """What there is to know of the inputs; of large data sets, from samples that are evenly spread."""
    inputs, entries = data.train.inputs, math.prod(data.shape)
    rows = spread(len(inputs), max(1, MOST_VALUES // entries))
    low = high = np.asarray(inputs[:1])[0]
    count, total, squares = 0, 0.0, 0.0
    lengths = []
    for block in blocks(inputs, rows):
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        values = block.astype(np.float64)
        count, total, squares = (
            count + block.size,
            total + float(values.sum()),
            squares + float(np.vdot(values, values)),
        )
        if data.input.tokens is not None:
            lengths.append((block != 0).sum(axis=1))
    mean = total / count
    return Inputs(
        data.input.modality,
        data.shape,
        str(inputs.dtype),
        {
            "min": float(low.min()),
            "mean": mean,
            "max": float(high.max()),
            "std": math.sqrt(max(0.0, squares / count - mean**2)),
        },
        int((low == high).sum()),
        entries,
        _details(data, np.concatenate(lengths) if lengths else None),
        summarize_columns(data) if data.input.modality == "table" else (),
        len(rows),
    )


def _details(data: Dataset, lengths: NDArray[Any] | None) -> Mapping[str, str]:
    """Facts of the modality, by name."""
    found = {"memory": show_bytes(sum(_bytes(part.inputs) for part in data.parts.values()))}
    preparation = data.preparation
    match preparation:
        case Images():
            found["size of the files"] = _range(preparation.heights, preparation.widths)
            found["size of the inputs"] = f"{preparation.size[0]} × {preparation.size[1]}, {preparation.fit}"
            found["channels"] = {1: "1, grey", 3: "3, colour"}[preparation.channels]
        case Sounds():
            low, high = preparation.seconds
            found["duration of the files"] = f"{low:.3g} s" if low == high else f"{low:.3g} to {high:.3g} s"
            found["duration of the inputs"] = f"{preparation.length / preparation.rate:.3g} s"
        case Texts():
            found["cut into"] = preparation.tokens.kind
            found["longer than the inputs"] = f"{preparation.truncated:.1%} of the training texts"
    if data.input.tokens is not None:
        found["vocabulary"] = f"{data.input.tokens:,} numbers of tokens"
    if data.input.rate is not None:
        found["rate"] = f"{data.input.rate:,} samples a second"
    if lengths is not None:
        found["tokens of a text"] = f"{lengths.min()} to {lengths.max()}, median {np.median(lengths):g}"
    if data.groups is not None:
        found["groups"] = f"{len(np.unique(data.groups)):,} in the training and the validation part"
    return found


def _bytes(inputs: Any) -> int:
    size: int = math.prod(inputs.shape) * np.dtype(inputs.dtype).itemsize
    return size


def _range(heights: tuple[int, int], widths: tuple[int, int]) -> str:
    """`28 × 28`, or `20 to 400 × 32 to 500`."""
    shown = [str(low) if low == high else f"{low} to {high}" for low, high in (heights, widths)]
    return " × ".join(shown)
