"""The labels of samples, and the classes that they stand for.

Labels are integers, booleans or texts. The classes of a data set are the labels that its training part shows, in their
order, or names that were declared. To train, a label becomes the place of its class, 0 to K - 1; the classes keep the
labels as their names.
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

EXPECTED = "expected integers, booleans or texts"
_KINDS = {"i": "integers", "u": "integers", "b": "booleans", "U": "texts"}


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of one part of a data set.

    Attributes:
        part: its name: `train`, `val` or `test`.
        kind: `integers`, `booleans` or `texts`.
        distinct: the labels that it shows, each once, in ascending order.
        places: where in `distinct` the label of each sample is, `(N,)`.
    """

    part: str
    kind: str
    distinct: Sequence[Label]
    places: NDArray[np.intp]

    def where(self, label: Label) -> str:
        """The first sample with this label, and the label, for an error."""
        sample = int(np.argmax(self.places == self.distinct.index(label)))
        return f"{self.part} labels: sample {sample} has the label {describe_value(label)}"


def read_labels(part: str, values: ArrayLike, samples: int) -> Labels:
    """The labels of a part of so many samples. Raises UsageError for what are no labels."""
    what = f"{part} labels"
    array = as_array(what, values)
    if array.shape != (samples,):
        raise UsageError(f"{what}: expected one a sample, shape ({samples},), got {array.shape}{_flatter(array)}")
    if array.dtype.kind == "S":
        array = _decoded(what, array)
    if array.dtype.kind in "OT" or (array.dtype.kind == "U" and not hasattr(values, "dtype")):
        array = _texts(what, values)  # NumPy makes texts of all that stands beside a text in a list
    if array.dtype.kind not in _KINDS:
        raise UsageError(f"{what}: {EXPECTED}, got {array.dtype}{_whole(array)}")
    distinct, places = np.unique(array, return_inverse=True)
    labels = Labels(part, _KINDS[array.dtype.kind], distinct.tolist(), places)
    for label in labels.distinct:
        if isinstance(label, str) and not label.strip():
            raise UsageError(f"{labels.where(label)}, which names nothing")
    return labels


def encode(parts: Sequence[Labels], classes: Sequence[str] | None) -> tuple[tuple[str, ...], list[NDArray[np.int64]]]:
    """The names of the classes, and for each part the class of each sample, `(N,)`, from 0.

    Args:
        parts: the training part, and the others.
        classes: names that were declared: integers are then places in this list, from 0 (and booleans 0 and 1), and
            texts are names in it. None: the labels of the training part.

    Training has to show every class, also of those that were declared. A network learns no other, and would be judged
    by samples that it cannot get right; and where a list is one name too long, nothing else tells that its integers
    count from 1. Of a subset without some classes, leave `classes` out, or list those that are left, with texts as
    labels.

    Raises:
        UsageError: fewer than two classes, two of one name, a label that is no class, one that training does not
            show, or parts with labels of different kinds.
    """
    train, *others = parts
    names = _declared(classes) if classes is not None else tuple(map(str, train.distinct))
    shown = few(train.distinct)
    if len(names) < 2:
        raise UsageError(f"expected 2 classes or more, got {len(names)}; the labels of train are {shown}")
    table: dict[Label, int] = {label: place for place, label in enumerate(train.distinct)}
    if classes is not None:
        table = {(name if train.kind == "texts" else place): place for place, name in enumerate(names)}
        for label in train.distinct:
            if label not in table:
                raise UsageError(f"{train.where(label)}, which is no class: {_hint(label, names)}")
        if missing := sorted(map(table.__getitem__, table.keys() - train.distinct)):
            never = few(repr(names[place]) for place in missing)
            raise UsageError(
                f"train labels: no sample is of the class {never}; the labels are {shown}, and the classes {few(names)}"
            )
    for part in others:
        if part.kind != train.kind:
            raise UsageError(f"{part.part} labels: expected {train.kind}, as in train, got {part.kind}")
        for label in part.distinct:
            if label not in table:
                raise UsageError(f"{part.where(label)}, which train does not show; it shows {shown}")
    return names, [np.array([table[label] for label in part.distinct], np.int64)[part.places] for part in parts]


def _declared(classes: Sequence[str]) -> tuple[str, ...]:
    """The names of classes, all of them names and each of them once."""
    first: dict[str, int] = {}
    for place, name in enumerate(classes):
        if not name.strip():
            raise UsageError(f"classes: name {place} is {describe_value(name)}, which names nothing")
        if first.setdefault(name, place) != place:
            raise UsageError(f"classes: names {first[name]} and {place} are both {describe_value(name)}")
    return tuple(first)


def _hint(label: Label, names: Sequence[str]) -> str:
    """What labels are where `names` were declared."""
    if isinstance(label, str):
        meant = nearest(label, names)
        return f"these are {few(names)}" + (f"; did you mean {meant!r}?" if meant else "")
    return f"integers are places in the list of {len(names)} classes, 0 to {len(names) - 1}"


def _flatter(array: NDArray[Any]) -> str:
    """A hint for labels with two axes."""
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        return ""
    if array.shape[1] == 1:
        return "; take labels[:, 0]"
    is_one_hot = array.size and ((array != 0).sum(axis=1) == 1).all()
    return "; these are one-hot: take labels.argmax(axis=1)" if is_one_hot else ""


def _whole(array: NDArray[Any]) -> str:
    """A hint for labels that are floats."""
    if array.dtype.kind != "f":
        return ""
    broken = np.flatnonzero(~np.isfinite(array) | (array != np.trunc(array)))
    if len(broken):
        return f": sample {broken[0]} has the label {array[broken[0]]}"
    return "; these are whole numbers: take labels.astype(int) for classes, or say task='regression' for values"


def _texts(what: str, values: ArrayLike) -> NDArray[np.str_]:
    """Texts, of objects that all have to be some."""
    items = np.asarray(values, dtype=object).tolist()
    for sample, item in enumerate(items):
        if not isinstance(item, str):
            raise UsageError(f"{what}: {EXPECTED}, got objects: sample {sample} has the label {describe_value(item)}")
    return np.array(items, dtype=np.str_)


def _decoded(what: str, array: NDArray[Any]) -> NDArray[np.str_]:
    """Texts, of bytes."""
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{what}: texts in bytes have to be UTF-8: {error}") from error
