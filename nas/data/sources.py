"""Named data sets: what `data:` in a run file may be."""

import inspect
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nas.archive import open_npz
from nas.arguments import Seed, checked
from nas.data.dataset import Dataset, Samples, from_arrays, split
from nas.errors import UsageError, nearest
from nas.settings import Registry
from nas.tasks import AUTO

VAL = "val_inputs", "val_labels"
TEST = "test_inputs", "test_labels"
"""Keys of the parts that an archive need not have."""

Share = Annotated[float, Field(gt=0, lt=1)]


@checked
def digits(*, val_share: Share = 0.2, test_share: Share = 0.2, split_seed: Seed = 0) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels, 0 to 16, that ship with scikit-learn (UCI, Alpaydin & Kaynak 1998).

    The set has no split of its own: `test_share` of all and `val_share` of the rest are set aside, stratified.
    """
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images, labels = loaded.images, loaded.target
    everything = Samples(images[:, None].astype(np.uint8), labels.astype(np.int64))
    rest, test = split(everything, test_share, seed=split_seed, what="test_share")
    return from_arrays(*rest, test=test, name="digits", val_share=val_share, seed=split_seed)


@checked
def npz(
    *,
    path: Path,
    train_inputs: str = "train_inputs",
    train_labels: str = "train_labels",
    val_inputs: str = VAL[0],
    val_labels: str = VAL[1],
    test_inputs: str = TEST[0],
    test_labels: str = TEST[1],
    channels: Literal["first", "last"] = "first",
    sequences: bool = False,
    task: str = AUTO,
    classes: list[str] | None = None,
    val_share: Share = 0.2,
    split_seed: Seed = 0,
) -> Dataset:
    """Arrays of a NumPy archive under the given keys.

    The keys of `val` and `test` may be absent, unless others are named than the usual ones: `val` is then split off,
    and there is no test set. Images may be `(N, H, W)`, which are taken as one channel, or `(N, H, W, C)` with
    `channels: last`. With `sequences`, three axes are `(N, C, L)`; with `channels: last` they are `(N, L, C)` anyway.
    Labels, which are numbers in a regression, `task` and `classes` are those of `from_arrays`. Nothing is unpickled.

    Raises:
        UsageError: no such file, no such key, or arrays that are no data set.
        IntegrityError: the file is not an archive of plain arrays.
        StorageError: the file cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    with open_npz(path) as archive:
        keys = archive.names

        def part(inputs: str, labels: str, *, needed: bool) -> tuple[str, str] | None:
            missing = [key for key in (inputs, labels) if key not in keys]
            if missing and (needed or len(missing) == 1):
                raise UsageError(f"{path}: there is no array {missing[0]!r}; it has {', '.join(keys) or 'none'}")
            return None if missing else (inputs, labels)

        train = train_inputs, train_labels
        part(*train, needed=True)
        # A key that was named has to be there: data to report on would be left out by a letter.
        val = part(val_inputs, val_labels, needed=(val_inputs, val_labels) != VAL)
        test = part(test_inputs, test_labels, needed=(test_inputs, test_labels) != TEST)
        arrays = archive.arrays(key for pair in (train, val, test) for key in pair or ())

    def samples(pair: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
        return _channels_first(arrays[pair[0]], channels, sequences=sequences), arrays[pair[1]]

    return from_arrays(
        *samples(train),
        val=val and samples(val),
        test=test and samples(test),
        task=task,
        classes=classes,
        name=path.stem,
        val_share=val_share,
        seed=split_seed,
    )


def _channels_first(images: np.ndarray, channels: str, *, sequences: bool) -> np.ndarray:
    if images.ndim == 3 and channels == "first" and not sequences:
        return images[:, None]
    return np.moveaxis(images, -1, 1) if channels == "last" and images.ndim > 2 else images


DATASETS: Registry[Dataset] = Registry(Dataset, "data set", {"digits": digits, "npz": npz}, supplied=("task",))
"""The table of data sets, by the name that they have in a run file."""


@checked
def load_data(name: str, **options: object) -> Dataset:
    """The data set of this name; `options` are those of its loader. Raises UsageError for an unknown name or option."""
    if name not in DATASETS:
        known = nearest(name, DATASETS)
        hint = f"; did you mean {known!r}?" if known else ""
        raise UsageError(f"no data set is named {name!r}; there are {', '.join(DATASETS)}{hint}")
    try:
        inspect.signature(DATASETS[name]).bind(**options)
    except TypeError as error:
        settings = ", ".join(inspect.signature(DATASETS[name]).parameters)
        raise UsageError(f"data set {name!r}: {error}; its settings are {settings}") from error
    return DATASETS[name](**options)
