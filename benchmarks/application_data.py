"""Writes the data sets of the applications into a folder, in the forms in which their authors publish them.

    ARCHWRIGHT_TEST_DATA=... python benchmarks/application_data.py [data]

The run files in configs/ read them from data/, beside configs/. Whoever downloads the original files
(docs/applications.md says where) does not need this: it is for the folder of data sets that the tests use.
"""

import argparse
import gzip
import os
import shutil
import struct
import wave
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VARIABLE = "ARCHWRIGHT_TEST_DATA"
TEXTS = ("sst2", "trec", "sms_spam")
TABLES = ("adult", "letter", "california_housing")


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """An array in the form of MNIST: two zeros, the type (8: uint8), the number of axes, their sizes, the values."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header + array.tobytes())


def mnist_like(source: Path, folder: Path) -> None:
    """The four files of MNIST and Fashion-MNIST."""
    with np.load(source) as stored:
        for part, name in (("train", "train"), ("test", "t10k")):
            write_idx(folder / f"{name}-images-idx3-ubyte.gz", stored[f"{part}_images"])
            write_idx(folder / f"{name}-labels-idx1-ubyte.gz", stored[f"{part}_labels"])


def cifar10(source: Path, folder: Path) -> None:
    """The binary form of CIFAR-10: a label, then the pixels of the red, the green and the blue channel."""
    batches = {f"train_{number}": f"data_batch_{number}.bin" for number in range(1, 6)} | {"test": "test_batch.bin"}
    for part, name in batches.items():
        with np.load(source / f"cifar10_{part}.npz") as stored:
            labels = stored["labels"].astype(np.uint8)
            pixels = stored["residual"].cumsum(axis=3, dtype=np.uint8).cumsum(axis=2, dtype=np.uint8)
        pixels[:, 0] += pixels[:, 1]
        pixels[:, 2] += pixels[:, 1]
        rows = np.concatenate([labels[:, None], pixels.reshape(len(pixels), -1)], axis=1)
        (folder / name).write_bytes(rows.tobytes())
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta.txt").write_text("\n".join(names) + "\n", encoding="utf-8")


def spoken_digits(source: Path, folder: Path) -> None:
    """The recordings of the Free Spoken Digit Dataset, with a list of their digits and speakers."""
    rows = ["path,digit,speaker"]
    with np.load(source) as stored:
        low_and_high = stored["audio_bytes"].T.copy().view("<i2").ravel()
        ends, rate = stored["offsets"], int(stored["sample_rate"].item())
        speakers = [str(name) for name in stored["speaker_names"]]
        clips = zip(stored["labels"], stored["speaker"], stored["take"], ends, ends[1:], strict=False)
        for digit, speaker, take, start, end in clips:
            name = f"{digit}_{speakers[speaker]}_{take}.wav"
            with wave.open(str(folder / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(low_and_high[start:end].tobytes())
            rows.append(f"{name},{digit},{speakers[speaker]}")
    (folder / "recordings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def unpacked(source: Path, target: Path) -> None:
    """A file without its gzip."""
    with gzip.open(source) as file, target.open("wb") as out:
        shutil.copyfileobj(file, out)


def write_all(source: Path, out: Path) -> Iterator[Path]:
    """Writes what is not there yet, and yields the path of each data set."""
    folders: Mapping[str, Callable[[Path], None]] = {
        "mnist": lambda to: mnist_like(source / "vision/mnist.npz", to),
        "fashion_mnist": lambda to: mnist_like(source / "vision/fashion_mnist.npz", to),
        "cifar-10-batches-bin": lambda to: cifar10(source / "vision", to),
        "free_spoken_digits": lambda to: spoken_digits(source / "audio/fsdd.npz", to),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, write in folders.items():
        if not (out / name).exists():
            half = out / f".{name}"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            write(half)
            half.rename(out / name)
        yield out / name
    shutil.copyfile(source / "vision/pneumoniamnist.npz", out / "pneumoniamnist.npz")
    yield out / "pneumoniamnist.npz"
    for kind, names, end in (("text", TEXTS, "tsv"), ("tabular", TABLES, "csv")):
        for name in names:
            unpacked(source / kind / f"{name}.{end}.gz", out / f"{name}.{end}")
            yield out / f"{name}.{end}"


def main() -> None:
    """Writes the data sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=Path(__file__).parents[1] / "data")
    folder = os.environ.get(VARIABLE)
    if not folder:
        parser.error(f"the environment variable {VARIABLE} names no folder with data sets")
    for path in write_all(Path(folder), parser.parse_args().out):
        print(path)


if __name__ == "__main__":
    main()
