"""Files of images: in a folder for each class, or listed in a table."""

from functools import partial
from pathlib import Path
from typing import Annotated

from nas.arguments import checked
from nas.data.class_folders import has_class_folders
from nas.data.dataset import Dataset
from nas.data.preparation.decoding import check_image
from nas.data.preparation.images import Sizing, fit_images
from nas.data.preparation.opened_images import SUFFIXES, strict_pillow
from nas.data.preparation.raw_images import RawImages
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.files import Files, FileType, data_of_files
from nas.data.sources.manifest import lists_files
from nas.data.split import Split
from nas.data.storage import Storage
from nas.settings import INLINE
from nas.tasks import AUTO


def recognise_images(path: Path) -> str | None:
    """Recognises folders of classes with files of images, and tables that list such files."""
    if path.is_dir():
        return "it has a folder of images for each class" if has_class_folders(path, SUFFIXES) else None
    return "it lists files of images" if lists_files(path, SUFFIXES) else None


def _check(images: RawImages, place: int) -> None:
    """Decodes an image."""
    check_image(images.items[place], images.names[place])


IMAGES = FileType("images", SUFFIXES, RawImages.of, _check, within=lambda: strict_pillow)
"""Files of images."""


@checked
def images(
    *,
    files: Annotated[Files, INLINE],
    roles: Annotated[Roles, INLINE] = Roles(),
    sizing: Annotated[Sizing, INLINE] = Sizing(),
    classes: list[str] | None = None,
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    storage: Annotated[Storage, INLINE] = Storage(),
    task: str = AUTO,
) -> Dataset:
    """Images in a folder that has a folder for each class, or listed in a table with their targets.

    Formats are PNG, JPEG, BMP, TIFF, PGM, PPM and WebP. If the folder has folders `train` and perhaps `val` (or
    `valid`, `validation`) and `test` instead, these are the parts, and have the folders of the classes. Otherwise, the
    parts are split off.

    Args:
        files: the folder or the table.
        roles: what the other columns of a table are for.
        sizing: what images are brought to.
        classes: the classes, in the order of the outputs; `null`: sorted.
        split: how parts are split off.
        skipping: what happens to images that cannot be decoded, and to rows with gaps. With `skip`, each image is
            decoded once more to find them.
        storage: where the decoded images are kept.
        task: the task of the networks.

    Raises:
        UsageError: the folder or the table is not of this kind, a path leaves the folder, an image cannot be decoded,
            or all of them do not fit into memory.
        IntegrityError: a compressed table or a Parquet file is damaged.
        StorageError: a file cannot be read.
    """
    return data_of_files(
        files,
        IMAGES,
        partial(fit_images, sizing=sizing),
        sizing,
        split,
        skipping,
        roles=roles,
        classes=classes,
        storage=storage,
        task=task,
    )
