"""Data sets of Hugging Face: of the hub, or saved in a folder."""

from functools import partial
from pathlib import Path
from typing import Annotated

from nas.arguments import checked
from nas.data.assemble import RawPart, assemble
from nas.data.dataset import Dataset
from nas.data.preparation.images import Sizing, fit_images
from nas.data.preparation.raw_images import RawImages
from nas.data.preparation.texts import Tokenizing, fit_texts
from nas.data.reading.huggingface import SAVED, HubData, open_hub, open_saved, read_splits
from nas.data.skipping import Skipping
from nas.data.sources.files import Found, assemble_files
from nas.data.sources.images import IMAGES
from nas.data.split import Split
from nas.data.storage import Storage
from nas.errors import UsageError
from nas.settings import INLINE
from nas.tasks import AUTO


def recognise_huggingface(path: Path) -> str | None:
    """Recognises folders that `save_to_disk` wrote."""
    found = next((name for name in SAVED if (path / name).is_file()), None)
    return f"it has the file {found}" if found else None


@checked
def huggingface(
    *,
    path: Path | None = None,
    hub: str | None = None,
    config: str | None = None,
    revision: str | None = None,
    input: str | None = None,
    target: str | None = None,
    sizing: Annotated[Sizing, INLINE] = Sizing(),
    tokenizing: Annotated[Tokenizing, INLINE] = Tokenizing(),
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    storage: Annotated[Storage, INLINE] = Storage(),
    task: str = AUTO,
) -> Dataset:
    """Images or texts of a data set of Hugging Face: a folder that `save_to_disk` wrote, or the name of one on the hub.

    A data set of the hub is downloaded, unless it is in the cache of the package `datasets`, which the extra
    `huggingface` installs. Splits named `train`, `validation` and `test` are the parts, and missing parts are split
    off. No code of a data set is executed.

    Args:
        path: the folder.
        hub: the name of a data set on the hub, such as `ylecun/mnist`.
        config: the configuration of a data set that has several.
        revision: the branch, tag or commit on the hub; `null`: the newest.
        input: the column of images or texts; `null`: the only one.
        target: the column of targets; `null`: the only one of labels, or `label`, `target` and the like.
        sizing: what images are brought to.
        tokenizing: how texts become token numbers.
        split: how parts are split off.
        skipping: what happens to images that cannot be decoded.
        storage: where prepared inputs are kept.
        task: the task of the networks.

    Raises:
        UsageError: the package is missing, there is no such data set or column, or the samples do not form a data set.
        IntegrityError: a file is damaged.
        StorageError: the data set cannot be downloaded.
    """
    if (path is None) == (hub is None):
        raise UsageError("huggingface: expected a path, or the name of a data set on the hub")
    if path is not None:
        if config is not None or revision is not None:
            raise UsageError(f"{path} is a folder: config and revision are for data sets on the hub")
        splits, called = open_saved(path), path.name
    else:
        splits, called = open_hub(str(hub), config, revision), str(hub)
    found = read_splits(called, splits, input=input, target=target, folder=path)
    return _assembled(called, found, sizing, tokenizing, split, skipping, storage, task=task)


def _assembled(
    name: str,
    found: HubData,
    sizing: Sizing,
    tokenizing: Tokenizing,
    split: Split,
    skipping: Skipping,
    storage: Storage,
    *,
    task: str,
) -> Dataset:
    if found.kind == "text":
        return assemble(
            name,
            {part: RawPart(one.inputs, one.targets) for part, one in found.parts.items()},
            partial(fit_texts, tokenizing=tokenizing),
            split,
            task=task,
            classes=found.classes,
            notes=found.notes,
            storage=storage,
        )
    parts = {
        part: RawPart(
            RawImages.of(list(one.inputs), [f"{part} image {place}" for place in range(len(one.inputs))]), one.targets
        )
        for part, one in found.parts.items()
    }
    return assemble_files(
        Found(name, parts, task, notes=found.notes),
        IMAGES,
        partial(fit_images, sizing=sizing),
        sizing,
        split,
        skipping,
        classes=found.classes,
        storage=storage,
    )
