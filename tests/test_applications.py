"""The run files of applications, on small data of the same forms: those that docs/applications.md names are not part of
the project."""

import gzip
import importlib
import shutil
import struct
import wave
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.check import check_files

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def write_images(folder: Path) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (100, 28, 28), dtype=np.uint8), (np.arange(100) % 10).astype(np.uint8)
    for name in ("mnist", "fashion_mnist"):
        (folder / name).mkdir()
        for part in ("train", "t10k"):
            write_idx(folder / name / f"{part}-images-idx3-ubyte.gz", images)
            write_idx(folder / name / f"{part}-labels-idx1-ubyte.gz", labels)
    arrays: dict[str, Any] = {f"{part}_images": images for part in ("train", "val", "test")}
    arrays |= {f"{part}_labels": (labels % 2)[:, None] for part in ("train", "val", "test")}
    np.savez(folder / "pneumoniamnist.npz", **arrays)
    official = folder / "cifar-10-batches-bin"
    official.mkdir()
    pixels = rng.integers(0, 256, (10_000, 3072), dtype=np.uint8)
    batch = np.concatenate([np.resize(labels, 10_000)[:, None], pixels], axis=1).tobytes()
    (official / "batches.meta.txt").write_text("\n".join("abcdefghij") + "\n")
    (official / "data_batch_1.bin").write_bytes(batch)
    for name in (*(f"data_batch_{number}.bin" for number in range(2, 6)), "test_batch.bin"):
        (official / name).hardlink_to(official / "data_batch_1.bin")


def write_sounds(folder: Path) -> None:
    folder.mkdir()
    lines = ["path,digit,speaker"]
    for speaker in ("anna", "ben", "carl", "dora", "emil", "fay"):
        for digit in range(10):
            with wave.open(str(folder / f"{digit}_{speaker}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes(np.arange(4000, dtype="<i2").tobytes())
            lines.append(f"{digit}_{speaker}.wav,{digit},{speaker}")
    (folder / "recordings.csv").write_text("\n".join(lines) + "\n")


def write_texts(folder: Path) -> None:
    words = "one two three four five six seven eight"
    for name, header, part, labels in (
        ("sst2", "split\tlabel\ttext", ("train", "train", "dev", "test"), ("0", "1")),
        ("trec", "split\tcoarse\tfine\ttext", ("train", "train", "test"), ("DESC\tmanner", "HUM\tind")),
        ("sms_spam", "label\ttext", (), ("ham", "spam")),
    ):
        parts = cycle([f"{name}\t" for name in part] or [""])
        rows = [f"{next(parts)}{label}\t{words} {number % 7}" for number in range(30) for label in labels]
        (folder / f"{name}.tsv").write_text("\n".join([header, *rows]) + "\n")


def write_tables(folder: Path) -> None:
    columns = "x-box,y-box,width,high,onpix,x-bar,y-bar,x2bar,y2bar,xybar,x2ybr,xy2br,x-ege,xegvy,y-ege,yegvx,class"
    rows = [",".join([*map(str, np.roll(range(16), shift)), "AB"[shift % 2]]) for shift in range(60)]
    (folder / "letter.csv").write_text("\n".join([columns, *rows]) + "\n")
    columns = "split,age,workclass,capital_gain,capital_loss,native_country,income"
    rows = [
        f"{'train' if age % 4 else 'test'},{age},{'Private' if age % 5 else '?'},{7 * age},{age % 9 + 1},Cuba,"
        f"{'<=50K' if age % 2 else '>50K'}"
        for age in range(20, 80)
    ]
    (folder / "adult.csv").write_text("\n".join([columns, *rows]) + "\n")
    rows = [f"{-120 - row / 7:f},{35 + row / 9:f},{row % 50}.0,{1000.0 * row + 15000}" for row in range(60)]
    header = "longitude,latitude,housingMedianAge,medianHouseValue"
    (folder / "california_housing.csv").write_text("\n".join([header, *rows]) + "\n")


@pytest.fixture(scope="module")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of the run files, beside data."""
    folder = tmp_path_factory.mktemp("applications")
    data = folder / "data"
    data.mkdir()
    write_images(data)
    write_sounds(data / "free_spoken_digits")
    write_texts(data)
    write_tables(data)
    (folder / "search_spaces").symlink_to(ROOT / "search_spaces")
    shutil.copytree(ROOT / "configs", folder / "configs", ignore=shutil.ignore_patterns("comparisons"))
    return folder / "configs"


@pytest.mark.parametrize("name", NAMES)
def test_the_run_files_of_applications_are_valid(name: str, configs: Path) -> None:
    pytest.importorskip("soundfile", reason="sounds need the extra `sound`") if name == "spoken_digits" else None
    report = check_files([configs / f"{name}.yaml"])
    assert (*report.problems, *report.errors) == ()


def test_the_table_of_applications_is_that_of_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    benchmark = importlib.import_module("applications")
    text = (ROOT / "docs" / "applications.md").read_text(encoding="utf-8")
    assert benchmark.with_table(text, benchmark.table(benchmark.kept())) == text
    assert {*benchmark.APPLICATIONS, "cifar10"} == {*NAMES}
    assert all(f"| `{name}`" in text or f", `{name}` |" in text for name in NAMES)


def test_histograms_of_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edges are in the bins of their directions, in each block of cells, whatever their contrast."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    histograms = importlib.import_module("gradient_histograms").GradientHistograms()
    ramp = np.arange(16, dtype=np.uint8)
    down = np.broadcast_to(ramp[:, None], (16, 16))
    images = np.stack([down.T, down, down[::-1], 10 * down, (ramp[:, None] + ramp) // 2])[:, None]
    found = histograms(images).reshape(5, 3, 3, 4, 9)
    assert np.allclose(np.square(found).sum(axis=(3, 4)), 1, atol=0.01)
    assert (found[0] > 0.4).sum() == found[0, ..., 0].size, "to the right: an angle of 0"
    assert np.allclose(found[1, ..., 4], found[1, ..., 5], atol=1e-6), "down: 90 degrees, between two bins"
    assert found[1][..., [0, 1, 2, 3, 6, 7, 8]].max() == 0
    assert np.allclose(found[1], found[2], atol=1e-6), "gradients have no sign"
    assert np.allclose(found[1], found[3], atol=1e-3)
    assert found[4].argmax(axis=-1).max() == found[4].argmax(axis=-1).min() == 2, "45 degrees"
    assert np.array_equal(histograms.fit(images, np.array([3, 1])), histograms(images)[[3, 1]])
