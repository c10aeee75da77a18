"""Passphrases of encrypted exports: asked for at the terminal, or the content of a file; never an argument."""

import getpass
import warnings
from pathlib import Path


def passphrase_of(path: Path, file: Path | None) -> str | None:
    """The passphrase of an encrypted export; None: it is none.

    Args:
        path: the export, or the folder of a run.
        file: with the passphrase; None: the user is asked.

    Raises:
        UsageError: there is no terminal to ask at, or the file has no passphrase, or one that is not used.
        StorageError: a file cannot be read.
    """
    from nas.encrypted import is_encrypted
    from nas.errors import UsageError

    if is_encrypted(path):
        return _asked(f"Passphrase of {path}: ") if file is None else _read(file)
    if file is not None:
        raise UsageError(f"--passphrase-file is for encrypted exports, and {path} is none")
    return None


def new_passphrase(file: Path | None) -> str:
    """A passphrase for a new file, which is asked for twice. Raises UsageError and StorageError as `passphrase_of`."""
    from nas.errors import UsageError

    if file is not None:
        return _read(file)
    first = _asked("Passphrase: ")
    if not first:
        raise UsageError("the passphrase is empty")
    if _asked("The same again: ") != first:
        raise UsageError("the two passphrases differ")
    return first


def _asked(prompt: str) -> str:
    from nas.errors import UsageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would be shown as it is typed
            return getpass.getpass(prompt)
    except (getpass.GetPassWarning, EOFError):
        raise UsageError("there is no terminal to ask for the passphrase; --passphrase-file names a file") from None


def _read(file: Path) -> str:
    """The only line of a file."""
    from nas.errors import UsageError
    from nas.files import read_bytes

    try:
        lines = read_bytes(file).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UsageError(f"{file}: expected a passphrase in UTF-8") from None
    if len(lines) != 1 or not lines[0]:
        raise UsageError(f"{file}: expected one line with the passphrase, got {len(lines) if any(lines) else 'none'}")
    return lines[0]
