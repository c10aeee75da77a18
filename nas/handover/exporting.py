"""The export of a network in several formats, to a folder that is complete or left as it was."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nas.arguments import checked
from nas.errors import UsageError, few, nearest
from nas.files import make_folder, move, remove_folder
from nas.handover.agreement import Agreement, agreement
from nas.handover.beside import files_beside
from nas.handover.format import Format
from nas.handover.formats import FORMATS
from nas.handover.handed import Handed, exported_before, handed_of
from nas.manifest import Manifest


@checked
@dataclass(frozen=True)
class Exported:
    """What became of an export.

    Attributes:
        folder: where the files are.
        written: the formats that were written, by name, each with how far its outputs are from those of the network.
        refused: why other formats were not written, by name.
    """

    folder: Path
    written: Mapping[str, Agreement]
    refused: Mapping[str, str]


@checked
def export_run(
    run: str | Path, to: str | Path, *, formats: Iterable[str] = ("python",), allow_code: bool = False
) -> Exported:
    """Writes the selected network of a run to a folder, in one or several formats.

    The files of each format are run on random inputs and, where the data of the run can be read, on validation samples,
    and their outputs are compared with those of the network, before the folder appears under its name. Code that is
    stored is executed only if it is the code that is written for the network's layers.

    Args:
        run: the folder of a run, or one to which its network was exported.
        to: the folder to write. It may exist if it is empty or holds an earlier export, which is then replaced.
        formats: names of formats (`nas.FORMATS`).
        allow_code: import the user's own source of data, if the run names one.

    Returns:
        What was written, and why a format was not. A format that cannot be written does not keep others from it.

    Raises:
        UsageError: a format is unknown; the run has no selected network; the folder is in use, or that of the network
            itself; or no format could be written.
        Damaged, IntegrityError: a file of the run is corrupt, or does not describe a network.
        StorageError: a file cannot be read or written. The folder is as it was before.
    """
    wanted = [_format(name) for name in dict.fromkeys(formats)]
    target = Path(to).absolute()
    _check_target(target)
    if target.resolve() == Path(run).resolve():
        raise UsageError(f"{target} is the folder of the network itself; name another")
    handed = handed_of(run, allow_code=allow_code)
    making = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    written: dict[str, Agreement] = {}
    refused: dict[str, str] = {}
    try:
        make_folder(making)
        for one in sorted(wanted, key=[*FORMATS.values()].index):
            try:
                written[one.name] = _write(one, handed, making)
            except UsageError as error:
                refused[one.name] = str(error)
        if not written:
            raise UsageError("\n".join(f"{name}: {why}" for name, why in refused.items()))
        _write_files(making, files_beside(handed, [FORMATS[name] for name in written]))
        _put(making, target)
    finally:
        remove_folder(making)
    return Exported(Path(to), written, refused)


def _format(name: str) -> Format:
    if name not in FORMATS:
        meant = nearest(name, FORMATS)
        hint = f"; did you mean {meant}?" if meant else f", expected {few(FORMATS)}"
        raise UsageError(f"there is no format {name!r}{hint}")
    return FORMATS[name]


def _write(one: Format, handed: Handed, folder: Path) -> Agreement:
    """Writes the files of a format, and checks what they compute."""
    files = one.write(handed)
    alone = folder / f".{one.name}"  # a format that is refused leaves nothing
    try:
        _write_files(alone, files)
        found = agreement(handed, lambda inputs: one.compute(alone, inputs), one.tolerance)
    finally:
        remove_folder(alone)
    _write_files(folder, files)
    return found


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files and their entries in the manifest."""
    manifest = Manifest(folder)
    for name, content in files.items():
        manifest.write(name, content)


def _check_target(target: Path) -> None:
    """Raises UsageError if a folder holds anything but an earlier export."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, expected a folder")
    if target.is_dir() and any(target.iterdir()) and not exported_before(target):
        raise UsageError(f"{target} holds other files; name a folder that is empty or does not exist")


def _put(made: Path, target: Path) -> None:
    """Moves a complete folder to its place; an earlier one is removed afterwards."""
    if not target.exists():
        move(made, target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
    move(target, old)
    try:
        move(made, target)
    except BaseException:
        move(old, target)
        raise
    remove_folder(old)
