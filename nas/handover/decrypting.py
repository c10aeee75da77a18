"""An encrypted export as the folder that it was made of."""

from pathlib import Path

from nas.arguments import checked
from nas.encrypted import decrypted
from nas.handover.placing import InFolder, placed


@checked
def decrypt_export(file: str | Path, to: str | Path, passphrase: str) -> Path:
    """Writes the files of an encrypted export to a folder.

    Args:
        file: what `export_run` wrote with a passphrase.
        to: the folder to write. It may exist if it is empty or holds an earlier export, which is then replaced.
        passphrase: of the file.

    Returns:
        The folder.

    Raises:
        UsageError: the folder is in use, the passphrase is empty, or a later version wrote the file.
        IntegrityError: the passphrase is another one, or the file was altered. The folder is as it was before.
        StorageError: a file cannot be read or written. The folder is as it was before.
    """
    place = InFolder(Path(to).resolve())
    place.check()
    files = decrypted(Path(file), passphrase)
    with placed(place) as manifest:
        manifest.write_all(files)
    return Path(to)
