"""The export of a network in several formats, to a folder that is complete or left as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nas.arguments import checked
from nas.errors import UsageError, few, nearest
from nas.files import remove_folder
from nas.handover.beside import files_beside
from nas.handover.format import Format, Verdict
from nas.handover.formats import FORMATS
from nas.handover.handed import Handed, handed_of
from nas.handover.placing import InFile, InFolder, placed
from nas.manifest import Manifest


@checked
@dataclass(frozen=True)
class Exported:
    """What became of an export.

    Attributes:
        folder: where the files are; with a passphrase, the file.
        written: the formats that were written, by name, each with what was found of its files, such as how far their
            outputs are from those of the network.
        refused: why other formats were not written, by name.
    """

    folder: Path
    written: Mapping[str, Verdict]
    refused: Mapping[str, str]


@checked
def export_run(
    run: str | Path,
    to: str | Path,
    *,
    formats: Iterable[str] = ("python",),
    allow_code: bool = False,
    passphrase: str | None = None,
) -> Exported:
    """Writes the selected network of a run to a folder, in one or several formats.

    The files of each format are run on random inputs and, where the data of the run can be read, on validation samples,
    and their outputs are compared with those of the network, before the folder appears under its name; `int8` is
    measured against `onnx` instead. Code that is stored is executed only if it is the code that is written for the
    network's layers.

    Args:
        run: the folder of a run, or one to which its network was exported.
        to: the folder to write. It may exist if it is empty or holds an earlier export, which is then replaced.
            With a passphrase, the file to write.
        formats: names of formats (`nas.FORMATS`).
        allow_code: import the user's own source of data, if the run names one.
        passphrase: write the files into one, encrypted (needs the extra `encrypt`), which `predict` opens in memory and
            `decrypt_export` makes a folder again. Until it is complete, its files are in the temporary folder of the
            system, readable by this user alone. None: a folder is written.

    Returns:
        What was written, and why a format was not. A format that cannot be written does not keep others from it.

    Raises:
        UsageError: a format is unknown; the run has no selected network; the folder is in use, or that of the network
            itself; or no format could be written.
        Damaged, IntegrityError: a file of the run is corrupt, or does not describe a network.
        StorageError: a file cannot be read or written. The folder is as it was before.
    """
    wanted = [_format(name) for name in dict.fromkeys(formats)]
    target = Path(to).resolve()
    place = InFolder(target) if passphrase is None else InFile(target, passphrase)
    place.check()
    if target == Path(run).resolve():
        raise UsageError(f"{target} is the folder of the network itself; name another")
    handed = handed_of(run, allow_code=allow_code)
    written: dict[str, Verdict] = {}
    refused: dict[str, str] = {}
    with placed(place) as manifest:
        for one in sorted(wanted, key=[*FORMATS.values()].index):
            try:
                written[one.name] = _write(one, handed, manifest)
            except UsageError as error:
                refused[one.name] = str(error)
        if not written:
            raise UsageError("\n".join(f"{name}: {why}" for name, why in refused.items()))
        manifest.write_all(files_beside(handed, {FORMATS[name]: found for name, found in written.items()}))
    return Exported(Path(to), written, refused)


def _format(name: str) -> Format:
    if name not in FORMATS:
        meant = nearest(name, FORMATS)
        hint = f"; did you mean {meant}?" if meant else f", expected {few(FORMATS)}"
        raise UsageError(f"there is no format {name!r}{hint}")
    return FORMATS[name]


def _write(one: Format, handed: Handed, manifest: Manifest) -> Verdict:
    """Writes the files of a format once they are checked."""
    files = one.write(handed)
    alone = Manifest(manifest.folder / f".{one.name}")  # a format that is refused leaves nothing
    try:
        alone.write_all(files)
        found = one.check(handed, alone.folder)
    finally:
        remove_folder(alone.folder)
    manifest.write_all(files)
    return found
