"""Data sets, as arrays in memory."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import checked
from nas.arrays import as_array
from nas.errors import UsageError, few
from nas.ops import Shape
from nas.tasks import AUTO, Task, pick_task


class Samples(NamedTuple):
    """Inputs `(N, *shape)` as uint8 or float32, channels first, and the targets of a task.

    Targets are the classes, `(N,)` int64, for classification, and `(N, K)` float32 for regression.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to train on, to choose by, and to report on at the very end.

    Attributes:
        name: for reports.
        train: what networks are trained on.
        val: what architectures and epochs are chosen by.
        test: touched once, for the network that is handed over; None: there is none.
        task: what is to be predicted, with the names of the outputs: the classes, say.
    """

    name: str
    train: Samples
    val: Samples
    test: Samples | None
    task: Task

    @property
    def shape(self) -> Shape:
        """Shape of one sample: `(F,)`, `(C, L)` or `(C, H, W)`."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what a network has an output for: the classes, or the targets."""
        return self.task.outputs

    @cached_property
    def mean(self) -> NDArray[np.float32]:
        """Mean of the training inputs of each channel (each feature of flat ones), shape `(C, 1, ...)`."""
        return self._moments[0]

    @cached_property
    def std(self) -> NDArray[np.float32]:
        """Standard deviation of the training inputs likewise; 1 where it is 0."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        axes = (0, *range(2, self.train.inputs.ndim))
        mean = self.train.inputs.mean(axis=axes, dtype=np.float64, keepdims=True)[0]
        std = self.train.inputs.std(axis=axes, dtype=np.float64, keepdims=True)[0]
        return mean.astype(np.float32), np.where(std > 0, std, 1).astype(np.float32)

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of all samples, their split and the names of the outputs."""
        digest = hashlib.sha256(repr(self.outputs).encode())
        for samples in (self.train, self.val, self.test):
            for array in samples or ():
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@checked
def from_arrays(
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    val: tuple[ArrayLike, ArrayLike] | None = None,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
    val_share: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from arrays.

    Args:
        inputs: `(N, F)` features or token numbers, `(N, C, L)` sequences or `(N, C, H, W)` images; bytes are kept, and
            all else becomes float32.
        targets: of classification `(N,)` integers, booleans or texts, of which the samples have to show every class; of
            regression `(N,)` or `(N, K)` numbers, which become float32.
        val: inputs and targets to choose by; None: a `val_share` of the samples is set aside, stratified by classes.
        test: inputs and targets for the final figure.
        task: `classification` or `regression`; `auto`: regression if the targets are floats that are not whole.
        classes: their names. Integers among the labels are then places in this list, from 0, and texts are names in it.
            None: the classes are the labels that `labels` shows, in their order, whatever they are.
        name: for reports.
        val_share: share of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: shapes, lengths, targets or values do not make a data set; says which and where.
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
    if val is None:
        train, parts["val"] = split(
            train, val_share, seed=seed, what="val_share", classes=names, stratified=chosen.stratified
        )
    return Dataset(name, train, parts["val"], parts.get("test"), chosen.fitted(names, train.targets))


def split(
    samples: Samples,
    share: float,
    *,
    seed: int,
    what: str = "share",
    classes: Sequence[str] | None = None,
    stratified: bool = True,
) -> tuple[Samples, Samples]:
    """The samples in two parts; the second part has `share` of them.

    Args:
        samples: two or more of each class, if parts are stratified.
        share: in (0, 1).
        seed: of the draw.
        what: names the share in errors.
        classes: their names, for errors; None: their numbers.
        stratified: whether both parts have the same proportion of classes.

    Raises:
        UsageError: a class has one sample, or the share leaves the first part without a class, or the second smaller
            than the number of classes.
    """
    from sklearn.model_selection import train_test_split

    if not 0 < share < 1:
        raise UsageError(f"{what} must lie between 0 and 1, got {share}")
    refused = f"{what}: {len(samples)} samples cannot be split by {share}"
    labels = samples.targets if stratified else np.zeros(len(samples), np.int64)
    shown, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if stratified and len(lone := shown[counts == 1]):
        raise UsageError(f"{refused}: expected two or more of each class, got one of {_called(lone, classes)}")
    try:
        first, second = train_test_split(
            np.arange(len(samples)), test_size=share, random_state=seed, stratify=labels if stratified else None
        )
    except ValueError as error:
        raise UsageError(f"{refused}: {error}") from error
    if len(gone := np.delete(shown, places[first])):
        raise UsageError(f"{refused}: nothing to train on is left of {_called(gone, classes)}")
    first.sort()
    second.sort()
    return _take(samples, first), _take(samples, second)


def _called(labels: NDArray[np.int64], classes: Sequence[str] | None) -> str:
    """Some classes, for an error."""
    return few(repr(classes[label]) if classes is not None else label for label in labels)


def _take(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    return Samples(samples.inputs[rows], samples.targets[rows])


def _inputs(part: str, inputs: ArrayLike) -> NDArray[Any]:
    """Inputs of a part, uint8 kept and all else as float32."""
    what = f"{part} inputs"
    x = as_array(what, inputs)
    if not 2 <= x.ndim <= 4:
        raise UsageError(f"{what}: expected (N, F), (N, C, L) or (N, C, H, W), got shape {x.shape}")
    if not len(x):
        raise UsageError(f"{part}: there are no samples")
    if not x.size:
        raise UsageError(f"{what}: samples of shape {x.shape[1:]} hold no values")
    if x.dtype != np.uint8:
        if x.dtype.kind not in "biuf":
            raise UsageError(f"{what}: expected numbers, got {x.dtype}")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is reported below
            x = x.astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
        if len(bad):
            raise UsageError(f"{what}: sample {bad[0]} has a value that is not finite ({len(bad)} have)")
    # Always copies: what the caller does to an array of its own must not change a data set under its fingerprint.
    return np.array(x, order="C")
