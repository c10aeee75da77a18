"""A data set from images that are not decoded yet: where all sources of images end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from nas.data.assemble import RawPart, assemble
from nas.data.content import content_of
from nas.data.dataset import Dataset
from nas.data.intact import intact
from nas.data.preparation.decoding import check_image, strict_pillow
from nas.data.preparation.images import Images, Sizing, fit_images
from nas.data.preparation.raw_images import RawImages
from nas.data.skipping import Skipping
from nas.data.split import Split
from nas.data.storage import IN_MEMORY, Storage
from nas.tasks import AUTO


def assemble_images(
    name: str,
    parts: Mapping[str, RawPart],
    sizing: Sizing,
    split: Split,
    skipping: Skipping,
    storage: Storage = IN_MEMORY,
    *,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    target_names: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> Dataset:
    """A data set from parts whose inputs are `RawImages`; the other arguments are those of `assemble`.

    With `skip`, all images are decoded before the data set is divided, to find those that are left out.

    Raises:
        UsageError: an image cannot be decoded, too many cannot, all of them do not fit into memory, or the targets do
            not suit the task.
        StorageError: a file cannot be read.
    """
    with strict_pillow:
        parts, left_out = intact(parts, _check, skipping, what="images")
    data = assemble(
        name,
        parts,
        partial(fit_images, sizing=sizing),
        split,
        task=task,
        classes=classes,
        target_names=target_names,
        notes=(*notes, *left_out),
        storage=storage,
        content=_content(parts, sizing),
    )
    note = data.preparation.note if isinstance(data.preparation, Images) else ""
    return replace(data, notes=(*data.notes, note)) if note else data


def _content(parts: Mapping[str, RawPart], sizing: Sizing) -> str | None:
    """A hash of the files and of what decides how they are prepared; None if some images are not in files."""
    raws: list[Any] = [part.inputs for part in parts.values()]
    files = [item for raw in raws for item in raw.items]
    return (
        content_of(files, "images", sizing)
        if all(isinstance(file, Path) and file.is_file() for file in files)
        else None
    )


def _check(images: Any, place: int) -> None:
    """Decodes an image."""
    raw: RawImages = images
    check_image(raw.items[place], raw.names[place])
