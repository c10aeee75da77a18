"""Data sets, as arrays in memory."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from nas.arguments import checked
from nas.arrays import as_array
from nas.data.groups import read_groups
from nas.data.held_out import held_out, held_out_groups
from nas.data.pool import Pool
from nas.data.samples import Samples, moments
from nas.errors import UsageError, few
from nas.ops import Shape
from nas.tasks import AUTO, Task, pick_task

Share = Annotated[float, Field(gt=0, lt=1)]
"""The fraction of the samples that a part has."""


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in three parts, and the task that networks are trained for.

    Attributes:
        name: for reports.
        train: the training samples.
        val: the validation samples, on which architectures and epochs are selected.
        test: the test samples, used once, for the selected network; None if there are none.
        task: what is predicted, with the names of the outputs (such as the classes).
        groups: the group of each training sample, then of each validation sample, from 0, `(N,)` int64: samples of one
            group, such as the recordings of one speaker, belong on one side of a split. None: there are no groups.
    """

    name: str
    train: Samples
    val: Samples
    test: Samples | None
    task: Task
    groups: NDArray[np.int64] | None = None

    @property
    def shape(self) -> Shape:
        """The shape of one sample: `(F,)`, `(C, L)` or `(C, H, W)`."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs of a network: the classes, or the targets of a regression."""
        return self.task.outputs

    @cached_property
    def mean(self) -> NDArray[np.float32]:
        """The mean of the training inputs per channel (per feature, if inputs are flat), `(C, 1, ...)`."""
        return self._moments[0]

    @cached_property
    def std(self) -> NDArray[np.float32]:
        """The standard deviation of the training inputs, likewise; 1 for constant channels."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return moments(self.train.inputs)

    @cached_property
    def pool(self) -> Pool:
        """The training and validation samples as one part: what cross-validation divides."""
        return Pool(self.train, self.val, self.task)

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of all samples, their split, their groups and the names of the outputs."""
        digest = hashlib.sha256(repr(self.outputs).encode())
        for samples in (self.train, self.val, self.test):
            for array in samples or ():
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        if self.groups is not None:
            digest.update(b"groups" + self.groups.tobytes())
        return digest.hexdigest()


