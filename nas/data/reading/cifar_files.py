"""The files of the official CIFAR-10 and CIFAR-100 archives, in their python and their binary form."""

import gzip
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.errors import IntegrityError, StorageError, UsageError, few
from nas.pickles.stand_ins import NUMPY
from nas.pickles.unpickle import load_pickle

SHAPE = (3, 32, 32)
_PIXELS = 3 * 32 * 32

MOST_FILE = 1 << 28
MOST_ARCHIVE = 1 << 29
"""The largest size of a file and of a whole archive when unpacked, in bytes; the official ones have 155 and 186 MB."""


@dataclass(frozen=True)
class Form:
    """One of the four forms.

    Attributes:
        folder: the folder in the archive.
        train: the files of the training part.
        test: the file of the test part.
        labels: the keys of the labels in a pickle, or the names of the bytes before each image; the finest last.
        names: the file of the names of the classes for each of `labels`.
        keys: in a pickle, the keys of these names.
    """

    folder: str
    train: tuple[str, ...]
    test: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    keys: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """All files that are read."""
        return (*self.train, self.test, *dict.fromkeys(self.names))

    @property
    def pickled(self) -> bool:
        """Whether it is a python form."""
        return bool(self.keys)


_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))

FORMS = (
    Form("cifar-10-batches-py", _BATCHES, "test_batch", ("labels",), ("batches.meta",), ("label_names",)),
    Form(
        "cifar-10-batches-bin",
        tuple(f"{name}.bin" for name in _BATCHES),
        "test_batch.bin",
        ("labels",),
        ("batches.meta.txt",),
    ),
    Form(
        "cifar-100-python",
        ("train",),
        "test",
        ("coarse_labels", "fine_labels"),
        ("meta", "meta"),
        ("coarse_label_names", "fine_label_names"),
    ),
    Form(
        "cifar-100-binary",
        ("train.bin",),
        "test.bin",
        ("coarse_labels", "fine_labels"),
        ("coarse_label_names.txt", "fine_label_names.txt"),
    ),
)
"""The forms in which the authors give the data sets."""


