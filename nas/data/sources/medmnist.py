"""The archives of MedMNIST, and others with the same arrays."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nas.archive import open_npz
from nas.arguments import Seed, checked
from nas.data.assemble import RawPart, assemble
from nas.data.dataset import Dataset
from nas.data.split import Share, Split
from nas.errors import IntegrityError, StorageError, UsageError
from nas.tasks import AUTO


def recognise_medmnist(path: Path) -> str | None:
    """Recognises NumPy archives with the arrays `train_images` and `train_labels`."""
    if path.suffix.lower() != ".npz" or not path.is_file():
        return None
    try:
        with open_npz(path) as archive:
            known = {"train_images", "train_labels"} <= set(archive.names)
    except (IntegrityError, StorageError):
        return None
    return "it is a NumPy archive with train_images and train_labels" if known else None


@checked
def medmnist(
    *,
    path: Path,
    classes: list[str] | None = None,
    val_share: Share = 0.2,
    split_seed: Seed = 0,
    task: str = AUTO,
) -> Dataset:
    """Images in a NumPy archive with the arrays `train_images`, `train_labels`, `val_images` and so on.

    This is the form of the two-dimensional data sets of MedMNIST v2 (Yang et al. 2023), of any size, and of many copies
    of MNIST. Images are `(N, H, W)` or `(N, H, W, 3)`, uint8. Labels are `(N,)`, `(N, 1)` or, for several labels,
    `(N, K)`. Where the validation part is missing, it is split off.

    Args:
        path: the archive.
        classes: names of the classes or labels, in the order of their numbers or columns.
        val_share: the fraction of the training samples that becomes the validation part if there is none, in (0, 1).
        split_seed: seed of the random draws.
        task: the task of the networks.

    Raises:
        UsageError: the file or an array is missing, or the arrays are not images and labels.
        IntegrityError: the file is not an archive of plain arrays.
        StorageError: the file cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    parts: dict[str, RawPart] = {}
    with open_npz(path) as archive:
        for part in ("train", "val", "test"):
            images, labels = f"{part}_images", f"{part}_labels"
            missing = [key for key in (images, labels) if key not in archive.names]
            if missing and (part == "train" or len(missing) == 1):
                raise UsageError(
                    f"{path}: there is no array {missing[0]!r}; it has {', '.join(archive.names) or 'none'}"
                )
            if not missing:
                arrays = archive.arrays([images, labels])
                parts[part] = RawPart(_inputs(f"{path}: {images}", arrays[images]), _targets(arrays[labels]))
    return assemble(path.stem, parts, None, Split(val_share, None, split_seed), task=task, classes=classes)


def _inputs(what: str, images: NDArray[np.generic]) -> NDArray[np.generic]:
    if images.dtype != np.uint8 or not images.size or not (images.ndim == 3 or images.shape[3:] == (3,)):
        hint = "; volumes are not read" if images.ndim in (4, 5) else ""
        raise UsageError(
            f"{what}: expected uint8 of shape (N, H, W) or (N, H, W, 3), got {images.dtype} {images.shape}{hint}"
        )
    return images[:, None] if images.ndim == 3 else np.ascontiguousarray(np.moveaxis(images, -1, 1))


def _targets(labels: NDArray[np.generic]) -> NDArray[np.generic]:
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
