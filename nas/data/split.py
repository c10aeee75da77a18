"""The division of samples into a training, a validation and a test part."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nas.arguments import Seed, checked
from nas.data.held_out import held_out, held_out_groups
from nas.data.iterative_stratification import alike_in, stratified_parts
from nas.errors import UsageError, few

Share = Annotated[float, Field(gt=0, lt=1)]
"""The fraction of the samples that a part has."""

Halves = tuple[NDArray[np.intp], NDArray[np.intp]]
"""The places of the samples of two parts, ascending."""


PART_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "train": "train",
        "training": "train",
        "val": "val",
        "valid": "val",
        "validation": "val",
        "dev": "val",
        "test": "test",
        "testing": "test",
    }
)
"""The parts of a data set, by what columns of parts and folders may call them, in any case."""


@checked
@dataclass(frozen=True)
class Split:
    """How samples are divided that come without a validation or a test part.

    Attributes:
        val_share: the fraction of the training samples that becomes the validation part, in (0, 1).
        test_share: the fraction of all samples that becomes the test part; `null`: there is no test part.
        split_seed: seed of the random draws.
    """

    val_share: Share = 0.2
    test_share: Share | None = 0.2
    split_seed: Seed = 0


def divide(
    labels: NDArray[Any] | None,
    samples: int,
    share: float,
    *,
    seed: int,
    what: str,
    classes: Sequence[str] | None,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[Any] | None = None,
) -> Halves:
    """Divides samples into two parts, of which the second has the fraction `share`.

    Args:
        labels: the class of each sample; the first part must have every class. Or 0 and 1 for each of several labels,
            `(N, K)`: the first part must have samples with and without each. None: there are no classes.
        samples: the number of samples.
        share: the fraction, in (0, 1).
        seed: of the draws.
        what: the name of the share, for errors.
        classes: names of the classes, for errors.
        groups: the group of each sample: whole groups are drawn, and not stratified by class. None: there are none.
        times: the time of each sample: the second part has the last ones, and nothing is drawn. None: there are none.

    Raises:
        UsageError: the samples cannot be divided.
    """
    if not 0 < share < 1:
        raise UsageError(f"{what} must be between 0 and 1, got {share}")
    if groups is not None and times is not None:
        raise UsageError(f"{what}: samples are divided by groups or by time, not by both")
    refused = f"{what}: {samples} samples cannot be split by {share}"
    table, labels = (labels, None) if labels is not None and labels.ndim == 2 else (None, labels)
    places: NDArray[Any] = np.zeros(samples, np.int8) if labels is None else labels
    shown = np.unique(places)
    if not np.array_equal(shown, np.arange(len(shown))):
        places = np.searchsorted(shown, places)
    counts = np.bincount(places)
    if groups is not None:
        if len(np.unique(groups)) < 2:
            raise UsageError(f"{refused}: expected two or more groups, got 1")
        second = held_out_groups(groups, share, seed=seed)
    elif times is not None:
        second = _last(times, share, refused)
    else:
        if labels is not None and len(lone := shown[counts == 1]):
            hint = _several_labels(lone, classes)
            raise UsageError(
                f"{refused}: expected two or more of each class, got one of {_called(lone, classes)}"
                f"{hint or '; leave such samples out, or give the parts yourself'}"
            )
        held = math.ceil(share * samples)
        remaining = samples - held
        if min(held, remaining) < len(shown):
            least = "one sample" if len(shown) == 1 else f"one of each of the {len(shown)} classes"
            raise UsageError(f"{refused}: expected parts with at least {least}, got {remaining} and {held} samples")
        if table is None:
            second = held_out(places, held, seed=seed)
        else:
            second = np.flatnonzero(stratified_parts(table, (1 - share, share), seed=seed))
            if not len(second):
                raise UsageError(f"{refused}: by their labels, the second part would be empty; a larger share helps")
    kept = np.ones(samples, bool)
    kept[second] = False
    first = np.flatnonzero(kept)
    if len(gone := shown[np.bincount(places[kept], minlength=len(shown)) == 0]):
        raise UsageError(f"{refused}: no training sample would remain of {_called(gone, classes)}")
    if table is not None and (alike := alike_in(table[first])):
        raise UsageError(f"{refused}: of the training samples, all or none would have {_called(alike, classes)}")
    return first, second


def _last(times: NDArray[Any], share: float, refused: str) -> NDArray[np.intp]:
    """The places of the last samples; those of one time are on one side."""
    order = np.sort(times)
    limit = order[len(order) - math.ceil(share * len(order))]
    second = np.flatnonzero(times >= limit)
    if len(second) == len(times):
        raise UsageError(f"{refused} by time: all of them, or too many of the first ones, have the same time")
    return second


def _called(labels: Iterable[int], classes: Sequence[str] | None) -> str:
    """Classes by name or index, for an error."""
    return few(repr(classes[label]) if classes is not None else label for label in labels)


def _several_labels(labels: Iterable[int], classes: Sequence[str] | None) -> str:
    """A hint, if the names of classes look as if each had several labels."""
    mark = next((mark for mark in ";|" if classes and any(mark in classes[label] for label in labels)), "")
    return f"; with `task: multilabel`, what is between {mark!r} are labels" if mark else ""
