"""The files of a folder as one encrypted file: authenticated, under a key that is derived from a passphrase.

The format, version 1; numbers are unsigned and big-endian:

    header   offset  bytes
             0       8      the letters `nas-seal`
             8       1      the version, 1
             9       1      log2 of n of scrypt
             10      1      r of scrypt
             11      1      p of scrypt
             12      16     the salt of scrypt, random
             28      7      the prefix of nonces, random
    chunks   35             AES-256-GCM of at most 2^20 bytes each, with 16 bytes of its tag behind it

The key is 32 bytes of scrypt (RFC 7914) of the passphrase, normalised to NFC, in UTF-8. The nonce of a chunk is the
prefix, its number from 0 (4 bytes), and 1 if it is the last one, else 0 (1 byte): the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár 2015, so that chunks can neither be changed, moved, left out nor cut off. The header is
associated data of each chunk. All chunks but the last one are full. Their content is an uncompressed NumPy archive
(.npz) with an array of uint8 for each file, by its name.

Needs the extra `encrypt`.
"""

import hashlib
import io
import secrets
import struct
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas.archive import open_npz
from nas.errors import IntegrityError, StorageError, UsageError
from nas.extras import package

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"nas-seal"
VERSION = 1
CHUNK = 1 << 20
"""Bytes of a chunk before its encryption."""

MOST_MEMORY = 1 << 28
"""Bytes that scrypt may take for a file, 128 n r."""

MOST_WORK = 1 << 22
"""The most that n r p may be: four times as much as by default."""

_HEADER = struct.Struct("!8sBBBB16s7s")
_TAG = 16
_SUFFIX = struct.Struct("!I?")


@dataclass(frozen=True)
class Scrypt:
    """How hard it is to try a passphrase (RFC 7914). The default takes 128 MiB, as OWASP recommends.

    Attributes:
        log_n: log2 of the cost n.
        r: the size of blocks.
        p: the number of passes.
    """

    log_n: int = 17
    r: int = 8
    p: int = 1

    @property
    def bounded(self) -> bool:
        """Whether it takes no more memory and time than any file may ask for."""
        defined = 1 <= self.log_n < 16 * self.r and self.p >= 1
        return defined and 128 * self.r << self.log_n <= MOST_MEMORY and self.r * self.p << self.log_n <= MOST_WORK

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """The key of 32 bytes. Raises ValueError if the parameters are not `bounded`."""
        secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        most = 2 * MOST_MEMORY  # OpenSSL counts a little more than the table
        return hashlib.scrypt(secret, salt=salt, n=1 << self.log_n, r=self.r, p=self.p, maxmem=most, dklen=32)


SCRYPT = Scrypt()
"""How the keys of new files are derived."""


def is_encrypted(path: Path) -> bool:
    """Whether a file is one of this format, of any version. Raises StorageError if it cannot be read."""
    if not path.is_file():
        return False
    with _opened(path) as file:
        return file.read(len(MAGIC)) == MAGIC


def check_passphrase(passphrase: str) -> None:
    """Raises UsageError if nothing can be encrypted with it: it is empty, or `cryptography` is not installed."""
    if not passphrase:
        raise UsageError("the passphrase is empty")
    package("cryptography", "an encrypted export")


def encrypted(files: Mapping[str, bytes], passphrase: str) -> Iterator[bytes]:
    """The content of an encrypted file, piece by piece.

    Args:
        files: their contents, by name.
        passphrase: at least one character.

    Raises:
        UsageError: the passphrase is empty, or `cryptography` is not installed.
    """
    salt, prefix = secrets.token_bytes(16), secrets.token_bytes(7)
    cipher = _cipher(SCRYPT, passphrase, salt)
    header = _HEADER.pack(MAGIC, VERSION, SCRYPT.log_n, SCRYPT.r, SCRYPT.p, salt, prefix)
    plain = _archive(files)
    yield header
    for number, begin in enumerate(range(0, len(plain), CHUNK)):
        last = begin + CHUNK >= len(plain)
        yield cipher.encrypt(prefix + _SUFFIX.pack(number, last), plain[begin : begin + CHUNK], header)


def decrypted(path: Path, passphrase: str) -> Mapping[str, bytes]:
    """The contents of the files in an encrypted file, by name. Nothing is written.

    Raises:
        UsageError: the passphrase is empty; a later version wrote the file; or `cryptography` is not installed.
        IntegrityError: the passphrase is another one, or the file was altered; or it is no encrypted file.
        StorageError: the file cannot be read.
    """
    with _opened(path) as file:
        header = file.read(_HEADER.size)
        scrypt, salt, prefix = _parsed(header, path)
        plain = b"".join(_chunks(_cipher(scrypt, passphrase, salt), file, header, prefix, path))
    with open_npz(plain, str(path)) as archive:
        return {name: found.tobytes() for name, found in archive.arrays(archive.names).items()}


def _chunks(cipher: "AESGCM", file: io.BufferedReader, header: bytes, prefix: bytes, path: Path) -> Iterator[bytes]:
    """The chunks behind a header, verified one by one: no more is read of a file than what is genuine."""
    from cryptography.exceptions import InvalidTag

    chunk, number = file.read(CHUNK + _TAG), 0
    while True:
        after = file.read(CHUNK + _TAG)
        try:
            yield cipher.decrypt(prefix + _SUFFIX.pack(number, not after), chunk, header)
        except (InvalidTag, ValueError):  # ValueError: it is shorter than a tag
            said = "the passphrase is wrong, or the file was altered or cut off"
            raise IntegrityError(f"{path} cannot be decrypted: {said}") from None
        if not after:
            return
        chunk, number = after, number + 1


def _parsed(header: bytes, path: Path) -> tuple[Scrypt, bytes, bytes]:
    """What a header says: how the key is derived, with which salt, and the prefix of nonces."""
    if header[: len(MAGIC)] != MAGIC:
        raise IntegrityError(f"{path} is no encrypted export")
    if len(header) > len(MAGIC) and header[len(MAGIC)] != VERSION:
        raise UsageError(
            f"{path} is an encrypted export of version {header[len(MAGIC)]}; this version of Archwright reads {VERSION}"
        )
    if len(header) < _HEADER.size:
        raise IntegrityError(f"{path} is cut off: it has {len(header)} of the {_HEADER.size} bytes of the header")
    _, _, log_n, r, p, salt, prefix = _HEADER.unpack(header)
    scrypt = Scrypt(log_n, r, p)
    if not scrypt.bounded:
        raise IntegrityError(
            f"{path} is not decrypted: its header asks for scrypt with n = 2^{log_n}, r = {r}, p = {p}, which it "
            f"does not allow, or which take more than {MOST_MEMORY >> 20} MiB or {MOST_WORK:,} passes over blocks"
        )
    return scrypt, salt, prefix


def _archive(files: Mapping[str, bytes]) -> memoryview:
    """A NumPy archive with the bytes of each file. (`numpy.savez` takes names as arguments, beside its own.)"""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.frombuffer(content, np.uint8), allow_pickle=False)
    return held.getbuffer()


def _cipher(scrypt: Scrypt, passphrase: str, salt: bytes) -> "AESGCM":
    """AES-GCM under the key of a passphrase."""
    check_passphrase(passphrase)
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(scrypt.key(passphrase, salt))


def _opened(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
