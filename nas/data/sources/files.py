"""Data sets whose samples are files: in a folder for each class, or listed in a table."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.arguments import checked
from nas.data.assemble import RawPart, assemble
from nas.data.class_folders import class_folders
from nas.data.content import content_of
from nas.data.dataset import Dataset
from nas.data.intact import intact
from nas.data.preparation import Preparation
from nas.data.raw import RawInputs
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.manifest import read_manifest, read_manifest_alike
from nas.data.sources.test_part import check_pair, joined_parts
from nas.data.split import Split
from nas.data.storage import IN_MEMORY, Storage, cache_folder
from nas.errors import UsageError
from nas.tasks import AUTO, Multilabel


@dataclass(frozen=True)
class FileType:
    """A kind of files.

    Attributes:
        what: their name, in the plural.
        suffixes: the ends of their names, in lower case.
        raw: makes raw inputs of paths.
        check: reads the sample at a place of raw inputs. Raises UsageError or StorageError if it cannot be read.
        threads: how many are checked at a time.
        within: makes the context in which they are checked.
    """

    what: str
    suffixes: Sequence[str]
    raw: Callable[[Sequence[Path]], RawInputs]
    check: Callable[[Any, int], None]
    threads: int = 1
    within: Callable[[], AbstractContextManager[object]] = nullcontext


@checked
@dataclass(frozen=True)
class Files:
    """Where labelled files are.

    Attributes:
        path: the folder, or the table: CSV, TSV or Parquet.
        test: another one of its kind, whose files are the test part; `null`: there is none.
        path_column: the column of a table with the paths of the files; `null`: the first one that has some.
        folder: the folder that these paths are relative to, and must not leave; `null`: that of the table.
    """

    path: Path
    test: Path | None = None
    path_column: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """Labelled files.

    Attributes:
        name: of the data set.
        parts: the samples of each part.
        archives: the files that all samples come from; empty: each is a file of its own.
        task: the name of the task, as far as a table says it.
        target_names: the columns of targets; None: targets are the names of folders.
        notes: what a reader should know, a sentence each.
    """

    name: str
    parts: Mapping[str, RawPart]
    task: str = AUTO
    target_names: Sequence[str] | None = None
    notes: Sequence[str] = ()
    archives: Sequence[Path] = ()


def find_files(
    files: Files, kind: FileType, *, roles: Roles, skipping: Skipping, task: str, classes: Sequence[str] | None
) -> Found:
    """The files in a folder that has a folder for each class, or that a table lists.

    See `class_folders` and `read_manifest`.

    Raises:
        UsageError: there is no such folder or table, it is not of this kind, or columns are named for a folder.
        IntegrityError, StorageError: as `read_manifest`.
    """
    path, test = files.path, files.test
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    check_pair(path, test)
    if path.is_dir():
        if files.path_column is not None or files.folder is not None or roles != Roles():
            raise UsageError(f"{path} is a folder, whose folders are the classes: it has no columns to name")
        found = [class_folders(one, kind.suffixes, kind.what) for one in (path, test) if one is not None]
        parts = [
            {part: RawPart(kind.raw(one.paths), one.labels) for part, one in folders.parts.items()} for folders in found
        ]
        notes = [note for folders in found for note in folders.notes]
        return Found(path.name, joined_parts(parts, test), task, None, notes)
    listed = read_manifest(
        path,
        kind.suffixes,
        column=files.path_column,
        folder=files.folder,
        roles=roles,
        skipping=skipping,
        task=task,
        classes=classes,
    )
    lists = [listed]
    if test is not None:
        lists.append(read_manifest_alike(test, listed, folder=files.folder, skipping=skipping, classes=classes))
    parts = [dict(one.rows.raw_parts(kind.raw(one.files))) for one in lists]
    rows, notes = listed.rows, [note for one in lists for note in one.rows.notes]
    return Found(path.name.partition(".")[0], joined_parts(parts, test), rows.task, rows.target_names, notes)


def data_of_files(
    files: Files,
    kind: FileType,
    fit: Callable[[Any], Preparation],
    settings: object,
    split: Split,
    skipping: Skipping,
    *,
    roles: Roles,
    classes: Sequence[str] | None,
    storage: Storage,
    task: str,
) -> Dataset:
    """A data set from files: `find_files`, then `assemble_files`."""
    found = find_files(files, kind, roles=roles, skipping=skipping, task=task, classes=classes)
    return assemble_files(found, kind, fit, settings, split, skipping, classes=classes, storage=storage)


def assemble_files(
    found: Found,
    kind: FileType,
    fit: Callable[[Any], Preparation],
    settings: object,
    split: Split,
    skipping: Skipping | None = None,
    *,
    classes: Sequence[str] | None = None,
    storage: Storage = IN_MEMORY,
) -> Dataset:
    """A data set from labelled files, or from what is like them.

    With `skip`, all are read before the data set is divided, to find those that are left out.

    Args:
        found: the samples.
        kind: of files.
        fit: makes the preparation, as `assemble` takes it.
        settings: all that `fit` depends on besides the samples.
        split: how parts are split off.
        skipping: what happens to files that cannot be read; None: the first one is an error.
        classes: declared names of classes.
        storage: where the prepared inputs are kept.

    Raises:
        UsageError: a file cannot be read, too many cannot, or the targets do not suit the task.
        StorageError: a file cannot be read.
    """
    with kind.within():
        parts, left_out = intact(
            found.parts,
            kind.check,
            skipping or Skipping(),
            what=kind.what,
            threads=kind.threads,
            several=found.task == Multilabel.name,
        )
    raws: list[Any] = [part.inputs for part in parts.values()]
    items = [item for raw in raws for item in raw.items]
    files = found.archives or items
    content = None
    if cache_folder() is not None and all(isinstance(file, Path) and file.is_file() for file in files):
        content = content_of(files, kind.what, settings, [len(raw) for raw in raws], left_out)
    return assemble(
        found.name,
        parts,
        fit,
        split,
        task=found.task,
        classes=classes,
        target_names=found.target_names,
        notes=(*found.notes, *left_out),
        storage=storage,
        content=content,
    )
