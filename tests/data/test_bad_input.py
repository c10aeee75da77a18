"""Bad input of every kind, for every source that it can reach: a clear error that names the item, and nothing left."""

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from nas.data import load_data
from nas.data.columns import Columns
from nas.errors import ArchwrightError, UsageError
from tests.data.sounds import write_tone

Settings = Mapping[str, Any]


class Case(NamedTuple):
    """A way in which input can be bad: what is written, and what the error has to name."""

    name: str
    make: Callable[[Path], tuple[str, Settings]]
    names: str


def images(folder: Path, *, each: int = 5, classes: str = "cat dog") -> Path:
    for name in classes.split():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for place in range(each):
            Image.new("L", (4, 4), 10 * place).save(folder / name / f"{place}.png")
    return folder


def sounds(folder: Path, *, each: int = 5, classes: str = "low high") -> Path:
    for name in classes.split():
        for place in range(each):
            write_tone(folder / name / f"{place}.wav", 200 + 40 * place, 0.02)
    return folder


def texts(folder: Path, *, each: int = 5, classes: str = "ham spam") -> Path:
    for name in classes.split():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for place in range(each):
            (folder / name / f"{place}.txt").write_text(f"{name} number {place}", encoding="utf-8")
    return folder


FOLDERS: Mapping[str, Callable[..., Path]] = {"images": images, "sounds": sounds, "texts": texts}


