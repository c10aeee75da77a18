"""Data sets in NumPy archives."""

from pathlib import Path
from typing import Literal

import numpy as np

from nas.archive import open_npz
from nas.arguments import Seed, checked
from nas.data.dataset import Dataset
from nas.data.sources.arrays import from_arrays
from nas.data.split import Share
from nas.errors import UsageError
from nas.tasks import AUTO

VAL = "val_inputs", "val_labels"
TEST = "test_inputs", "test_labels"
"""Default keys of the parts that an archive may lack."""
GROUPS = "train_groups", "val_groups"
"""Default keys of groups, which an archive may lack."""


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
    train_groups: str = GROUPS[0],
    val_groups: str = GROUPS[1],
    channels: Literal["first", "last"] = "first",
    sequences: bool = False,
    task: str = AUTO,
    classes: list[str] | None = None,
    val_share: Share = 0.2,
    split_seed: Seed = 0,
) -> Dataset:
    """The arrays of a NumPy archive under the given keys.

    If the keys of the validation part are absent, it is split off from the training part; if those of the test part are
    absent, there is none. Keys other than the defaults must be present. Images may be `(N, H, W)`, which are read as
    one channel, or `(N, H, W, C)` with `channels: last`. With `sequences`, three-dimensional arrays are `(N, C, L)`;
    with `channels: last` they are `(N, L, C)` in any case. Labels (numbers, for regression), groups, `task` and
    `classes` are as in `from_arrays`; groups are optional. Nothing is unpickled.

    Raises:
        UsageError: the file or a key does not exist, or the arrays do not form a data set.
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
        # A key that the user names must exist: a typo would silently drop the test data.
        val = part(val_inputs, val_labels, needed=(val_inputs, val_labels) != VAL)
        test = part(test_inputs, test_labels, needed=(test_inputs, test_labels) != TEST)
        wanted = (train_groups, GROUPS[0]), (val_groups, GROUPS[1])
        for key, default in wanted:
            if key not in keys and key != default:
                raise UsageError(f"{path}: there is no array {key!r}; it has {', '.join(keys)}")
        grouped = [key for key, _ in wanted if key in keys]
        arrays = archive.arrays([*(key for pair in (train, val, test) for key in pair or ()), *grouped])

    def samples(pair: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
        return _channels_first(arrays[pair[0]], channels, sequences=sequences), arrays[pair[1]]

    return from_arrays(
        *samples(train),
        val=val and samples(val),
        test=test and samples(test),
        groups=arrays.get(train_groups),
        val_groups=arrays.get(val_groups),
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
