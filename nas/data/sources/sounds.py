"""Files of sounds, and sounds in Python."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from numpy.typing import ArrayLike

from nas.arguments import Positive, PositiveFloat, checked
from nas.data.class_folders import has_class_folders
from nas.data.dataset import Dataset
from nas.data.preparation.raw_sounds import RawSounds
from nas.data.preparation.sounds import Waveform, fit_sounds
from nas.data.preparation.waveforms import SUFFIXES, check_sound
from nas.data.roles import Roles
from nas.data.skipping import Skipping
from nas.data.sources.files import Files, FileType, Found, assemble_files, data_of_files
from nas.data.sources.given import given_parts
from nas.data.sources.manifest import lists_files
from nas.data.sources.sound_archive import is_sound_archive, read_sound_archive
from nas.data.sources.test_part import joined_parts
from nas.data.split import Share, Split
from nas.data.storage import Storage
from nas.settings import INLINE
from nas.tasks import AUTO


def recognise_sounds(path: Path) -> str | None:
    """Recognises folders of classes with files of sounds, tables that list such files, and archives of sounds."""
    if has_class_folders(path, SUFFIXES):
        return "it has a folder of sounds for each class"
    if lists_files(path, SUFFIXES):
        return "it lists files of sounds"
    return "it has the arrays `audio`, `offsets`, `labels` and `rate`" if is_sound_archive(path) else None


def _check(sounds: RawSounds, place: int) -> None:
    """Reads a sound."""
    check_sound(sounds.items[place], str(sounds.names[place]))


SOUNDS = FileType("sounds", SUFFIXES, RawSounds.of_files, _check, threads=4)
"""Files of sounds."""


@checked
def sounds(
    *,
    files: Annotated[Files, INLINE],
    waveform: Annotated[Waveform, INLINE] = Waveform(),
    roles: Annotated[Roles, INLINE] = Roles(),
    classes: list[str] | None = None,
    split: Annotated[Split, INLINE] = Split(),
    skipping: Annotated[Skipping, INLINE] = Skipping(),
    storage: Annotated[Storage, INLINE] = Storage(),
    task: str = AUTO,
) -> Dataset:
    """Sounds in files, as waveforms of one length and rate.

    The path is a folder with a folder for each class; or a table (CSV, TSV, Parquet) with a column of paths of files,
    a target and possibly groups, such as speakers; or a NumPy archive with the arrays `audio`, the samples of all
    sounds one after the other, `offsets`, `(N + 1,)`, the first sample of each sound, `labels`, `(N,)`, `rate`, and
    possibly `groups` and `parts`, `(N,)`, of which the latter says `train`, `val` or `test`.

    Files are WAV, FLAC or OGG; the extra `sound` installs what reads them. If a folder has folders `train` and perhaps
    `val` (or `valid`, `validation`) and `test` instead, these are the parts, and have the folders of the classes.
    Several channels become their mean.

    Args:
        files: the folder, the table or the archive.
        waveform: what sounds are brought to.
        roles: of a table, what its other columns are for.
        classes: the names of the classes, in the order of the outputs; `null`: sorted.
        split: how parts are split off.
        skipping: what happens to sounds that cannot be read, and to rows of a table with gaps. With `skip`, each sound
            is read once more to find them.
        storage: where the waveforms are kept.
        task: the task of the networks.

    Raises:
        UsageError: the path is none of these, a sound cannot be read, or they cannot be divided.
        IntegrityError: the table or the archive is damaged.
        StorageError: a file cannot be read.
    """
    fit = partial(fit_sounds, waveform=waveform)
    path, test = files.path, files.test
    if path.suffix.lower() == ".npz" and path.is_file():
        archives = [one for one in (path, test) if one is not None]
        parts = joined_parts([read_sound_archive(one) for one in archives], test)
        found = Found(path.stem, parts, task, archives=archives)
        return assemble_files(found, SOUNDS, fit, waveform, split, skipping, classes=classes, storage=storage)
    return data_of_files(
        files,
        SOUNDS,
        fit,
        waveform,
        split,
        skipping,
        roles=roles,
        classes=classes,
        storage=storage,
        task=task,
    )


@checked
def from_sounds(
    clips: Sequence[ArrayLike],
    targets: ArrayLike,
    *,
    rate: Positive,
    val: tuple[Sequence[Any], ArrayLike] | None = None,
    test: tuple[Sequence[Any], ArrayLike] | None = None,
    groups: ArrayLike | None = None,
    val_groups: ArrayLike | None = None,
    seconds: PositiveFloat | None = None,
    task: str = AUTO,
    classes: Sequence[str] | None = None,
    name: str = "sounds",
    val_share: Share = 0.2,
    seed: int = 0,
) -> Dataset:
    """A data set from sounds in memory, as waveforms of one length.

    Args:
        clips: the samples of each sound, `(L,)` or `(C, L)`, of which the mean of channels is taken: floats of full
            scale 1, or integers of the full scale of uint8, int16 or int32.
        targets: as in `from_arrays`.
        rate: samples a second.
        val: sounds and targets for validation; None: a fraction `val_share` of the samples is split off.
        test: sounds and targets for the final test.
        groups: `(N,)` integers or strings: the group of each sound, such as its speaker; those of one group are on one
            side of each split.
        val_groups: the groups of `val`, if that is given.
        seconds: the length of waveforms: of a longer sound, the middle is taken; a shorter one is put in the middle of
            zeros. None: the 95 % quantile of the durations of the training sounds.
        task: its name; `auto`: the targets decide, as in `from_arrays`.
        classes: names of classes, as in `from_arrays`.
        name: for reports.
        val_share: the fraction of the samples that becomes `val`, in (0, 1).
        seed: of that split.

    Raises:
        UsageError: a clip is no sound, says which; or targets do not suit them.
    """

    def raw(_: str, part: Any) -> RawSounds:
        return RawSounds.of_samples(part, rate)

    parts = given_parts(raw, (clips, targets), val, test, groups, val_groups)
    split = Split(val_share, None, seed)
    waveform = Waveform(rate, seconds)
    fit = partial(fit_sounds, waveform=waveform)
    return assemble_files(Found(name, parts, task), SOUNDS, fit, waveform, split, classes=classes)
