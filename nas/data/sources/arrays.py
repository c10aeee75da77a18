"""Data sets from arrays in Python."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import checked
from nas.arrays import as_array
from nas.data.assemble import assemble
from nas.data.dataset import Dataset
from nas.data.sources.given import given_parts
from nas.data.split import Share, Split
from nas.errors import UsageError
from nas.tasks import AUTO


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
    val_share: Share = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from arrays.

    Args:
        inputs: `(N, F)` features or token indices, `(N, C, L)` sequences or `(N, C, H, W)` images. uint8 is kept; other
            numbers are converted to float32.
        targets: for classification, `(N,)` integers, booleans or strings, in which every class occurs; for several
            labels, a table `(N, K)` of 0 and 1, or a list of labels for each sample (`nas.tasks.label_sets`); for
            regression, `(N,)` or `(N, K)` numbers, which are converted to float32.
        val: inputs and targets for validation; None: a fraction `val_share` of the samples is split off, stratified by
            class.
        test: inputs and targets for the final test.
        groups: `(N,)` integers or strings: the group of each of the samples. Samples of one group are on one side of
            each split: that into training and validation part, where whole groups are drawn and not stratified by
            class, and those of a cross-validation.
        val_groups: the groups of `val`, if that is given.
        task: `classification`, `multilabel` or `regression`; `auto`: regression if the targets are floats, not all of
            them integral; several labels if they are lists, or a table of 0 and 1 that is not one-hot.
        classes: their names. Integer labels are then indices into this list, from 0, and strings are names in it. None:
            the classes are the distinct labels in `targets`, sorted.
        name: for reports.
        val_share: the fraction of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: shapes, lengths, targets or values do not form a data set; says which and where.
    """
    parts = given_parts(_inputs, (inputs, targets), val, test, groups, val_groups)
    arrays = {part: np.asarray(one.inputs) for part, one in parts.items()}
    for part, array in arrays.items():
        if array.shape[1:] != arrays["train"].shape[1:]:
            shapes = f"{arrays['train'].shape[1:]} in train, {array.shape[1:]} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in shape: {shapes}")
        if array.dtype != arrays["train"].dtype:
            types = f"{arrays['train'].dtype} in train, {array.dtype} in {part}"
            raise UsageError(f"data set {name!r}: samples differ in type: {types}")
    return assemble(name, parts, None, Split(val_share, None, seed), task=task, classes=classes)


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
