"""CIFAR-10 and CIFAR-100 as their authors give them."""

from pathlib import Path
from typing import Literal

import numpy as np

from nas.arguments import Seed, checked
from nas.data.assemble import RawPart, assemble
from nas.data.dataset import Dataset
from nas.data.reading.cifar_files import CifarFiles, form_at, read_cifar
from nas.data.split import Share, Split
from nas.errors import UsageError
from nas.tasks import AUTO


def recognise_cifar(path: Path) -> str | None:
    """Recognises the official archives by their names, and unpacked folders by their files."""
    found = form_at(path)
    return found[1] if found is not None else None


@checked
def cifar(
    *,
    path: Path,
    labels: Literal["fine", "coarse"] = "fine",
    val_share: Share = 0.2,
    split_seed: Seed = 0,
    task: str = AUTO,
) -> Dataset:
    """CIFAR-10 or CIFAR-100 (Krizhevsky 2009): 50,000 training and 10,000 test images of 3×32×32 pixels.

    The official archives (https://www.cs.toronto.edu/~kriz/cifar.html) are read as they are, `cifar-10-python.tar.gz`,
    `cifar-10-binary.tar.gz`, `cifar-100-python.tar.gz` and `cifar-100-binary.tar.gz`, or the folders that they unpack
    to. Pickles are read as data, and nothing is executed. The order of the images is the official one.

    Args:
        path: the archive or the folder.
        labels: of CIFAR-100: its 100 classes, or 20 coarse ones.
        val_share: the fraction of the training samples that becomes the validation part, in (0, 1).
        split_seed: seed of the random draws.
        task: the task of the networks.

    Raises:
        UsageError: there is no such path, or it has not all files.
        IntegrityError: a file is damaged, or asks for more than plain data.
        StorageError: a file cannot be read.
    """
    files = read_cifar(path)
    named = files.form.labels
    if labels == "coarse" and len(named) == 1:
        raise UsageError(f"{path}: CIFAR-10 has no coarse labels")
    key = named[0] if labels == "coarse" else named[-1]
    names = files.class_names(key)
    parts = {"train": _part(files, files.form.train, key), "test": _part(files, (files.form.test,), key)}
    name = "cifar100" if len(named) > 1 else "cifar10"
    return assemble(name, parts, None, Split(val_share, None, split_seed), task=task, classes=names)


def _part(files: CifarFiles, batches: tuple[str, ...], key: str) -> RawPart:
    read = [files.images(batch, key) for batch in batches]
    images = np.concatenate([pixels for pixels, _ in read])  # also of one: an array that can be written to
    return RawPart(images, np.concatenate([numbers for _, numbers in read]))
