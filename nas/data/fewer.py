"""A data set with fewer labelled samples."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.dataset import Dataset
from nas.data.held_out import held_out
from nas.data.samples import Samples
from nas.errors import UsageError


def fewer(data: Dataset, samples: int, *, seed: int) -> Dataset:
    """A data set of which some training and validation samples are known, drawn at random; the test part is whole.

    The validation part has the same share of them as before. Of classes, the draws are stratified.

    Args:
        data: the data set.
        samples: the number of training and validation samples together.
        seed: of the draws.

    Raises:
        UsageError: the data set has fewer, or the training part would have fewer than 2 or the validation part none.
    """
    sizes = {part: len(data.parts[part]) for part in ("train", "val")}
    total = sum(sizes.values())
    if samples > total:
        raise UsageError(f"samples: {data.name} has {total:,} training and validation samples, got {samples:,}")
    if samples == total:
        return data
    train = round(samples * sizes["train"] / total)
    counts = {"train": train, "val": samples - train}
    if counts["train"] < 2 or counts["val"] < 1:
        raise UsageError(
            f"samples: {samples:,} samples of {data.name} are {counts['train']} to train on and {counts['val']} to "
            f"validate on; expected 2 and 1 or more"
        )
    rows = {
        part: _drawn(data.parts[part].targets, count, seed + place, stratified=data.task.stratified)
        for place, (part, count) in enumerate(counts.items())
    }
    pooled = np.concatenate([rows["train"], rows["val"] + sizes["train"]])
    parts = {part: Samples(*(array[chosen] for array in data.parts[part])) for part, chosen in rows.items()}
    return replace(
        data,
        train=parts["train"],
        val=parts["val"],
        task=data.task.fitted(data.task.outputs, parts["train"].targets),
        groups=None if data.groups is None else data.groups[pooled],
        times=None if data.times is None else data.times[pooled],
        raws=_taken(data.raws, rows),
        origins=_taken(data.origins, rows),
    )


def _taken(known: Mapping[str, Any], rows: Mapping[str, NDArray[np.intp]]) -> Mapping[str, Any]:
    """What is known of the samples that are kept, by part."""
    return {part: one[rows[part]] if part in rows else one for part, one in known.items()}


def _drawn(targets: NDArray[Any], count: int, seed: int, *, stratified: bool) -> NDArray[np.intp]:
    """The places of some samples, ascending."""
    if stratified and targets.ndim == 1:
        return held_out(np.unique(targets, return_inverse=True)[1], count, seed=seed % 2**32)
    return np.sort(np.random.default_rng(seed).permutation(len(targets))[:count])
