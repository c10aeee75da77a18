"""The labels of samples that have any number of them, as a table of 0 and 1.

A part of a data set is given as

* an array `(N, K)` of 0 and 1 (booleans, integers, or floats of these values), a column for each label;
* a list of labels for each sample: lists, tuples or sets of strings, or sets of integers;
* a string for each sample, with `;`, `|` or `,` between its labels: the first of the three that occurs anywhere in the
  training part. Spaces around a label are ignored, and a sample with an empty string has no label.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import describe_value
from nas.arrays import as_array
from nas.errors import UsageError, few, nearest
from nas.tasks.labels import Label, declared

SEPARATORS = ";", "|", ","
"""What may stand between the labels of a sample in one string."""

_LISTS = list, tuple, AbstractSet


def is_indicator(targets: NDArray[Any]) -> bool:
    """Whether targets are a table of 0 and 1 with two or more columns, and not one-hot: some sample has no label, or
    several."""
    if targets.ndim != 2 or targets.shape[1] < 2 or targets.dtype.kind not in "biuf":
        return False
    return bool(((targets == 0) | (targets == 1)).all() and (targets.sum(axis=1) != 1).any())


def holds_lists(targets: object) -> bool:
    """Whether targets are lists or sets of labels, one for each sample."""
    samples = _samples("train targets", targets)
    return samples is not None and all(isinstance(one, _LISTS) for one in samples) and any(map(_has_labels, samples))


def read_label_sets(
    parts: Mapping[str, ArrayLike],
    samples: Mapping[str, int],
    classes: Sequence[str] | None,
    target_names: Sequence[str] | None = None,
) -> tuple[tuple[str, ...], Mapping[str, NDArray[np.uint8]]]:
    """The names of the labels, and for each part a table of 0 and 1, `(N, K)`.

    Args:
        parts: the labels of each part, `train` first.
        samples: the number of samples of each part.
        classes: declared names, in the order of the columns. Strings in lists of labels are then among these names, and
            integers are indices of them. None: the distinct labels of the training part, sorted; of columns, their
            `target_names`.
        target_names: the names of the columns; None: `label 0` and so on.

    Raises:
        UsageError: these are not labels of samples, or a label is one that all training samples have or none has.
    """
    names = None if classes is None else declared(classes)
    first = _samples("train labels", parts["train"])
    if first is None or not any(map(_has_labels, first)):
        tables = {part: _columns(part, values, samples[part]) for part, values in parts.items()}
        count = tables["train"].shape[1]
        for part, table in tables.items():
            if table.shape[1] != count:
                raise UsageError(f"{part} labels: expected {count} columns, as in train, got {table.shape[1]}")
        if names is not None and len(names) != count:
            raise UsageError(f"classes: expected {count} names, one for each column of labels, got {len(names)}")
        names = names or tuple(target_names or (f"label {place}" for place in range(count)))
    else:
        separator = next((mark for mark in SEPARATORS if any(mark in one for one in first if isinstance(one, str))), "")
        listed = {part: _listed(part, values, separator or SEPARATORS[0]) for part, values in parts.items()}
        known = _distinct(listed["train"])
        if names is not None:
            known = range(len(names)) if known and isinstance(known[0], int) else names
        tables = {part: _table(part, one, samples[part], known) for part, one in listed.items()}
        names = names or tuple(map(str, known))
    if len(names) < 2:
        raise UsageError(f"expected at least 2 labels, got {few(names) or 'none'}; of one label, make two classes")
    _check_both(tables["train"], names)
    return names, tables


def _check_both(train: NDArray[np.uint8], names: Sequence[str]) -> None:
    """Raises UsageError unless some training samples have each label and some do not."""
    having = train.sum(axis=0, dtype=np.int64)
    for count, what in ((0, "no sample has"), (len(train), "all samples have")):
        if len(bad := np.flatnonzero(having == count)):
            raise UsageError(f"train labels: {what} the label {few(repr(names[place]) for place in bad.tolist())}")


def _columns(part: str, values: ArrayLike, samples: int) -> NDArray[np.uint8]:
    """A table that is given as one."""
    what = f"{part} labels"
    array = as_array(what, values)
    if array.ndim != 2 or len(array) != samples:
        raise UsageError(f"{what}: expected shape ({samples}, K), one row per sample, got {array.shape}")
    if array.dtype.kind not in "biuf":
        raise UsageError(f"{what}: expected 0 and 1, got {array.dtype}")
    bad = np.argwhere((array != 0) & (array != 1))
    if len(bad):
        row, column = bad[0].tolist()
        raise UsageError(
            f"{what}: sample {row} has {array[row, column]} in column {column}, expected 0 or 1; lists of integers "
            "are read as columns, sets of integers as labels"
        )
    return array.astype(np.uint8)


def _table(part: str, listed: Sequence[Sequence[Label]], samples: int, known: Sequence[Label]) -> NDArray[np.uint8]:
    """A table from lists of labels."""
    if len(listed) != samples:
        raise UsageError(f"{part} labels: expected one list per sample, {samples}, got {len(listed)}")
    places = {label: place for place, label in enumerate(known)}
    table = np.zeros((samples, len(known)), np.uint8)
    for row, labels in enumerate(listed):
        for label in labels:
            if label not in places:
                meant = nearest(label, map(str, known)) if isinstance(label, str) else None
                hint = f"; did you mean {meant!r}?" if meant else ""
                raise UsageError(
                    f"{part} labels: sample {row} has the label {describe_value(label)}, which is not one of "
                    f"{few(known)}{hint}"
                )
            table[row, places[label]] = 1
    return table


def _distinct(listed: Sequence[Sequence[Label]]) -> Sequence[Label]:
    found = {label for labels in listed for label in labels}
    if len({isinstance(label, str) for label in found}) > 1:
        raise UsageError("train labels: expected strings or integers, got both")
    return sorted(found)


def _has_labels(sample: object) -> bool:
    """Whether a sample is a string or has labels in a list; lists of integers are rows of a table."""
    if isinstance(sample, list | tuple):
        return any(isinstance(label, str) for label in sample)
    return isinstance(sample, str | AbstractSet)


def _listed(part: str, values: object, separator: str) -> Sequence[Sequence[Label]]:
    """The labels of each sample, from lists and strings."""
    samples = _samples(f"{part} labels", values)
    if samples is None:
        raise UsageError(f"{part} labels: expected lists of labels, as in train, got {describe_value(values)}")
    found: list[Sequence[Label]] = []
    for row, one in enumerate(samples):
        if isinstance(one, str):
            found.append([label.strip() for label in one.split(separator) if label.strip()])
        elif isinstance(one, _LISTS):
            found.append([_label(part, row, label) for label in one])
        else:
            raise UsageError(
                f"{part} labels: sample {row} has {describe_value(one)}, expected a list of labels, or a string with "
                f"{' or '.join(map(repr, SEPARATORS))} between them"
            )
    return found


def _samples(what: str, values: Any) -> list[Any] | None:
    """The samples as objects, where they may be lists or strings; None: it is an array of numbers."""
    if isinstance(values, list | tuple):
        return list(values)
    array = as_array(what, values)
    return array.tolist() if array.dtype.kind in "OUT" else None


def _label(part: str, row: int, label: object) -> Label:
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, str) and label.strip():
        return label.strip()
    if isinstance(label, int) and not isinstance(label, bool):
        return label
    raise UsageError(f"{part} labels: sample {row} has the label {describe_value(label)}, expected a string or integer")