@checked
def from_arrays(
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    val: tuple[ArrayLike, ArrayLike] | None = None,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    groups: ArrayLike | None = None,
    val_groups: ArrayLike | None = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
    val_share: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from arrays.

    Args:
        inputs: `(N, F)` features or token indices, `(N, C, L)` sequences or `(N, C, H, W)` images. uint8 is kept; other
            numbers are converted to float32.
        targets: for classification, `(N,)` integers, booleans or strings, in which every class occurs; for regression,
            `(N,)` or `(N, K)` numbers, which are converted to float32.
        val: inputs and targets for validation; None: a fraction `val_share` of the samples is split off, stratified by
            class.
        test: inputs and targets for the final test.
        groups: `(N,)` integers or strings: the group of each of the samples. Samples of one group are on one side of
            each split: that into training and validation part, where whole groups are drawn and not stratified by
            class, and those of a cross-validation.
        val_groups: the groups of `val`, if that is given.
        task: `classification` or `regression`; `auto`: regression if the targets are floats, not all of them integral.
        classes: their names. Integer labels are then indices into this list, from 0, and strings are names in it. None:
            the classes are the distinct labels in `targets`, sorted.
        name: for reports.
        val_share: the fraction of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: shapes, lengths, targets or values do not form a data set; says which and where.
    """
    given = {"train": (inputs, targets), "val": val, "test": test}
    arrays = {part: _inputs(part, pair[0]) for part, pair in given.items() if pair is not None}
    for part, array in arrays.items():
        if array.shape[1:] != arrays["train"].shape[1:]:
            shapes = f"{arrays['train'].shape[1:]} in train, {array.shape[1:]} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in shape: {shapes}")
        if array.dtype != arrays["train"].dtype:
            types = f"{arrays['train'].dtype} in train, {array.dtype} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in type: {types}")
    chosen = pick_task(task, targets)
    names, read = chosen.read(
        {part: pair[1] for part, pair in given.items() if pair is not None},
        {part: len(array) for part, array in arrays.items()},
        classes,
    )
    parts = {part: Samples(array, read[part]) for part, array in arrays.items()}
    train = parts["train"]
    grouped = read_groups(groups, val_groups, len(train), None if val is None else len(parts["val"]))
    if val is None:
        first, second = _split_rows(
            train.targets if chosen.stratified else None,
            len(train),
            val_share,
            seed=seed,
            what="val_share",
            classes=names,
            groups=grouped,
        )
        parts["val"], train = _take(train, second), _take(train, first)
        grouped = None if grouped is None else grouped[np.concatenate([first, second])]
    return Dataset(name, train, parts["val"], parts.get("test"), chosen.fitted(names, train.targets), grouped)


def split(
    samples: Samples,
    share: float,
    *,
    seed: int,
    what: str = "share",
    classes: Sequence[str] | None = None,
    stratified: bool = True,
) -> tuple[Samples, Samples]:
    """Splits samples at random into two parts, of which the second has the fraction `share`.

    Args:
        samples: with at least two samples of each class, if the split is stratified.
        share: in (0, 1).
        seed: of the split.
        what: the name of the share in errors.
        classes: the names of the classes, for errors; None: their indices are shown.
        stratified: whether both parts have the same proportions of classes.

    Raises:
        UsageError: a class has a single sample, the first part would lack a class, or the second part would be smaller
            than the number of classes.
    """
    labels = samples.targets if stratified else None
    first, second = _split_rows(labels, len(samples), share, seed=seed, what=what, classes=classes)
    return _take(samples, first), _take(samples, second)


def _split_rows(
    labels: NDArray[np.int64] | None,
    samples: int,
    share: float,
    *,
    seed: int,
    what: str,
    classes: Sequence[str] | None,
    groups: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the two parts of a `split`, ascending; with `groups`, whole groups are drawn.

    Args:
        labels: the classes, of which the first part must have each; None: there are no classes.
    """
    if not 0 < share < 1:
        raise UsageError(f"{what} must be between 0 and 1, got {share}")
    refused = f"{what}: {samples} samples cannot be split by {share}"
    shown, places, counts = np.unique(
        np.zeros(samples, np.int64) if labels is None else labels, return_inverse=True, return_counts=True
    )
    if groups is None:
        if labels is not None and len(lone := shown[counts == 1]):
            raise UsageError(f"{refused}: expected two or more of each class, got one of {_called(lone, classes)}")
        held = math.ceil(share * samples)
        remaining = samples - held
        if min(held, remaining) < len(shown):
            least = "one sample" if len(shown) == 1 else f"one of each of the {len(shown)} classes"
            raise UsageError(f"{refused}: expected parts with at least {least}, got {remaining} and {held} samples")
        second = held_out(places, held, seed=seed)
    else:
        if len(np.unique(groups)) < 2:
            raise UsageError(f"{refused}: expected two or more groups, got 1")
        second = held_out_groups(groups, share, seed=seed)
    first = np.setdiff1d(np.arange(samples), second)
    if len(gone := np.delete(shown, places[first])):
        raise UsageError(f"{refused}: no training sample would remain of {_called(gone, classes)}")
    return first, second


def _called(labels: NDArray[np.int64], classes: Sequence[str] | None) -> str:
    """Classes by name or index, for an error."""
    return few(repr(classes[label]) if classes is not None else label for label in labels)


def _take(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    return Samples(samples.inputs[rows], samples.targets[rows])


def _inputs(part: str, inputs: ArrayLike) -> NDArray[Any]:
    """The inputs of a part, as uint8 if they are, else as float32."""
    what = f"{part} inputs"
    x = as_array(what, inputs)
    if not 2 <= x.ndim <= 4:
        raise UsageError(f"{what}: expected (N, F), (N, C, L) or (N, C, H, W), got shape {x.shape}")
    if not len(x):
        raise UsageError(f"{part}: there are no samples")
    if not x.size:
        raise UsageError(f"{what}: samples of shape {x.shape[1:]} have no values")
    if x.dtype != np.uint8:
        if x.dtype.kind not in "biuf":
            raise UsageError(f"{what}: expected numbers, got {x.dtype}")
        with np.errstate(over="ignore"):  # values out of range become infinite, and are reported below
            x = x.astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
        if len(bad):
            raise UsageError(f"{what}: sample {bad[0]} has a value that is not finite ({len(bad)} have)")
    # Always copies: a later change of the caller's array must not change the data set, which has a fingerprint.
    return np.array(x, order="C")