@dataclass(frozen=True, eq=False)
class CifarFiles:
    """The files of one form, read but not decoded.

    Attributes:
        path: where they are from, for errors.
        form: their form.
        contents: the bytes of each file.
    """

    path: Path
    form: Form
    contents: dict[str, bytes]

    def images(self, file: str, labels: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The images `(N, 3, 32, 32)` and the labels `(N,)` of a file, which is forgotten.

        Args:
            file: one of `form.train`, or `form.test`.
            labels: one of `form.labels`.

        Raises:
            IntegrityError: the file is damaged, or asks for more than plain data.
        """
        where = f"{self.path}: {file}"
        read = self._pickled if self.form.pickled else self._binary
        try:
            pixels, numbers = read(where, self.contents.pop(file), labels)
        except (ValueError, TypeError, OverflowError) as error:
            raise IntegrityError(f"{where} is damaged: {error}") from error
        return pixels.reshape(-1, *SHAPE), numbers

    def class_names(self, labels: str) -> list[str]:
        """The names of the classes. Raises IntegrityError if their file is damaged."""
        place = self.form.labels.index(labels)
        file = self.form.names[place]
        where = f"{self.path}: {file}"
        if self.form.pickled:
            names = _dictionary(self.contents[file], where, ()).get(self.form.keys[place])
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise IntegrityError(f"{where} has no list of names {self.form.keys[place]!r}")
            return names
        try:
            lines = self.contents[file].decode("ascii").splitlines()
            return [line.strip() for line in lines if line.strip()]
        except UnicodeDecodeError as error:
            raise IntegrityError(f"{where} is damaged: {error}") from error

    def _pickled(self, where: str, data: bytes, labels: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        found = _dictionary(data, where, NUMPY)
        pixels, numbers = np.asarray(found.get("data")), np.array(found.get(labels))
        if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != _PIXELS:
            raise IntegrityError(f"{where}: expected images as uint8 (N, 3072), got {pixels.dtype} {pixels.shape}")
        if numbers.shape != (len(pixels),) or numbers.dtype.kind not in "iu":
            raise IntegrityError(f"{where}: expected {len(pixels):,} whole numbers as {labels!r}")
        return pixels, numbers.astype(np.int64)

    def _binary(self, where: str, data: bytes, labels: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        width = len(self.form.labels) + _PIXELS
        if not data or len(data) % width:
            raise IntegrityError(f"{where}: expected images of {width:,} bytes each, got {len(data):,} bytes")
        records = np.frombuffer(data, np.uint8).reshape(-1, width)
        return records[:, -_PIXELS:], records[:, self.form.labels.index(labels)].astype(np.int64)


def form_at(path: Path) -> tuple[Form, str] | None:
    """The form that a path has, and why; None: it has none. Of an archive, only the name is looked at."""
    if path.is_dir():
        for form in FORMS:
            for folder in (path, path / form.folder):
                if all((folder / file).is_file() for file in form.files):
                    return form, f"it has the files {form.train[0]}, {form.test} and {form.names[-1]}"
    elif path.name.lower().endswith((".tar.gz", ".tgz", ".tar")):
        for form in FORMS:
            stem = form.folder.replace("batches-py", "python").replace("batches-bin", "binary")
            if path.name.lower().startswith(stem):
                return form, f"its name begins with {stem}"
    return None


def read_cifar(path: Path) -> CifarFiles:
    """The files in a folder, or in an archive, of which nothing is unpacked to the disk.

    Raises:
        UsageError: there is no such path, or it has not all files of one of FORMS.
        IntegrityError: the archive is damaged, or a file too large.
        StorageError: a file cannot be read.
    """
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file or folder")
    return _of_archive(path)


def _of_folder(path: Path) -> CifarFiles:
    found = form_at(path)
    if found is None:
        raise UsageError(f"{path} has not all files of one of the forms {few(form.folder for form in FORMS)}")
    form, _ = found
    folder = path if (path / form.train[0]).is_file() else path / form.folder
    contents = {}
    for file in form.files:
        try:
            with (folder / file).open("rb") as stream:
                contents[file] = stream.read(MOST_FILE + 1)
        except OSError as error:
            raise StorageError(f"{folder / file} cannot be read: {error.strerror or error}") from error
        if len(contents[file]) > MOST_FILE:
            raise IntegrityError(f"{folder / file} has more than {MOST_FILE:,} bytes")
    return CifarFiles(path, form, contents)


def _of_archive(path: Path) -> CifarFiles:
    known = {f"{form.folder}/{file}": (form, file) for form in FORMS for file in form.files}
    contents: dict[Form, dict[str, bytes]] = {form: {} for form in FORMS}
    try:
        with path.open("rb") as plain:
            compressed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            unpacked = gzip.GzipFile(fileobj=plain) if compressed else plain
            with tarfile.open(fileobj=unpacked, mode="r:") as archive:
                for member in archive:
                    if member.offset_data + member.size > MOST_ARCHIVE:
                        raise IntegrityError(f"{path}: unpacks to more than {MOST_ARCHIVE:,} bytes")
                    # A name that is absolute or has `..` is none of these.
                    if member.isreg() and (key := member.name.removeprefix("./")) in known:
                        form, file = known[key]
                        stream = archive.extractfile(member)
                        contents[form][file] = stream.read() if stream is not None else b""
                while unpacked.read(1 << 20):  # to the end, where gzip's checksum is verified
                    if unpacked.tell() > MOST_ARCHIVE:
                        raise IntegrityError(f"{path}: unpacks to more than {MOST_ARCHIVE:,} bytes")
    except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
        raise IntegrityError(f"{path}: not an archive (.tar.gz), or damaged ({error})") from error
    except OSError as error:
        if error.errno is None:  # by gzip
            raise IntegrityError(f"{path}: not an archive (.tar.gz), or damaged ({error})") from error
        raise StorageError(f"{path} cannot be read: {error.strerror or error}") from error
    form = max(FORMS, key=lambda one: len(contents[one]))
    missing = [file for file in form.files if file not in contents[form]]
    if missing:
        raise UsageError(f"{path} has no file {form.folder}/{missing[0]}")
    return CifarFiles(path, form, contents[form])


def _dictionary(data: bytes, where: str, admit: tuple[str, ...]) -> Mapping[str, Any]:
    """The content of a pickle whose keys are strings, or bytes where Python 3 wrote it."""
    found = load_pickle(data, where, admit=admit, max_bytes=MOST_FILE)
    if not isinstance(found, dict):
        raise IntegrityError(f"{where}: expected a dict, got {type(found).__name__}")
    return {key.decode("latin-1") if isinstance(key, bytes) else str(key): value for key, value in found.items()}
