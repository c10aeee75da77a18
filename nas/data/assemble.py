"""A data set from raw samples: they are divided into parts, and prepared by what the training part says."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.data.dataset import Dataset
from nas.data.groups import read_groups
from nas.data.origin import Origin, origin_of
from nas.data.preparation import Preparation
from nas.data.prepared import prepare
from nas.data.raw import RawInputs
from nas.data.samples import Samples
from nas.data.split import Split, divide
from nas.data.storage import IN_MEMORY, Storage
from nas.tasks import AUTO, Task, pick_task


@dataclass(frozen=True, eq=False)
class RawPart:
    """Samples that are not prepared yet.

    Attributes:
        inputs: their raw inputs.
        targets: their targets, as the task reads them.
        groups: the group of each sample, integers or strings; None: there are no groups.
        times: the time of each sample, as numbers or `datetime64`; None: the samples have no order.
        origin: where they come from; None: the inputs say it, or the samples are numbered.
    """

    inputs: RawInputs
    targets: ArrayLike
    groups: ArrayLike | None = None
    times: NDArray[Any] | None = None
    origin: Origin | None = None


@dataclass(frozen=True, eq=False)
class _Piece:
    """Where a part of the data set comes from: rows of a given part; None: all of them."""

    of: str
    rows: NDArray[np.intp] | None = None

    def take(self, given: Any) -> Any:
        return given if self.rows is None else given[self.rows]


@dataclass(frozen=True, eq=False)
class Divided:
    """Samples in the parts of a data set, not prepared yet. The given parts that they come from are not kept.

    Attributes:
        task: what is predicted.
        inputs: the raw inputs of each part.
        targets: the targets of each part, as networks are trained on them.
        groups: of the training samples, then of the validation samples; None: there are none.
        times: likewise.
        origins: where the samples of each part come from.
        chosen: which samples each part has, as 64 hexadecimal digits.
    """

    task: Task
    inputs: Mapping[str, RawInputs]
    targets: Mapping[str, NDArray[Any]]
    groups: NDArray[np.int64] | None
    times: NDArray[Any] | None
    origins: Mapping[str, Origin]
    chosen: str


def assemble(
    name: str,
    parts: Mapping[str, RawPart],
    fit: Callable[[Any], Preparation] | None,
    split: Split,
    *,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
    notes: Sequence[str] = (),
    storage: Storage = IN_MEMORY,
    content: str | None = None,
) -> Dataset:
    """A data set from raw samples: `divide_parts`, then `prepare_parts`, which describe the arguments and errors."""
    divided = divide_parts(parts, split, task=task, classes=classes, target_names=target_names)
    return prepare_parts(name, divided, fit, notes=notes, storage=storage, content=content)


def divide_parts(
    parts: Mapping[str, RawPart],
    split: Split,
    *,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
) -> Divided:
    """The parts of a data set.

    Args:
        parts: `train`, and those of `val` and `test` that are given. A test part is split off first if there is none,
            then a validation part.
        split: how parts are split off.
        task: the name of the task; `auto`: the targets decide.
        classes: declared names of classes.
        target_names: names of the targets of a regression or of several labels, such as their columns.

    Raises:
        UsageError: the targets are not those of the task, or the samples cannot be divided.
    """
    order = [part for part in ("train", "val", "test") if part in parts]
    chosen = pick_task(task, parts["train"].targets)
    names, targets = chosen.read(
        {part: parts[part].targets for part in order},
        {part: len(parts[part].inputs) for part in order},
        classes,
        target_names,
    )
    groups = _groups(parts)
    pieces = {part: _Piece(part) for part in order}
    for part, share in (("test", split.test_share), ("val", split.val_share)):
        if part in pieces or share is None:
            continue
        train = pieces["train"]
        known = [targets["train"] if chosen.stratified else None, groups.get("train"), parts["train"].times]
        labels, grouped, times = (None if one is None else train.take(one) for one in known)
        first, second = divide(
            labels,
            len(train.take(targets["train"])),
            share,
            seed=split.split_seed,
            what=f"{part}_share",
            classes=names,
            groups=grouped,
            times=times,
        )
        if train.rows is not None:
            first, second = train.rows[first], train.rows[second]
        pieces |= {"train": _Piece("train", first), part: _Piece("train", second)}
    raws = {part: piece.take(parts[piece.of].inputs) for part, piece in pieces.items()}
    read = {part: piece.take(targets[piece.of]) for part, piece in pieces.items()}
    del targets  # the parts have their own
    known_times = {part: one.times for part, one in parts.items() if one.times is not None}
    return Divided(
        chosen.fitted(names, read["train"]),
        {part: raws[part] for part in ("train", "val", "test") if part in raws},
        read,
        _pooled(groups, pieces),
        _pooled(known_times, pieces),
        {part: _origin(parts, piece, raws[part]) for part, piece in pieces.items()},
        _chosen(pieces),
    )


def prepare_parts(
    name: str,
    divided: Divided,
    fit: Callable[[Any], Preparation] | None,
    *,
    notes: Sequence[str] = (),
    storage: Storage = IN_MEMORY,
    content: str | None = None,
) -> Dataset:
    """A data set from the raw samples of its parts.

    Args:
        name: for reports.
        divided: the samples.
        fit: makes the preparation from the raw inputs of the training samples; None: raw inputs are prepared arrays.
        notes: what the data set says of how it was read (`Dataset.notes`).
        storage: where the prepared inputs are kept.
        content: a hash of the files that the raw inputs come from, and of all that decides how they are read and
            prepared (`nas.data.content`): what the cache knows prepared inputs by. None: they are not put into it.

    Raises:
        UsageError: the samples cannot be prepared.
    """
    raws = divided.inputs
    inputs: Mapping[str, Any] = raws
    preparation = None
    if fit is not None:
        key = None if content is None else hashlib.sha256(f"{content}{divided.chosen}".encode()).hexdigest()
        preparation, inputs, kept = prepare(raws, fit, storage, key)
        notes = [*notes, *filter(None, (preparation.note, kept))]
    samples = {part: Samples(inputs[part], divided.targets[part]) for part in raws}
    return Dataset(
        name,
        samples["train"],
        samples["val"],
        samples.get("test"),
        divided.task,
        divided.groups,
        preparation,
        {} if preparation is None else raws,
        tuple(notes),
        divided.origins,
        times=divided.times,
    )


def _pooled(known: Mapping[str, NDArray[Any]], pieces: Mapping[str, _Piece]) -> NDArray[Any] | None:
    """What is known of each sample, of the training samples, then of the validation samples; None: nothing is."""
    if not known:
        return None
    return np.concatenate([pieces[part].take(known[pieces[part].of]) for part in ("train", "val")])


def _origin(parts: Mapping[str, RawPart], piece: _Piece, raw: RawInputs) -> Origin:
    """Where the samples of a part of the data set come from."""
    given = parts[piece.of]
    what = f"{piece.of} row" if len(parts) > 1 else "row"
    numbers: NDArray[np.integer[Any]]
    if given.origin is None:
        numbers = np.arange(len(given.inputs))
    else:
        what, numbers = given.origin.what, given.origin.numbers
    return origin_of(raw, Origin(what, piece.take(numbers)))


def _groups(parts: Mapping[str, RawPart]) -> Mapping[str, NDArray[np.int64]]:
    """The groups of the given training and validation samples, numbered from 0; none if there are none."""
    train, val = parts["train"], parts.get("val")
    numbered = read_groups(
        train.groups,
        None if val is None else val.groups,
        len(train.inputs),
        None if val is None else len(val.inputs),
    )
    if numbered is None:
        return {}
    count = len(train.inputs)
    return {"train": numbered[:count], "val": numbered[count:]}


def _chosen(pieces: Mapping[str, _Piece]) -> str:
    """Which samples each part has, as 64 hexadecimal digits: with whence they come, they name an entry of the cache."""
    digest = hashlib.sha256()
    for part, piece in sorted(pieces.items()):
        digest.update(f"{part} {piece.of}".encode())
        digest.update(b"all" if piece.rows is None else np.ascontiguousarray(piece.rows, np.int64).data)
    return digest.hexdigest()
