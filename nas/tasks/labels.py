"""Labels of samples, and their encoding as class indices.

Labels are integers, booleans or strings. The classes of a data set are the distinct labels of its training part,
sorted, or declared names. For training, a label is replaced by the index of its class, 0 to K - 1. Classes are named by
their labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import describe_value
from nas.arrays import as_array
from nas.errors import UsageError, few, nearest

Label = int | str

EXPECTED = "expected integers, booleans or strings"
_KINDS = {"i": "integers", "u": "integers", "b": "booleans", "U": "strings"}


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of one part of a data set.

    Attributes:
        part: its name: `train`, `val` or `test`.
        kind: `integers`, `booleans` or `strings`.
        distinct: the distinct labels, in ascending order.
        places: the index of the label of each sample in `distinct`, `(N,)`.
    """

    part: str
    kind: str
    distinct: Sequence[Label]
    places: NDArray[np.intp]

    def where(self, label: Label) -> str:
        """The first sample with a label, for an error."""
        sample = int(np.argmax(self.places == self.distinct.index(label)))
        return f"{self.part} labels: sample {sample} has the label {describe_value(label)}"


def read_labels(part: str, values: ArrayLike, samples: int) -> Labels:
    """The labels of a part with this number of samples.

    Raises:
        UsageError: the values are not labels, or not one per sample.
    """
    what = f"{part} labels"
    array = as_array(what, values)
    if array.shape != (samples,):
        raise UsageError(f"{what}: expected one per sample, shape ({samples},), got {array.shape}{_flatter(array)}")
    if array.dtype.kind == "S":
        array = _decoded(what, array)
    if array.dtype.kind in "OT" or (array.dtype.kind == "U" and not hasattr(values, "dtype")):
        array = _texts(what, values)  # in a list with a string, NumPy converts everything to strings
    if array.dtype.kind not in _KINDS:
        raise UsageError(f"{what}: {EXPECTED}, got {array.dtype}{_whole(array)}")
    distinct = np.unique(array)
    labels = Labels(part, _KINDS[array.dtype.kind], distinct.tolist(), np.searchsorted(distinct, array))
    for label in labels.distinct:
        if isinstance(label, str) and not label.strip():
            raise UsageError(f"{labels.where(label)}, which is blank")
    return labels


def encode(parts: Sequence[Labels], classes: Sequence[str] | None) -> tuple[tuple[str, ...], list[NDArray[np.int64]]]:
    """The names of the classes, and for each part the class index of each sample, `(N,)`.

    Every class, declared or not, must occur in the training part. A network could not learn a class without samples,
    but would be evaluated on it. The check also detects integer labels that start at 1, for which the list of names is
    one too long. For a subset without some classes, omit `classes`, or list the remaining ones and use strings as
    labels.

    Args:
        parts: the training part, followed by the others.
        classes: declared names. Integer labels are then indices into this list (booleans are 0 and 1), and strings are
            names in it. None: the labels of the training part.

    Raises:
        UsageError: there are fewer than two classes, duplicate names, labels that are not a class or do not occur in
            the training part, or parts with labels of different kinds.
    """
    train, *others = parts
    names = declared(classes) if classes is not None else tuple(map(str, train.distinct))
    shown = few(train.distinct)
    if len(names) < 2:
        raise UsageError(f"expected at least 2 classes, got {len(names)}; the labels of train are {shown}")
    table: dict[Label, int] = {label: place for place, label in enumerate(train.distinct)}
    if classes is not None:
        table = {(name if train.kind == "strings" else place): place for place, name in enumerate(names)}
        for label in train.distinct:
            if label not in table:
                raise UsageError(f"{train.where(label)}, which is not a class: {_hint(label, names)}")
        if missing := sorted(map(table.__getitem__, table.keys() - train.distinct)):
            never = few(repr(names[place]) for place in missing)
            raise UsageError(
                f"train labels: no sample has the class {never}; the labels are {shown}, and the classes {few(names)}"
            )
    for part in others:
        if part.kind != train.kind:
            raise UsageError(f"{part.part} labels: expected {train.kind}, as in train, got {part.kind}")
        for label in part.distinct:
            if label not in table:
                raise UsageError(f"{part.where(label)}, which does not occur in train; its labels are {shown}")
    return names, [np.array([table[label] for label in part.distinct], np.int64)[part.places] for part in parts]


def declared(classes: Sequence[str]) -> tuple[str, ...]:
    """The declared names, none of them blank or a duplicate."""
    first: dict[str, int] = {}
    for place, name in enumerate(classes):
        if not name.strip():
            raise UsageError(f"classes: name {place} is {describe_value(name)}, which is blank")
        if first.setdefault(name, place) != place:
            raise UsageError(f"classes: names {first[name]} and {place} are both {describe_value(name)}")
    return tuple(first)


def _hint(label: Label, names: Sequence[str]) -> str:
    """What labels can be if `names` were declared."""
    if isinstance(label, str):
        meant = nearest(label, names)
        return f"these are {few(names)}" + (f"; did you mean {meant!r}?" if meant else "")
    return f"integers are indices into the list of {len(names)} classes, 0 to {len(names) - 1}"


def _flatter(array: NDArray[Any]) -> str:
    """A hint for two-dimensional labels."""
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        return ""
    if array.shape[1] == 1:
        return "; take labels[:, 0]"
    is_one_hot = array.size and ((array != 0).sum(axis=1) == 1).all()
    return "; these are one-hot: take labels.argmax(axis=1), or say task='multilabel'" if is_one_hot else ""


def _whole(array: NDArray[Any]) -> str:
    """A hint for labels that are floats."""
    if array.dtype.kind != "f":
        return ""
    broken = np.flatnonzero(~np.isfinite(array) | (array != np.trunc(array)))
    if len(broken):
        return f": sample {broken[0]} has the label {array[broken[0]]}"
    return "; these are whole numbers: take labels.astype(int) for classes, or say task='regression' for values"


def _texts(what: str, values: ArrayLike) -> NDArray[np.str_]:
    """Strings, from objects that must all be strings."""
    items = np.asarray(values, dtype=object).tolist()
    for sample, item in enumerate(items):
        if not isinstance(item, str):
            raise UsageError(f"{what}: {EXPECTED}, got objects: sample {sample} has the label {describe_value(item)}")
    return np.array(items, dtype=np.str_)


def _decoded(what: str, array: NDArray[Any]) -> NDArray[np.str_]:
    """Strings, from bytes in UTF-8."""
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{what}: bytes must be UTF-8: {error}") from error
