"""Images in idx files, as MNIST has them."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Seed, checked
from nas.data.assemble import RawPart, assemble
from nas.data.dataset import Dataset
from nas.data.reading.idx_file import read_idx
from nas.data.split import Share, Split
from nas.errors import StorageError, UsageError, few
from nas.tasks import AUTO

_NAME = re.compile(r"(?P<set>.*?)(?P<part>train|t10k|test)-(?P<what>images|labels)[-.]idx[13]-ubyte(\.gz)?")
_OFFICIAL = "train-images-idx3-ubyte"


def recognise_idx(path: Path) -> str | None:
    """Recognises folders with files that are named as those of MNIST."""
    try:
        return f"it has a file {_OFFICIAL} or the like" if path.is_dir() and _files(path) else None
    except StorageError:
        return None


@checked
def idx(
    *,
    path: Path,
    train_images: str | None = None,
    train_labels: str | None = None,
    test_images: str | None = None,
    test_labels: str | None = None,
    transposed: bool = False,
    classes: list[str] | None = None,
    val_share: Share = 0.2,
    split_seed: Seed = 0,
    task: str = AUTO,
) -> Dataset:
    """Images and labels in four idx files, such as those of MNIST, Fashion-MNIST, KMNIST and EMNIST.

    The official names are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and, for the test part,
    `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each as it is or with `.gz`. They are found in the folder, or
    in its folder `raw`. The validation part is split off from the training part.

    Args:
        path: the folder.
        train_images: the name of this file in the folder; `null`: the official one.
        train_labels: likewise.
        test_images: likewise; without official files, there is no test part.
        test_labels: likewise.
        transposed: whether images are stored column by column, as those of EMNIST are.
        classes: names of the classes, in the order of their numbers.
        val_share: the fraction of the training samples that becomes the validation part, in (0, 1).
        split_seed: seed of the random draws.
        task: the task of the networks.

    Raises:
        UsageError: a file is missing, or the arrays are not images and labels.
        IntegrityError: a file is damaged.
        StorageError: a file cannot be read.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such folder")
    given = {
        ("train", "images"): train_images,
        ("train", "labels"): train_labels,
        ("test", "images"): test_images,
        ("test", "labels"): test_labels,
    }
    found = _chosen(path, given)
    parts = {
        part: _part(found[part, "images"], found[part, "labels"], transposed=transposed)
        for part in ("train", "test")
        if (part, "images") in found
    }
    return assemble(path.name, parts, None, Split(val_share, None, split_seed), task=task, classes=classes)


def _part(images: Path, labels: Path, *, transposed: bool) -> RawPart:
    pixels, numbers = read_idx(images), read_idx(labels)
    if pixels.ndim != 3 or not pixels.size:
        raise UsageError(f"{images}: expected images of shape (N, H, W), got {pixels.shape}")
    if numbers.shape != (len(pixels),):
        raise UsageError(f"{labels}: expected a label for each of {len(pixels):,} images, got shape {numbers.shape}")
    if transposed:
        pixels = np.ascontiguousarray(pixels.transpose(0, 2, 1))
    inputs: NDArray[np.generic] = pixels[:, None]
    return RawPart(
        inputs if inputs.dtype == np.uint8 else inputs.astype(np.float32),
        numbers.astype(np.int64 if numbers.dtype.kind in "iu" else np.float64),
    )


def _chosen(path: Path, given: Mapping[tuple[str, str], str | None]) -> Mapping[tuple[str, str], Path]:
    """The file of the images and that of the labels of each part."""
    sets = _files(path)
    if len(sets) > 1 and not all(given.values()):
        raise UsageError(f"{path} has several data sets: {few(sets)}; name the four files, as in `train_images: FILE`")
    found: dict[tuple[str, str], Path] = dict(next(iter(sets.values()), {})) if len(sets) == 1 else {}
    for key, name in given.items():
        if name is not None:
            if not (path / name).is_file():
                raise UsageError(f"{path / name}: there is no such file")
            found[key] = path / name
    for part in ("train", "test"):
        missing = [what for what in ("images", "labels") if (part, what) not in found]
        if missing and (part == "train" or len(missing) == 1):
            raise UsageError(
                f"{path} has no file of the {part} {missing[0]}; expected {_OFFICIAL} and the like, or "
                f"`{part}_{missing[0]}: FILE`"
            )
    return found


def _files(path: Path) -> Mapping[str, Mapping[tuple[str, str], Path]]:
    """The files with official names in a folder or in its folder `raw`, for each data set that they belong to."""
    found: dict[str, dict[tuple[str, str], Path]] = {}
    try:
        for folder in (path, path / "raw"):
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                if (match := _NAME.fullmatch(file.name)) and file.is_file():
                    key = "train" if match["part"] == "train" else "test", match["what"]
                    found.setdefault(match["set"].rstrip("-_") or folder.name, {}).setdefault(key, file)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    return {name: files for name, files in found.items() if ("train", "images") in files}