def table(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder / name


def rows_of(source: str, folder: Path, change: Callable[[list[str]], None], **settings: Any) -> tuple[str, Settings]:
    """A table of 12 rows for a source, of which some lines are changed; the files that it lists are beside it."""
    if source == "table":
        lines = ["size,kind,label", *(f"{place * 7 % 12},{'pq'[place % 2]},{'ab'[place % 2]}" for place in range(12))]
    elif source == "texts":
        lines = ["text,label", *(f"the word is number {place},{'ab'[place % 2]}" for place in range(12))]
    else:
        FOLDERS[source](folder, each=6, classes="a b")
        suffix = {"images": "png", "sounds": "wav"}[source]
        lines = ["path,label", *(f"{label}/{place}.{suffix},{label}" for place in range(6) for label in "ab")]
    change(lines)
    return source, {"path": table(folder, "\n".join(lines) + "\n"), **settings}


def put(line: int, text: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[line] = text

    return change


def cut(line: int) -> Callable[[list[str]], None]:
    """Without the last cell: a ragged row."""

    def change(lines: list[str]) -> None:
        lines[line] = lines[line].rpartition(",")[0]

    return change


def gap(line: int) -> Callable[[list[str]], None]:
    """With an empty last cell: a target with a gap."""

    def change(lines: list[str]) -> None:
        lines[line] = lines[line].rpartition(",")[0] + ","

    return change


def spoilt(source: str, file: str, content: bytes, **settings: Any) -> Callable[[Path], tuple[str, Settings]]:
    """A folder of classes in which one file has another content."""

    def make(folder: Path) -> tuple[str, Settings]:
        path = FOLDERS[source](folder / "data")
        (path / file).write_bytes(content)
        return source, {"path": path, **settings}

    return make


def empty_class(source: str) -> Callable[[Path], tuple[str, Settings]]:
    def make(folder: Path) -> tuple[str, Settings]:
        path = FOLDERS[source](folder / "data")
        (path / "nothing").mkdir()
        return source, {"path": path}

    return make


def class_of_the_test_alone(source: str) -> Callable[[Path], tuple[str, Settings]]:
    def make(folder: Path) -> tuple[str, Settings]:
        for part, classes in (("train", "a b"), ("test", "a odd")):
            FOLDERS[source](folder / "data" / part, classes=classes)
        return source, {"path": folder / "data"}

    return make


def huge_png() -> bytes:
    """The head of an image of 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def idx_of_ten_gigabytes(folder: Path) -> tuple[str, Settings]:
    folder.joinpath("train-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 0x803, 1000, 2**12, 2**12))
    folder.joinpath("train-labels-idx1-ubyte").write_bytes(struct.pack(">II", 0x801, 1000))
    return "idx", {"path": folder}


def npz(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "d.npz", **arrays)
    return folder / "d.npz"


def npz_with_a_gap(folder: Path) -> tuple[str, Settings]:
    targets = np.array([0.5, np.nan] * 5)
    path = npz(folder, train_inputs=np.zeros((10, 2), np.float32), train_labels=targets)
    return "npz", {"path": path, "task": "regression"}


def npz_with_a_class_of_the_test_alone(folder: Path) -> tuple[str, Settings]:
    inputs = np.zeros((10, 2), np.float32)
    labels = np.array(["a", "b"] * 5)
    return "npz", {
        "path": npz(
            folder, train_inputs=inputs, train_labels=labels, test_inputs=inputs, test_labels=np.array(["odd"] * 10)
        )
    }


def archive_with_an_empty_sound(folder: Path) -> tuple[str, Settings]:
    arrays = {"offsets": np.array([0, 100, *range(100, 1000, 100)]), "labels": np.array(["a", "b"] * 5)}
    path = npz(folder, audio=np.zeros(900, np.float32), rate=np.array(8000), **arrays)
    return "sounds", {"path": path}


def rates(folder: Path) -> tuple[str, Settings]:
    path = sounds(folder / "data")
    write_tone(path / "low" / "odd.wav", 300, 0.02, rate=11025)
    return "sounds", {"path": path, "rate": "strict"}


def outside(source: str, cell: str) -> Callable[[Path], tuple[str, Settings]]:
    def make(folder: Path) -> tuple[str, Settings]:
        return rows_of(source, folder / "data", put(3, f"{cell},a"))

    return make


def latin(source: str) -> Callable[[Path], tuple[str, Settings]]:
    """A table in Latin-1."""

    def make(folder: Path) -> tuple[str, Settings]:
        name, settings = rows_of(source, folder, lambda lines: lines.append(lines[-1].rpartition(",")[0] + ",é"))
        path = settings["path"]
        path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
        return name, settings

    return make


def part_with_an_odd_class(folder: Path) -> tuple[str, Settings]:
    rows = [f"{place * 3 % 8},{'ab'[place % 2]},train" for place in range(8)] + ["8,odd,test", "9,a,test"]
    return "table", {"path": table(folder, "size,label,part\n" + "\n".join(rows) + "\n"), "target": "label"}


def changed(source: str, change: Callable[[list[str]], None]) -> Callable[[Path], tuple[str, Settings]]:
    def make(folder: Path) -> tuple[str, Settings]:
        return rows_of(source, folder, change)

    return make


LISTS = ("images", "sounds")
TABLES = ("table", "texts", *LISTS)
PNG = b"\x89PNG\r\n\x1a\n"

CASES = [
    Case("a corrupt image", spoilt("images", "cat/3.png", PNG + b"no image"), r"cat/3\.png"),
    Case("an image without bytes", spoilt("images", "cat/3.png", b""), r"cat/3\.png"),
    Case("a corrupt sound", spoilt("sounds", "low/3.wav", b"RIFF\0\0\0\0no sound"), r"low/3\.wav"),
    Case("a sound without bytes", spoilt("sounds", "low/3.wav", b""), r"low/3\.wav"),
    Case("a text in another encoding", spoilt("texts", "ham/3.txt", "né".encode("latin-1")), r"ham/3\.txt"),
    Case("an empty text", spoilt("texts", "ham/3.txt", b""), r"ham/3\.txt"),
    Case("a decompression bomb", spoilt("images", "cat/3.png", huge_png()), r"cat/3\.png"),
    Case("10 GB in an idx file", idx_of_ten_gigabytes, "train-images-idx3-ubyte"),
    Case("a sound of no length", archive_with_an_empty_sound, "sound 1"),
    Case("a sound of another rate", rates, r"low/odd\.wav: expected 8,000 samples a second, got 11,025"),
    Case("a target with a gap in an archive", npz_with_a_gap, "train"),
    Case("a class of the test alone in an archive", npz_with_a_class_of_the_test_alone, "'odd'"),
    Case("a class of the test alone in a table", part_with_an_odd_class, "'odd'"),
    *(Case(f"an empty class: {source}", empty_class(source), "nothing") for source in FOLDERS),
    *(Case(f"a class of the test alone: {source}", class_of_the_test_alone(source), "odd") for source in FOLDERS),
    *(
        Case(f"a path outside: {source}, {cell}", outside(source, cell), "line 4")
        for source, suffix in (("images", "png"), ("sounds", "wav"))
        for cell in (f"../up.{suffix}", f"/etc/up.{suffix}")
    ),
    *(Case(f"a ragged row: {source}", changed(source, cut(5)), "line 6") for source in TABLES),
    *(Case(f"a gap in the target: {source}", changed(source, gap(5)), "line 6") for source in TABLES),
    *(Case(f"a table in another encoding: {source}", latin(source), r"line 14|byte") for source in TABLES),
]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ARCHWRIGHT_CACHE", str(folder))
    return folder


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_bad_input_is_an_error_that_names_the_item(case: Case, tmp_path: Path, cache: Path) -> None:
    source, settings = case.make(tmp_path)
    with pytest.raises(ArchwrightError, match=case.names):
        load_data(source, **settings)
    assert [*cache.rglob("*")] == [], "nothing half-made is left"


SKIPPED = [
    spoilt("images", "cat/3.png", PNG),
    spoilt("sounds", "low/3.wav", b""),
    spoilt("texts", "ham/3.txt", b"\xff\xfe\xff"),
    *(changed(source, cut(5)) for source in TABLES),
    *(changed(source, gap(5)) for source in TABLES),
]


@pytest.mark.parametrize("make", SKIPPED)
def test_bad_items_are_left_out_and_counted_if_that_is_allowed(
    make: Callable[[Path], tuple[str, Settings]], tmp_path: Path
) -> None:
    source, settings = make(tmp_path)
    data = load_data(source, **settings, on_error="skip", skip_share=0.2)
    assert data.test is not None
    whole = 10 if settings["path"].is_dir() else 12
    assert len(data.train) + len(data.val) + len(data.test) == whole - 1
    assert any(note.startswith("1 of ") for note in data.notes), data.notes
    with pytest.raises(UsageError, match=r"skip_share is 0\.01"):
        load_data(source, **settings, on_error="skip")


@pytest.mark.parametrize("source", FOLDERS)
def test_links_in_a_circle_end(source: str, tmp_path: Path) -> None:
    path = FOLDERS[source](tmp_path / "data")
    for name in sorted(path.iterdir()):
        (name / "again").symlink_to(path, target_is_directory=True)
    with pytest.raises(UsageError, match=r"circle|loop|link"):
        load_data(source, path=path)


def test_a_column_that_is_constant_is_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{place * 7 % 20},1,{'ab'[place % 2]}\n" for place in range(20))
    data = load_data("table", path=table(tmp_path, f"size,same,label\n{rows}"))
    assert data.shape == (1,)
    assert any("with one value: same" in note for note in data.notes)


def test_what_is_unknown_at_prediction(tmp_path: Path) -> None:
    _, settings = rows_of("table", tmp_path, put(0, "size,kind,label"))
    data = load_data("table", **settings)
    assert data.preparation is not None
    new = Columns({"size": np.array([3.0]), "kind": np.array(["never seen"], object)}, "new.csv", np.array([2]), "line")
    assert data.preparation(new).tolist() == [[3.0, 0.0]], "a category never seen has the code 0"
    with pytest.raises(UsageError, match=r"new\.csv has no column 'kind'"):
        data.preparation(new.without(["kind"]))


@pytest.mark.parametrize("source", ["images", "sounds", "texts"])
def test_more_than_the_memory_holds(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = FOLDERS[source](tmp_path / "data")
    for module in ("nas.data.storage", "nas.data.preparation.texts"):
        monkeypatch.setattr(f"{module}.available_bytes", lambda: 100)
    monkeypatch.setenv("ARCHWRIGHT_CACHE_GIB", "0")
    settings = {} if source == "texts" else {"storage": "memory"}
    with pytest.raises(UsageError, match="of memory"):
        load_data(source, path=path, **settings)
    if source != "texts":
        assert any("streamed" in note for note in load_data(source, path=path).notes), "it is read all the same"
