"""Files of images: in a folder for each class, or listed in a table."""

from pathlib import Path
from typing import Annotated

from nas.arguments import checked
from nas.data.assemble import RawPart
from nas.data.class_folders import class_folders, has_class_folders
from nas.data.dataset import Dataset
from nas.data.preparation.decoding import SUFFIXES
from nas.data.preparation.images import Sizing
from nas.data.preparation.raw_images import RawImages
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.image_parts import assemble_images
from nas.data.sources.manifest import lists_files, read_manifest
from nas.data.split import Split
from nas.data.storage import Storage
from nas.errors import UsageError
from nas.settings import INLINE
from nas.tasks import AUTO


def recognise_images(path: Path) -> str | None:
    """Recognises folders of classes with files of images, and tables that list such files."""
    if path.is_dir():
        return "it has a folder of images for each class" if has_class_folders(path, SUFFIXES) else None
    return "it lists files of images" if lists_files(path, SUFFIXES) else None


@checked
def images(
    *,
    path: Path,
    path_column: str | None = None,
    folder: Path | None = None,
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
        path: the folder, or the table: CSV, TSV or Parquet.
        path_column: the column of a table with the paths of the images; `null`: the first one that has some.
        folder: the folder that these paths are relative to, and must not leave; `null`: that of the table.
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
    if not path.exists():
        raise UsageError(f"{path}: there is no such folder or table")
    target_names: tuple[str, ...] | None = None
    if path.is_dir():
        _only_for_tables(path, path_column, folder, roles)
        found = class_folders(path, SUFFIXES, "images")
        parts = {part: RawPart(RawImages.of(files.paths), files.labels) for part, files in found.parts.items()}
        notes = found.notes
    else:
        listed = read_manifest(
            path,
            SUFFIXES,
            column=path_column,
            folder=folder,
            roles=roles,
            skipping=skipping,
            task=task,
            classes=classes is not None,
        )
        parts = dict(listed.rows.raw_parts(RawImages.of(listed.files)))
        target_names, notes, task = listed.rows.target_names, listed.rows.notes, listed.rows.task
    return assemble_images(
        path.name if path.is_dir() else path.name.partition(".")[0],
        parts,
        sizing,
        split,
        skipping,
        storage,
        task=task,
        classes=classes,
        target_names=target_names,
        notes=notes,
    )


def _only_for_tables(path: Path, path_column: str | None, folder: Path | None, roles: Roles) -> None:
    if path_column is not None or folder is not None or roles != Roles():
        raise UsageError(f"{path} is a folder, whose folders are the classes: it has no columns to name")
