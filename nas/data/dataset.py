"""Data sets for classification, as arrays in memory."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import checked
from nas.errors import UsageError
from nas.ops import Shape


class Samples(NamedTuple):
    """Inputs `(N, *shape)` as uint8 or float32, channels first, and labels `(N,)` as int64."""

    inputs: NDArray[Any]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to train on, to choose by, and to report on at the very end.

    Attributes:
        name: for reports.
        train: what networks are trained on.
        val: what architectures and epochs are chosen by.
        test: touched once, for the network that is handed over; None: there is none.
        classes: their names, in the order of the labels.
    """

    name: str
    train: Samples
    val: Samples
    test: Samples | None
    classes: tuple[str, ...]

    @property
    def shape(self) -> Shape:
        """Shape of one sample: `(F,)`, `(C, L)` or `(C, H, W)`."""
        return tuple(self.train.inputs.shape[1:])

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
        """64 hexadecimal digits (SHA-256) of all samples, their split and the class names."""
        digest = hashlib.sha256(repr(self.classes).encode())
        for samples in (self.train, self.val, self.test):
            for array in samples or ():
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@checked
def from_arrays(
    inputs: ArrayLike,
    labels: ArrayLike,
    *,
    val: tuple[ArrayLike, ArrayLike] | None = None,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    classes: Sequence[str] | None = None,
    name: str = "arrays",
    val_share: float = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from arrays.

    Args:
        inputs: `(N, F)` features or token numbers, `(N, C, L)` sequences or `(N, C, H, W)` images; bytes are kept, and
            all else becomes float32.
        labels: `(N,)` integers from 0.
        val: inputs and labels to choose by; None: a stratified `val_share` of the samples is set aside.
        test: inputs and labels for the final figure.
        classes: their names; None: the labels themselves.
        name: for reports.
        val_share: share of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: shapes, lengths, labels or values do not make a data set; says which and where.
    """
    train = _samples("train", inputs, labels)
    if val is None:
        train, chosen_by = split(train, val_share, seed=seed, what="val_share")
    else:
        chosen_by = _samples("val", *val)
    held_out = _samples("test", *test) if test is not None else None
    parts = {"train": train, "val": chosen_by, **({"test": held_out} if held_out else {})}
    for part, samples in parts.items():
        if samples.inputs.shape[1:] != train.inputs.shape[1:]:
            shapes = f"{train.inputs.shape[1:]} in train, {samples.inputs.shape[1:]} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in shape: {shapes}")
        if samples.inputs.dtype != train.inputs.dtype:
            types = f"{train.inputs.dtype} in train, {samples.inputs.dtype} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in type: {types}")
    count = 1 + max(int(samples.labels.max()) for samples in parts.values())
    if classes is None and count > (most := sum(map(len, parts.values()))):
        raise UsageError(f"data set {name!r}: a label is {count - 1}, and {most} samples cannot show so many classes")
    names = tuple(map(str, classes if classes is not None else range(count)))
    if len(names) < max(count, 2):
        raise UsageError(f"data set {name!r}: expected names of {max(count, 2)} classes or more, got {len(names)}")
    return Dataset(name, train, chosen_by, held_out, names)


def split(samples: Samples, share: float, *, seed: int, what: str = "share") -> tuple[Samples, Samples]:
    """The samples in two parts with the same proportion of classes; the second part has `share` of them.

    Raises:
        UsageError: the share leaves a part, or a class in a part, without samples.
    """
    from sklearn.model_selection import train_test_split

    if not 0 < share < 1:
        raise UsageError(f"{what} must lie between 0 and 1, got {share}")
    try:
        first, second = train_test_split(
            np.arange(len(samples)), test_size=share, random_state=seed, stratify=samples.labels
        )
    except ValueError as error:
        raise UsageError(f"{what}: {len(samples)} samples cannot be split by {share}: {error}") from error
    first.sort()
    second.sort()
    return _take(samples, first), _take(samples, second)


def _take(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    return Samples(samples.inputs[rows], samples.labels[rows])


def _samples(part: str, inputs: ArrayLike, labels: ArrayLike) -> Samples:
    """Checked arrays, uint8 kept and all else as float32."""
    try:
        x, y = np.asarray(inputs), np.asarray(labels)
    except ValueError as error:
        raise UsageError(f"{part}: inputs or labels are no array: {error}") from error
    if not 2 <= x.ndim <= 4:
        raise UsageError(f"{part} inputs: expected (N, F), (N, C, L) or (N, C, H, W), got shape {x.shape}")
    if y.shape != x.shape[:1]:
        raise UsageError(f"{part} labels: expected one a sample, shape ({len(x)},), got {y.shape}")
    if not len(x):
        raise UsageError(f"{part}: there are no samples")
    if not x.size:
        raise UsageError(f"{part} inputs: samples of shape {x.shape[1:]} hold no values")
    if x.dtype != np.uint8:
        if not (np.issubdtype(x.dtype, np.number) or x.dtype == np.bool_) or np.iscomplexobj(x):
            raise UsageError(f"{part} inputs: expected numbers, got {x.dtype}")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is reported below
            x = x.astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
        if len(bad):
            raise UsageError(f"{part} inputs: sample {bad[0]} has a value that is not finite ({len(bad)} have)")
    if not np.issubdtype(y.dtype, np.integer):
        raise UsageError(f"{part} labels: expected integers, got {y.dtype}")
    if y.min() < 0:
        raise UsageError(f"{part} labels: sample {int(y.argmin())} has the label {y.min()}; labels count from 0")
    if y.max() > np.iinfo(np.int64).max:
        raise UsageError(f"{part} labels: sample {int(y.argmax())} has the label {y.max()}, which is no class")
    # Always copies: what the caller does to an array of its own must not change a data set under its fingerprint.
    return Samples(np.array(x, order="C"), y.astype(np.int64))
