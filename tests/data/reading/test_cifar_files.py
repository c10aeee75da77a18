"""The official files of CIFAR, rebuilt small: as Python 2 pickled them, and as records of bytes."""

import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.reading.cifar_files import FORMS, Form, form_at, read_cifar
from nas.errors import IntegrityError, StorageError, UsageError

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 3072), dtype=np.uint8)
LABELS = [0, 1, 0, 1, 0, 1, 0, 1]
NAMES = {"labels": "cat dog", "coarse_labels": "pets plants", "fine_labels": "cat rose"}


def _text(content: str) -> bytes:
    return b"U" + bytes([len(content)]) + content.encode()


def _pickled(labels: dict[str, list[int]]) -> bytes:
    """The opcodes of cPickle, protocol 2, as in the official files."""
    numbers = b"".join(
        _text(key) + b"](" + b"".join(b"K" + bytes([one]) for one in values) + b"e" for key, values in labels.items()
    )
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87R(K\x01"
        + bytes([ord("K"), len(IMAGES)])
        + b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        + b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + b"T"
        + struct.pack("<I", IMAGES.size)
        + IMAGES.tobytes()
        + b"tb"
    )
    return b"\x80\x02}(" + _text("batch_label") + _text("batch 1") + numbers + _text("data") + array + b"u."


def cifar_files(form: Form) -> dict[str, bytes]:
    """The files of a form, each with the same eight images of two classes."""
    if form.pickled:
        batch = _pickled(dict.fromkeys(form.labels, LABELS))
        meta = {key: NAMES[label].split() for key, label in zip(form.keys, form.labels, strict=True)}
        return {**dict.fromkeys((*form.train, form.test), batch), form.names[0]: pickle.dumps(meta, protocol=2)}
    columns = [np.array(LABELS, np.uint8)[:, None]] * len(form.labels)
    batch = np.concatenate([*columns, IMAGES], axis=1).tobytes()
    names = {
        file: NAMES[label].replace(" ", "\n") + "\n\n" for file, label in zip(form.names, form.labels, strict=True)
    }
    return {**dict.fromkeys((*form.train, form.test), batch), **{file: text.encode() for file, text in names.items()}}


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Writes files into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_archive(path: Path, files: dict[str, bytes], mode: Any = "w:gz") -> Path:
    """Writes an archive whose members have these names."""
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.folder)
def test_each_form(form: Form, tmp_path: Path) -> None:
    files = cifar_files(form)
    folder = write_folder(tmp_path / "here" / form.folder, files)
    inside = {f"./{form.folder}/{name}": content for name, content in files.items()}
    for path in (folder, folder.parent, write_archive(tmp_path / "some.tar.gz", inside)):
        found = read_cifar(path)
        assert found.form == form
        for key in form.labels:
            assert found.class_names(key) == NAMES[key].split()
        for file in (*form.train, form.test):
            pixels, numbers = found.images(file, form.labels[-1])
            assert np.array_equal(pixels, IMAGES.reshape(8, 3, 32, 32))
            assert numbers.tolist() == LABELS
        assert form_at(path) is None or path.is_dir()
    stem = form.folder.replace("batches-py", "python").replace("batches-bin", "binary")
    assert form_at(tmp_path / f"{stem}.tar.gz") == (form, f"its name begins with {stem}")


def test_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none: there is no such file or folder"):
        read_cifar(tmp_path / "none")
    with pytest.raises(UsageError, match="has not all files of one of the forms cifar-10-batches-py, "):
        read_cifar(tmp_path)
    assert form_at(tmp_path) is None
    files = cifar_files(FORMS[0])
    del files["data_batch_3"]
    path = write_archive(tmp_path / "a.tar.gz", {f"{FORMS[0].folder}/{name}": data for name, data in files.items()})
    with pytest.raises(UsageError, match="has no file cifar-10-batches-py/data_batch_3"):
        read_cifar(path)


