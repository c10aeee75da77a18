"""Files of images: a folder for each class."""

from pathlib import Path
from typing import Annotated

from nas.arguments import checked
from nas.data.assemble import RawPart
from nas.data.class_folders import class_folders, has_class_folders
from nas.data.dataset import Dataset
from nas.data.preparation.decoding import SUFFIXES
from nas.data.preparation.images import Sizing
from nas.data.preparation.raw_images import RawImages
from nas.data.skipping import Skipping
from nas.data.sources.image_parts import assemble_images
from nas.data.split import Split
from nas.data.storage import Storage
from nas.errors import UsageError
from nas.settings import INLINE
from nas.tasks import AUTO


def recognise_images(path: Path) -> str | None:
    """Recognises folders of classes with files of images."""
    return "it has a folder of images for each class" if has_class_folders(path, SUFFIXES) else None


@checked
def images(
    *,
    path: Path,
    sizing: Annotated[Sizing, INLINE] = Sizing(),
    classes: list[str] | None = None,
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    storage: Annotated[Storage, INLINE] = Storage(),
    task: str = AUTO,
) -> Dataset:
    """Images in a folder that has a folder for each class.

    Formats are PNG, JPEG, BMP, TIFF, PGM, PPM and WebP. If the folder has folders `train` and perhaps `val` (or
    `valid`, `validation`) and `test` instead, these are the parts, and have the folders of the classes. Otherwise, the
    parts are split off.

    Args:
        path: the folder.
        sizing: what images are brought to.
        classes: the names of the folders of the classes, in the order of the outputs; `null`: sorted.
        split: how parts are split off.
        skipping: what happens to images that cannot be decoded. With `skip`, each is decoded once more to find them.
        storage: where the decoded images are kept.
        task: the task of the networks.

    Raises:
        UsageError: the folder is not of this kind, an image cannot be decoded, or all do not fit into memory.
        StorageError: a file cannot be read.
    """
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such folder")
    found = class_folders(path, SUFFIXES, "images")
    parts = {part: RawPart(RawImages.of(files.paths), files.labels) for part, files in found.parts.items()}
    return assemble_images(
        path.name, parts, sizing, split, skipping, storage, task=task, classes=classes, notes=found.notes
    )
