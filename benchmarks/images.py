"""Images for benchmarks: digits, and subsets of Fashion-MNIST and CIFAR-10 from a folder of archives.

The folder has `vision/fashion_mnist.npz` with `train_images` (60000, 28, 28) and `train_labels`, and
`vision/cifar10_train_1.npz` with `labels` and either `images` (10000, 32, 32, 3), or `residual` (10000, 3, 32, 32):
the same as differences along both axes, with red and blue minus green, all modulo 256. It is `--data`, or the
environment variable ARCHWRIGHT_TEST_DATA.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas import Dataset, from_arrays, load_data

VARIABLE = "ARCHWRIGHT_TEST_DATA"


def folder_of(asked: str | None) -> Path:
    """The folder with data sets. Exits with a message if there is none."""
    named = asked or os.environ.get(VARIABLE)
    if not named or not (Path(named) / "vision").is_dir():
        raise SystemExit(
            f"--data or {VARIABLE} must name a folder with vision/fashion_mnist.npz and cifar10_train_1.npz"
        )
    return Path(named)


def images(name: str, folder: Path, *, train: int, val: int) -> Dataset:
    """The first images of a data set, `train` to train on and `val` to validate on; digits are whole."""
    if name == "digits":
        return load_data("digits")
    inputs, targets = _fashion_mnist(folder) if name == "Fashion-MNIST" else _cifar10(folder)
    count = train + val
    parts = (inputs[:train], targets[:train]), (inputs[train:count], targets[train:count])
    return from_arrays(*parts[0], val=parts[1], name=name, classes=[str(label) for label in range(10)])


def _fashion_mnist(folder: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    with np.load(folder / "vision" / "fashion_mnist.npz") as archive:
        return archive["train_images"][:, None], archive["train_labels"].astype(np.int64)


def _cifar10(folder: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    with np.load(folder / "vision" / "cifar10_train_1.npz") as archive:
        labels = archive["labels"].astype(np.int64)
        if "images" in archive.files:
            return np.ascontiguousarray(archive["images"].transpose(0, 3, 1, 2)), labels
        pixels = archive["residual"].cumsum(axis=3, dtype=np.uint8).cumsum(axis=2, dtype=np.uint8)
    pixels[:, 0] += pixels[:, 1]
    pixels[:, 2] += pixels[:, 1]
    return pixels, labels