def test_archives_that_are_damaged_or_something_else(tmp_path: Path) -> None:
    form = FORMS[1]
    path = write_archive(tmp_path / "a.tar.gz", {f"{form.folder}/{k}": v for k, v in cifar_files(form).items()})
    data = path.read_bytes()
    for content in (
        b"",
        b"no archive",
        data[:100],
        data[: len(data) // 2],
        data[:-30],
        data[:3000] + b"?" + data[3001:],
    ):
        path.write_bytes(content)
        with pytest.raises((IntegrityError, UsageError), match=r"a\.tar\.gz(: not an archive|: unpacks| has no file)"):
            read_cifar(path)


def test_members_outside_the_folder_are_not_read_and_nothing_is_written(tmp_path: Path) -> None:
    form = FORMS[1]
    files = cifar_files(form)
    inside = {f"{form.folder}/{name}": content for name, content in files.items()}
    strange = {f"/{form.folder}/test_batch.bin": b"x", f"../{form.folder}/test_batch.bin": b"x", "../evil": b"x"}
    (tmp_path / "in").mkdir()
    path = write_archive(tmp_path / "in" / "a.tar", {**strange, **inside}, "w")
    assert len(read_cifar(path).images("test_batch.bin", "labels")[1]) == 8
    with tarfile.open(path, "a") as archive:  # a link in place of a file, and a second copy
        link = tarfile.TarInfo(f"{form.folder}/data_batch_1.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert len(read_cifar(path).images("data_batch_1.bin", "labels")[1]) == 8
    assert [found.name for found in tmp_path.rglob("*")] == ["in", "a.tar"]


def test_archives_that_unpack_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.data.reading.cifar_files.MOST_ARCHIVE", 50_000)
    path = write_archive(tmp_path / "a.tar.gz", {"zeros": bytes(100_000)})
    with pytest.raises(IntegrityError, match=r"a\.tar\.gz: unpacks to more than 50,000 bytes"):
        read_cifar(path)
    monkeypatch.setattr("nas.data.reading.cifar_files.MOST_FILE", 1000)
    with pytest.raises(IntegrityError, match="has more than 1,000 bytes"):
        read_cifar(write_folder(tmp_path / "here", cifar_files(FORMS[1])))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "test_batch: the pickle is damaged"),
        (b"\x80\x02cos\nsystem\nU\x02ls\x85R.", r"test_batch: the pickle asks for os\.system, which is refused"),
        (pickle.dumps([1], protocol=2), "test_batch: expected a dict, got list"),
        (pickle.dumps({}, protocol=2), r"test_batch: expected images as uint8 \(N, 3072\), got object \(\)"),
        (_pickled({"labels": LABELS[:3]}), "test_batch: expected 8 whole numbers as 'labels'"),
        (_pickled({"labels": LABELS}).replace(b"M\x00\x0c", b"M\x00\x0b"), "test_batch: the pickle is damaged"),
    ],
)
def test_damaged_pickles(content: bytes, message: str, tmp_path: Path) -> None:
    files = read_cifar(write_folder(tmp_path, {**cifar_files(FORMS[0]), "test_batch": content}))
    with pytest.raises(IntegrityError, match=message):
        files.images("test_batch", "labels")


def test_damaged_records_and_names(tmp_path: Path) -> None:
    cut = {**cifar_files(FORMS[1]), "test_batch.bin": bytes(3000), "batches.meta.txt": b"\xff"}
    files = read_cifar(write_folder(tmp_path / "binary", cut))
    with pytest.raises(IntegrityError, match=r"test_batch\.bin: expected images of 3,073 bytes each, got 3,000 bytes"):
        files.images("test_batch.bin", "labels")
    with pytest.raises(IntegrityError, match=r"batches\.meta\.txt is damaged"):
        files.class_names("labels")
    names = {**cifar_files(FORMS[0]), "batches.meta": pickle.dumps({"label_names": 3}, protocol=2)}
    with pytest.raises(IntegrityError, match=r"batches\.meta has no list of names 'label_names'"):
        read_cifar(write_folder(tmp_path / "python", names)).class_names("labels")


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "here", cifar_files(FORMS[1]))
    archive = write_archive(tmp_path / "a.tar", {}, "w")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    for path in (folder, archive):
        with pytest.raises(StorageError, match="cannot be read: Permission denied"):
            read_cifar(path)
